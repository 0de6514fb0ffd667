// Every word of the panel in English. `Messages` is the shape that each other language must fill.
// All these lines are together because a word is looked for in one place; large pages have files of their own.

import { localeOf } from '../preferences.ts';
import type { TroubleKind } from '../trouble.ts';
import { accessInEnglish } from './access.en.ts';
import { healthInEnglish } from './health.en.ts';
import { campaignsInEnglish } from './campaigns.en.ts';
import { eventsInEnglish } from './events.en.ts';
import { homeInEnglish } from './home.en.ts';
import { templatesInEnglish } from './templates.en.ts';
import { tableInEnglish } from './table.en.ts';
import { personInEnglish } from './person.en.ts';
import { undoInEnglish } from './undo.en.ts';

const number = new Intl.NumberFormat(localeOf('en'));
const count = (n: number, one: string, other: string) => `${number.format(n)} ${n === 1 ? one : other}`;

export interface TroubleWords {
  title: string;
  cause: string;
  cure: string;
}

export const en = {
  name: 'English',
  skip: 'Skip to the content',
  nav: { label: 'Pages', import: 'Import', history: 'History', profiles: 'Profiles', templates: 'Templates', connect: 'Connect WhatsApp' },
  switchLanguage: 'Language',
  toDark: 'Use the dark theme',
  toLight: 'Use the light theme',
  copy: 'Copy',
  copied: 'Copied',
  retry: 'Try again',
  loading: 'Asking the host …',
  found: 'Details',
  nowhere: {
    title: 'There is no page here',
    text: 'The address may be mistyped, or the page has moved.',
    cure: 'Go to the start page',
  },

  start: {
    title: 'Bring your consent list',
    lead: 'See in seconds who you may message on WhatsApp, and what is wrong with the rest. Your file is checked on this computer; nothing is sent until you say so.',
    drop: 'Drop your CSV or Excel file here',
    or: 'or',
    choose: 'Choose a file',
    release: 'Let go to check this file',
    size: 'Any size. Comma, semicolon or tab. UTF-8 or Excel’s own encoding. Of a workbook, the first sheet.',
    trySample: 'Try it with the sample',
    getSample: 'Download the sample',
    shape: 'What the file looks like',
    shapeText: 'One person per row. Two columns must be there, the others help to recognise people.',
    required: 'needed',
    optional: 'optional',
    columns: {
      wpNumber: 'WhatsApp number with country code',
      permission: '1 = opt-in, 2 = opt-out',
      exid: 'your own id for the person',
      email: 'e-mail address',
      msisdn: 'phone number with country code',
      attribute: 'kept with the profile',
    },
    steps: [
      { title: 'Checked here', text: 'Every row is judged in your browser, by the same engine that the host uses.' },
      { title: 'Explained', text: 'Each finding says where it is, why it matters and what to do about it.' },
      { title: 'Kept as evidence', text: 'Every change of consent keeps its file, row and reason, for good.' },
    ],
  },

  check: {
    title: 'Checking your file',
    read: (done: string, total: string) => `${done} of ${total} read`,
    rows: (n: number) => count(n, 'row so far', 'rows so far'),
    cancel: 'Cancel',
    again: 'Checking again …',
    announce: (name: string) => `Checking ${name}`,
    firstFindings: 'First findings',
  },

  verdict: {
    documentTitle: 'Verdict',
    all: (n: number) =>
      n === 1 ? 'Your one row is ready to import' : `All ${number.format(n)} rows are ready to import`,
    some: (n: number, of: number) => `${number.format(n)} of ${count(of, 'row is', 'rows are')} ready to import`,
    none: (n: number): string => (n === 0 ? 'There are no rows in this file' : 'No row can be imported as it stands'),
    refused: 'This file cannot be used yet',
    refusedText: 'Nothing is lost: correct the file, or say here what its columns mean and how to read it.',
    stillHere: 'The file has not left your computer',
    other: 'Another file',
    rows: 'Rows',
    accepted: 'Accepted',
    rejected: 'Rejected',
    warned: 'With a warning',
    optIn: 'Opt-in',
    optOut: 'Opt-out',
    picture: 'Rows by outcome',
    repeated: (n: number) =>
      `${count(n, 'row repeats a number', 'rows repeat a number')} from earlier in this file; the later row decides.`,
    repeatsIncomplete: 'There were more different numbers than are remembered, so some repeats were not seen.',
    import: (n: number) => `Import ${count(n, 'row', 'rows')}`,
    leftOut: (n: number) => `${count(n, 'rejected row stays', 'rejected rows stay')} out.`,
    nothingLeftOut: 'Every row goes in.',
    judgedAgain: 'The host judges the file again and compares.',
    download: (n: number) => `Download ${count(n, 'rejected row', 'rejected rows')}`,
    downloadText: 'Each with its code and reason, ready to be corrected and dropped here again.',
    downloadName: (name: string) => `${name}-rejected.csv`,
    announce: (rows: number, accepted: number, rejected: number, warned: number) =>
      `Checked: ${count(rows, 'row', 'rows')}, ${number.format(accepted)} accepted, ${number.format(rejected)} rejected, ${number.format(warned)} with a warning. Nothing was sent.`,
  },

  findings: {
    title: 'What was found',
    none: 'Nothing to report: every row is clean.',
    error: 'error',
    warning: 'warning',
    why: 'Why it matters',
    cure: 'What to do',
    places: 'Where',
    row: 'Row',
    line: 'Line',
    column: 'Column',
    foundThere: 'Found',
    fix: 'Write',
    note: 'Note',
    empty: 'empty',
    more: (n: number) => `Show ${number.format(n)} more`,
    omitted: (n: number) => `${number.format(n)} more, counted but not listed.`,
  },

  columns: {
    title: 'Columns',
    ignored: 'not used',
    attribute: 'attribute',
    use: (header: string) => `Use of the column “${header}”`,
    unnamed: '(no name)',
    more: (n: number) => `Show ${count(n, 'more column', 'more columns')}`,
  },

  regions: {
    title: 'People by country',
    text: 'Accepted rows, by the country of the number.',
    world: 'International numbers',
    unknown: (code: string) => `Unknown (${code})`,
    others: (n: number) => count(n, 'other country', 'other countries'),
  },

  options: {
    title: 'Read it differently',
    text: 'A change is judged again at once.',
    auto: 'Find out by itself',
    country: 'Country of numbers without a country code',
    noCountry: 'None: they are rejected',
    permission: 'Values of the permission column',
    permissions: {
      published: '1 yes, 2 no',
      zero: '1 yes, 0 no',
      words: 'yes, no',
      turkish: 'evet, hayır',
      own: 'Other values …',
    },
    ownPermission: 'Your values',
    ownPermissionHint: 'Each value with in, out or reject: A=in,P=out',
    delimiter: 'Delimiter',
    encoding: 'Encoding',
    encodings: {
      'utf-8': 'Unicode (UTF-8)',
      'windows-1254': 'Turkish (Windows-1254)',
      'windows-1252': 'Western (Windows-1252)',
      'windows-1250': 'Central European (Windows-1250)',
      'windows-1251': 'Cyrillic (Windows-1251)',
      'windows-1256': 'Arabic (Windows-1256)',
    },
    unassigned: 'Reject numbers of ranges that are not assigned yet',
    asOf: 'Day the consents were collected',
    asOfHint: 'Only a yes collected after a person’s own opt-out can lift it.',
  },

  delimiters: { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' } as { [sign: string]: string },
  columnCount: (n: number) => count(n, 'column', 'columns'),

  sending: {
    title: 'Sending your file',
    sent: (done: string, total: string) => `${done} of ${total} sent`,
    waiting: 'All sent. The host is taking it in …',
    stop: 'Stop sending',
  },

  known: {
    title: 'This file is already imported',
    text: (name: string, when: string) =>
      `${name} was imported on ${when}, and nothing has been imported since. There is nothing to do.`,
    open: 'See that import',
    other: 'Import another file',
  },

  result: {
    documentTitle: (id: string) => `Import ${id}`,
    accepted: 'The host has your file',
    checking: 'The host is judging the file',
    applying: 'The rows are being written',
    phaseChecking: (done: string, total: string) => `${done} of ${total} judged`,
    phaseApplying: (done: string, total: string) => `${done} of ${total} rows written`,
    waiting: 'The connection to the host is interrupted. The import goes on there; this page follows again by itself.',
    leave: 'You may leave this page; the import goes on.',
    committed: (created: number, updated: number, rejected: number) =>
      created > 0 && updated > 0
        ? `${count(created, 'profile', 'profiles')} created, ${number.format(updated)} updated`
        : created > 0
          ? `${count(created, 'profile', 'profiles')} created`
          : updated > 0
            ? `${count(updated, 'profile', 'profiles')} updated`
            : rejected > 0
              ? `Nothing was changed, ${count(rejected, 'row', 'rows')} rejected`
              : 'Nothing had to be changed',
    dryRun: 'A trial: nothing was written',
    refused: 'The host has refused this file',
    refusedText: 'As a whole it cannot be used, so nothing of it was written. What is named below says why.',
    failed: 'The import has failed',
    failedText: 'What was committed before stays. Importing the same file again continues safely.',
    already: 'This file was already imported',
    created: 'Created',
    updated: 'Updated',
    unchanged: 'Unchanged',
    kept: 'Opt-out kept',
    rejected: 'Rejected',
    movedNumbers: 'Numbers moved',
    picture: 'Rows by what became of them',
    moved: (n: number) => `${count(n, 'number has', 'numbers have')} moved from one profile to another.`,
    keptText: (n: number) =>
      `${count(n, 'person has', 'people have')} opted out in person, which outranks a file. A later day of collection can lift it.`,
    conflicts: (n: number) => `${count(n, 'row names', 'rows name')} more than one known profile. See the findings.`,
    differs: (n: number) =>
      `${count(n, 'row differs', 'rows differ')} from its profile in a stronger identifier: perhaps two people.`,
    optIns: (n: number) => count(n, 'opt-in', 'opt-ins'),
    optOuts: (n: number) => count(n, 'opt-out', 'opt-outs'),
    seeProfiles: 'See the profiles',
    another: 'Import another file',
    evidence: 'Evidence',
    same: 'Same verdict as in your page',
    different: 'Not the verdict of your page',
    differentText:
      'The browser sent another digest. The host’s verdict, shown here, is the one that counts. Another version of the engine is the usual reason.',
    digest: 'Digest of the verdict',
    engine: 'Engine',
    engineVersion: (version: string, metadata: string) => `${version}, numbering plans ${metadata}`,
    file: 'SHA-256 of the file',
    received: 'Received',
    asOf: 'Collected',
    override: 'Reason for lifting opt-outs',
  },

  ...accessInEnglish,
  ...healthInEnglish,
  ...undoInEnglish,
  ...personInEnglish,
  ...tableInEnglish,

  history: {
    find: 'File or import',
    everyState: 'every state',
    groups: { running: 'under way', committed: 'imported', undone: 'taken back', failed: 'failed or refused' } as {
      [group: string]: string;
    },
    noneLikeThis: 'No import is like this.',
    kept: (n: number) => count(n, 'opt-out kept', 'opt-outs kept'),
    title: 'History',
    lead: 'Every file that came in, newest first.',
    empty: 'Nothing has been imported yet',
    emptyText: 'Your first import will stand here, with everything that became of it.',
    toImport: 'Import a file',
    file: 'File',
    when: 'When',
    state: 'State',
    rows: 'Rows',
    outcome: 'Outcome',
    unnamed: 'file without a name',
    changes: (created: number, updated: number, rejected: number) =>
      `${number.format(created)} created, ${number.format(updated)} updated, ${number.format(rejected)} rejected`,
    unchanged: (rows: number) => `${number.format(rows)} unchanged`,
    undone: (reversed: number, removed: number, kept: number) =>
      `${number.format(reversed)} as before, ${number.format(removed)} removed, ${number.format(kept)} left as they are`,
  },

  states: {
    accepted: 'waiting',
    checking: 'being judged',
    applying: 'being written',
    committed: 'imported',
    refused: 'refused',
    failed: 'failed',
    undone: 'taken back',
    dry_run: 'trial',
    already_imported: 'already imported',
  },

  profiles: {
    title: 'Profiles',
    total: (n: number) => count(n, 'person', 'people'),
    search: 'Find a person',
    searchHint: 'Number in any spelling, e-mail, ExID or profile',
    go: 'Find',
    all: 'Show everybody',
    hits: (n: number, q: string) =>
      n === 0 ? `Nobody matches “${q}”` : `${count(n, 'person matches', 'people match')} “${q}”`,
    noHit: 'A search matches a whole number, e-mail address, ExID or profile. Check for a missing digit or letter.',
    empty: 'Nobody is here yet',
    emptyText: 'Profiles appear as soon as a consent file has been imported.',
    toImport: 'Import a file',
    number: 'WhatsApp number',
    exid: 'ExID',
    email: 'E-mail',
    msisdn: 'Phone',
    permission: 'Permission',
    changed: 'Changed',
    noNumber: 'no number',
    next: 'Next page',
    first: 'First page',
    paging: 'Pages of the table',
    export: 'Export',
    exportCsv: 'CSV',
    exportExcel: 'CSV for Excel',
    exportJsonl: 'JSON lines',
  },

  permission: { opt_in: 'Opted in', opt_out: 'Opted out', none: 'No consent' },

  timeline: {
    documentTitle: (of: string) => `Consent of ${of}`,
    back: 'Profiles',
    mayMessage: 'May be messaged on WhatsApp',
    mayNot: 'Must not be messaged on WhatsApp',
    noConsent: 'No consent is recorded',
    history: 'How it came to this',
    now: 'decides today',
    earlier: 'Show earlier events',
    nothing: 'No consent event is recorded here',
    nothingText:
      'This number or profile is not known. It may be spelled differently; search for it among the profiles.',
    optedIn: 'Opted in',
    optedOut: 'Opted out',
    numberChanged: 'The number changed',
    numberLost: 'The number went to another profile',
    stayedOut: 'Opt-out kept',
    lifted: 'Opted in again',
    recorded: 'Recorded',
    undone: 'Back to what it was',
    removed: 'Profile removed',
    rules: {
      'matched-exid': 'Recognised by the ExID; the file’s permission counts.',
      'matched-email': 'Recognised by the e-mail address; the file’s permission counts.',
      'matched-msisdn': 'Recognised by the phone number; the file’s permission counts.',
      'matched-number': 'Recognised by the WhatsApp number; the file’s permission counts.',
      'new-profile': 'Nobody with these identifiers was known; a new profile.',
      'number-moved-away': 'A later row gave the number to another profile; a number belongs to one.',
      'kept-opt-out': 'The person’s own opt-out outranks the file.',
      'lifted-opt-out': 'Newer than the person’s own opt-out, or lifted with a recorded reason.',
      'own-opt-out': 'The person opted out.',
      'own-opt-in': 'The person took an opt-out back, or asked for messages.',
      erased: 'The person was erased. They count as opted out until they ask for messages themselves.',
      undone: 'The import that had changed this was taken back.',
      'profile-undone': 'The import that had made this profile was taken back.',
    } as { [rule: string]: string },
    file: 'File',
    row: (row: string, line: string) => `row ${row}, line ${line}`,
    numberCell: 'Number as written',
    permissionCell: 'Permission as written',
    numbers: 'Number',
    lostTo: 'Went to',
    takenFrom: 'Number had been held by',
    liftedOptOut: 'Lifts the person’s own opt-out of',
    undoneImport: 'Import taken back',
    backTo: 'Back to',
    collected: 'Collected',
    heard: 'Heard by',
    erasedBy: 'Erased by, and why',
    hash: 'Hash in the evidence log',
    fileHash: 'SHA-256 of the file',
    profile: 'Profile',
  },

  ...templatesInEnglish,
  ...eventsInEnglish,
  ...homeInEnglish,
  ...campaignsInEnglish,

  trouble: {
    away: {
      title: 'The host does not answer',
      cause: 'It has been stopped, or the connection is interrupted.',
      cure: 'Start it with “consentry serve”, or check your network, then try again. Nothing of what you see is lost.',
    },
    missing: {
      title: 'This does not exist',
      cause: 'The host knows nothing under this address.',
      cure: 'Check the address, or look it up in the history or among the profiles.',
    },
    refused: {
      title: 'The host has refused the request',
      cause: 'What it said stands below.',
      cure: 'Correct that and try again.',
    },
    broken: {
      title: 'The host has failed',
      cause: 'Something went wrong on its side; your file is not at fault.',
      cure: 'Try again. If it happens every time, its log says more.',
    },
    'under-way': {
      title: 'Another import is under way',
      cause: 'Only when it has ended is it known what can be taken back. Nothing was changed.',
      cure: 'Wait for its end, then try again.',
    },
    'not-undoable': {
      title: 'This import can no longer be taken back',
      cause: 'Somebody has taken it back already, or it was never completed.',
      cure: 'Close this; the page then shows how it stands.',
    },
    unreadable: {
      title: 'The file can no longer be read',
      cause: 'It was changed, moved or deleted after you chose it, or it is a folder.',
      cure: 'Choose it again.',
    },
    option: {
      title: 'The file cannot be read that way',
      cause: 'One of the values under “Read it differently” cannot be used.',
      cure: 'Correct it there; the file is checked again at once.',
    },
    engine: {
      title: 'The check could not run in this browser',
      cause: 'The engine did not load, or it stopped.',
      cure: 'Load the page again. An up-to-date Chrome, Edge, Firefox or Safari is needed.',
    },
    'several-files': {
      title: 'One file at a time, please',
      cause: 'Several files were dropped, and their order would decide who is opted in.',
      cure: 'Drop the oldest first, import it, then the next.',
    },
    overtaken: {
      title: 'Somebody else has changed this meanwhile',
      cause: 'What you write was started from an older version. Nothing of yours is lost.',
      cure: 'Look at what was saved, or save yours over it.',
    },
    'template-rejected': {
      title: 'Meta would refuse this',
      cause: 'The host has judged it once more before asking Meta.',
      cure: 'Mend what is named beside the fields, then submit again.',
    },
    'meta-refused': {
      title: 'Meta has refused it',
      cause: 'What Meta said stands below.',
      cure: 'Correct that and try again.',
    },
    'meta-not-asked': {
      title: 'Meta could not be asked',
      cause: 'The host does not reach Meta at the moment. Nothing was changed.',
      cure: 'Check the host’s connection, then try again.',
    },
    'meta-unknown': {
      title: 'Meta’s answer was lost',
      cause: 'The request went out, and nobody knows whether it was done.',
      cure: 'Get the newest from Meta: then it is known.',
    },
    'not-now': {
      title: 'This cannot be done now',
      cause: 'Meta allows it only in certain states.',
      cure: 'What stands below says why.',
    },
    'app-unknown': {
      title: 'The app of this account is not known',
      cause: 'Samples are uploaded under an app.',
      cure: 'Connect the account again, with the id of its app.',
    },
    'not-signed-in': {
      title: 'You are not signed in any more',
      cause: 'A while without use ends a session, and so does signing out elsewhere.',
      cure: 'Sign in again.',
    },
    'not-allowed': {
      title: 'You may not do this',
      cause: 'Your roles do not cover it.',
      cure: 'Somebody who looks after people here can change that.',
    },
    'not-right': {
      title: 'That did not work',
      cause: 'The address, the password or the code is not right.',
      cure: 'Type them again; a code works once, and for 30 seconds.',
    },
    'too-many-attempts': {
      title: 'Too many attempts',
      cause: 'They failed one after the other.',
      cure: 'Wait a while, then try again.',
    },
    'link-used': {
      title: 'This link does not work any more',
      cause: 'Links work once, and for a day.',
      cure: 'Ask for a new one.',
    },
    'not-invited': {
      title: 'Nobody has invited you yet',
      cause: 'Your provider knows you, but nobody here has given you a place.',
      cure: 'Ask whoever looks after people here to invite your address.',
    },
    'provider-not-usable': {
      title: 'Signing in by the provider did not work',
      cause: 'The provider did not answer, or said what cannot be believed.',
      cure: 'Try again; if it stays so, tell whoever runs this server what was found.',
    },
    'account-unusable': {
      title: 'This account cannot be connected yet',
      cause: 'One of the steps does not work.',
      cure: 'The step says what helps.',
    },
    'secrets-locked': {
      title: 'The host cannot open its secrets',
      cause: 'The key that they are kept under is missing or another one.',
      cure: 'Only whoever runs the host can mend this; what stands below says how.',
    },
    'file-too-large': {
      title: 'This file is too large',
      cause: 'Meta takes images up to 5 MB, videos up to 16 MB, documents up to 100 MB.',
      cure: 'Choose a smaller one.',
    },
  } satisfies { [kind in TroubleKind]: TroubleWords } as { [kind in TroubleKind]: TroubleWords },
};

export type Messages = typeof en;
