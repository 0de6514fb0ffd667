// The words about taking an import back, in English.

import { localeOf } from '../preferences.ts';

const number = new Intl.NumberFormat(localeOf('en'));
const count = (n: number, one: string, other: string) => `${number.format(n)} ${n === 1 ? one : other}`;

export const undoInEnglish = {
  takeBack: {
    open: 'Take this import back …',
    title: 'Take this import back?',
    effects: {
      removed: 'People whom it created go again.',
      reversed: 'Others get back the number and the permission they had before.',
      kept: 'Those whom a later import changed or confirmed, who have opted out since, or whose former number somebody else keeps stay as they are.',
    },
    after: 'The evidence remains: what the import did, and who took it back. The file can be imported again.',
    by: 'Who takes it back',
    byMissing: 'Say who you are, in a word or two',
    reason: 'Why',
    optional: 'may be left out',
    cancel: 'Leave it as it is',
    close: 'Close',
    confirm: 'Take it back',
    waiting: 'Taking it back …',
  },

  undone: {
    title: 'This import is taken back',
    text: 'What became of the people whom it had changed',
    reversed: 'As before',
    removed: 'Removed',
    kept: 'Left as they are',
    because: {
      'later-import': (n: number) => `${count(n, 'person', 'people')}: a later import changed or confirmed them.`,
      'own-opt-out': (n: number) => `${count(n, 'person', 'people')}: they have opted out since.`,
      'number-taken': (n: number) =>
        `${count(n, 'person', 'people')}: the number they had before belongs to somebody who keeps it.`,
    },
    more: (n: number) => `and ${number.format(n)} more`,
    by: 'Taken back by',
    reason: 'Why',
    noReason: 'not said',
    at: 'Taken back',
    had: 'What it had done',
  },
};
