// The words of the table and of everything else between the verdict and the import, in English.

import { localeOf } from '../preferences.ts';

const number = new Intl.NumberFormat(localeOf('en'));
const count = (n: number, one: string, other: string) => `${number.format(n)} ${n === 1 ? one : other}`;

export const tableInEnglish = {
  table: {
    title: 'Rows',
    label: (rows: number) => `Rows of the file: ${number.format(rows)}. Arrow keys move, Enter changes a cell.`,
    text: 'Double-click a cell, or press Enter on it, to change it. The file on your disk stays as it is.',
    show: 'Show',
    filters: {
      all: 'all rows',
      rejected: 'rejected',
      warned: 'with a warning',
      changed: 'changed by you',
    },
    search: 'Find in the rows',
    nextBad: 'Next rejected row',
    previousBad: 'Previous rejected row',
    noBad: 'No row that is shown is rejected.',
    showing: (n: number, of: number) =>
      n === of ? count(n, 'row', 'rows') : `${number.format(n)} of ${count(of, 'row', 'rows')}`,
    nothing: 'No row is like this.',
    row: 'Row',
    verdict: 'Verdict',
    fine: { in: 'Opt-in', out: 'Opt-out' },
    rejected: 'rejected',
    warned: 'accepted, with a warning',
    was: 'changed',
    edit: (row: number, column: string) => `Row ${number.format(row)}, ${column}`,
    more: (n: number) => `${count(n, 'more column is', 'more columns are')} not shown here.`,
    undo: 'Undo',
    redo: 'Redo',
    toRows: 'Show these rows',
  },
  mend: {
    title: 'Mend many rows at once',
    text: 'A rule changes what is imported, never the file on your disk. Every step can be undone.',
    zero: 'Every 0 is an opt-out',
    country: 'Numbers without a country code are from',
    values: 'These values mean',
    optIn: 'opt-in',
    optOut: 'opt-out',
    reject: 'leave out',
    column: 'In the column',
    spaces: 'Remove spaces, dots and brackets',
    apply: 'Apply',
    from: 'Cells that say',
    to: 'shall say',
    replace: 'Replace in every row',
    done: 'Applied. The file is checked again.',
  },
  corrected: {
    note: (n: number) =>
      n === 0 ? 'Rules of yours change this file.' : `${count(n, 'row is', 'rows are')} changed by you.`,
    sends: (name: string) => `What is imported is the corrected file, ${name}.`,
    download: 'Download the corrected file',
  },
  asLastTime: {
    text: 'Read like the last file with these columns.',
    forget: 'Read it afresh',
  },
  trial: {
    ask: 'Try it first',
    title: 'What the import would change',
    text: 'Tried on the people who are known now. Nothing was written, and the host has forgotten the file.',
    sending: (done: string, total: string) => `${done} of ${total} sent for the trial`,
    waiting: 'The host compares it with everybody it knows …',
    stop: 'Stop the trial',
    conflicts: 'Where identifiers disagree',
    none: 'No identifiers disagree.',
  },
  resume: {
    running: (name: string) => `${name} is being imported`,
    runningText: 'The import goes on at the host, whatever happens to this page.',
    follow: 'Follow it',
    unsent: (name: string) => `Sending ${name} was interrupted`,
    unsentText:
      'The host did not get all of it, so nothing of it was imported. Choose the file again: it is read as you had said.',
    unsentCorrected: 'Your corrections in the page are gone; those of the settings are kept.',
    dismiss: 'Forget it',
  },
};
