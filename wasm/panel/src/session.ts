// The way of one file from the drop zone to the host. It lives outside the pages, so that somebody can look something
// up in the history and come back to the verdict.

import { check, OptionError, type CheckResult, type Options, type Progress } from 'consentry';

import type { ImportDoc } from './api/documents.ts';
import { sample, send } from './api/host.ts';
import { bench, clear, corrected, lay, put, stand } from './bench.ts';
import { cell } from './cell.ts';
import { beginSending, endSending, remember, remembered, unsent } from './keeping.ts';
import { go } from './router.ts';
import type { Change } from './table/changes.ts';
import { troubleFrom, type Trouble } from './trouble.ts';

/** What the person says about the file. */
export interface Settings {
  options: Options;
  /** Day of collection as `YYYY-MM-DD`, or empty. It concerns the import only; no verdict depends on it. */
  asOf: string;
  /** Taken over from the last file with the same header. */
  asLastTime?: boolean;
}

/** What would be written, as the host says: tried on what is there now. */
export type Trial =
  { step: 'sending'; sent: number } | { step: 'told'; doc: ImportDoc } | { step: 'failed'; trouble: Trouble };

export type Session =
  | { step: 'empty'; trouble?: Trouble }
  /** `before` is the verdict under the settings until now; it stays in view. */
  | ({ step: 'checking'; progress?: Progress; before?: CheckResult } & Held)
  | ({ step: 'unjudged'; trouble: Trouble } & Held)
  | ({ step: 'judged'; result: CheckResult; trouble?: Trouble; trial?: Trial } & Held)
  | ({ step: 'sending'; result: CheckResult; sent: number } & Held)
  /** The host knew this file already; `doc` is the earlier import. */
  | { step: 'known'; file: File; doc: ImportDoc };

/** The file as it was dropped, and as it was corrected here, if it was: that is what is sent. */
interface Held {
  file: File;
  corrected?: File;
  settings: Settings;
}

export const session = cell<Session>({ step: 'empty' });

/** Digests of the verdicts that came from this page, by import. */
const judgedHere = new Map<string, string>();

let running = new AbortController();

/** Takes a file and judges it, here. Nothing is sent. */
export async function open(files: readonly File[]): Promise<void> {
  const [file, second] = files;
  if (!file) return;
  interrupt();
  clear();
  forgetSteps();
  if (second) return session.set({ step: 'empty', trouble: { kind: 'several-files', detail: '' } });
  const before = unsent();
  const again = before && before.name === file.name && before.size === file.size && before.lastModified === file.lastModified;
  endSending();
  if (again) return judge({ file, settings: before.settings });
  await judge({ file, settings: { options: {}, asOf: '' } });
  const now = session.get();
  if (now.step !== 'judged' || now.file !== file) return;
  const options = remembered(now.result.report.file.columns);
  if (options) await judge({ file, settings: { options, asOf: now.settings.asOf, asLastTime: true } }, now.result);
}

/** Fetches the published sample and judges it like any file. */
export async function openSample(): Promise<void> {
  try {
    await open([await sample()]);
  } catch (thrown) {
    session.set({ step: 'empty', trouble: troubleFrom(thrown) });
  }
}

/** Changes what is said about the file, and judges it again where that matters. */
export async function change(settings: Settings): Promise<void> {
  const now = session.get();
  if (now.step === 'empty' || now.step === 'sending' || now.step === 'known') return;
  const next = { options: settings.options, asOf: settings.asOf };
  const sameOptions = JSON.stringify(next.options) === JSON.stringify(now.settings.options);
  if (sameOptions) return session.set({ ...now, settings: next, ...(now.step === 'judged' && { trial: undefined }) } as Session);
  // Read another way it is another table: what was typed into the one before stood in other cells.
  const { delimiter, encoding } = now.settings.options;
  const other = next.options.delimiter !== delimiter || next.options.encoding !== encoding;
  if (other) steps.length = undone.length = 0;
  await judge(other ? { file: now.file, settings: next } : { ...held(now), settings: next }, verdictOf(now));
  const after = session.get();
  if (after.step === 'judged') remember(after.result.report.file.columns, after.settings.options);
}

/** What can be taken back on this page, the latest last. */
const steps: ({ kind: 'cells' } | { kind: 'settings'; before: Settings; after: Settings })[] = [];
let undone: typeof steps = [];

/** How many steps can be taken back, and taken again. */
export function steppable(): { back: number; again: number } {
  return { back: steps.length, again: undone.length };
}

/** Mends the file by saying how to read it: nothing of its text changes. */
export async function mendBySaying(part: Options): Promise<void> {
  const now = session.get();
  if (now.step !== 'judged') return;
  const after = { ...now.settings, options: { ...now.settings.options, ...part } };
  steps.push({ kind: 'settings', before: now.settings, after });
  undone = [];
  await change(after);
}

/** Mends cells. The row is judged at once, the whole file as soon as nobody types. */
export async function mend(change: Change): Promise<void> {
  const now = session.get();
  if (now.step !== 'judged' && now.step !== 'checking') return;
  steps.push({ kind: 'cells' });
  undone = [];
  mending = put(change, optionsOf(now)).then(judgeSoon, judgeSoon);
  await mending;
}

/** Takes the last step back. */
export async function stepBack(): Promise<void> {
  const step = steps.pop();
  if (!step) return;
  undone.push(step);
  if (step.kind === 'settings') return change(step.before);
  await stand({ ask: 'undo' });
  judgeSoon();
}

/** Takes the step again that was taken back. */
export async function stepAgain(): Promise<void> {
  const step = undone.pop();
  if (!step) return;
  steps.push(step);
  if (step.kind === 'settings') return change(step.after);
  await stand({ ask: 'redo' });
  judgeSoon();
}

/** How long nobody types before a changed file is judged as a whole, in milliseconds. */
const QUIET_MS = 400;
let quiet: ReturnType<typeof setTimeout> | undefined;
let mending = Promise.resolve();

function judgeSoon(): void {
  clearTimeout(quiet);
  quiet = setTimeout(() => void judgeCorrected(), QUIET_MS);
}

/** The session once everything that was typed is in its verdict: nothing is sent that is not. */
async function judgedWhole(): Promise<Session> {
  await mending;
  if (quiet !== undefined) await judgeCorrected();
  return session.get();
}

async function judgeCorrected(): Promise<void> {
  clearTimeout(quiet);
  quiet = undefined;
  const now = session.get();
  if (now.step !== 'judged' && now.step !== 'checking') return;
  const { generation } = bench.get() ?? {};
  const file = await corrected(now.file);
  // Somebody typed on meanwhile: then that is judged.
  const after = session.get();
  if (generation !== bench.get()?.generation || (after.step !== 'judged' && after.step !== 'checking')) return;
  await judge({ file: now.file, settings: after.settings, ...(file && { corrected: file }) }, verdictOf(after));
}

/** Stops whatever is going on and forgets the file. */
export function close(): void {
  interrupt();
  clear();
  forgetSteps();
  session.set({ step: 'empty' });
}

/** Stops an upload; the verdict stays. */
export function stopSending(): void {
  const now = session.get();
  if (now.step !== 'sending') return;
  interrupt();
  endSending();
  session.set({ step: 'judged', ...held(now), result: now.result });
}

/** Sends the file to the host for import. */
export async function submit(): Promise<void> {
  const now = await judgedWhole();
  if (now.step !== 'judged') return;
  const { file, settings, result } = now;
  const all = held(now);
  interrupt();
  const { signal } = running;
  session.set({ step: 'sending', ...all, result, sent: 0 });
  beginSending(file, settings, all.corrected !== undefined);
  try {
    const sending = { options: optionsOf(now), asOf: settings.asOf, digest: result.report.digest };
    const onSent = (sent: number) => {
      if (!signal.aborted) session.set({ step: 'sending', ...all, result, sent });
    };
    const doc = await send(all.corrected ?? file, sending, onSent, signal);
    if (signal.aborted) return;
    endSending();
    remember(result.report.file.columns, settings.options);
    clear();
    forgetSteps();
    if (doc.state === 'already_imported') return session.set({ step: 'known', file, doc });
    judgedHere.set(doc.import, result.report.digest);
    session.set({ step: 'empty' });
    go(`/imports/${doc.import}`);
  } catch (thrown) {
    if (signal.aborted) return;
    endSending();
    session.set({ step: 'judged', ...all, result, trouble: await whySending(file, thrown) });
  }
}

/** Asks the host what this file would change, which changes nothing. The host forgets the file at once. */
export async function rehearse(): Promise<void> {
  const now = await judgedWhole();
  if (now.step !== 'judged') return;
  const { file, settings, result } = now;
  const all = held(now);
  interrupt();
  const { signal } = running;
  const tell = (trial: Trial) => {
    if (!signal.aborted) session.set({ step: 'judged', ...all, result, trial });
  };
  tell({ step: 'sending', sent: 0 });
  try {
    const sending = { options: optionsOf(now), asOf: settings.asOf, digest: result.report.digest, trial: true };
    const doc = await send(all.corrected ?? file, sending, (sent) => tell({ step: 'sending', sent }), signal);
    tell({ step: 'told', doc });
  } catch (thrown) {
    tell({ step: 'failed', trouble: await whySending(file, thrown) });
  }
}

/** Stops waiting for what the host would say. */
export function stopRehearsing(): void {
  const now = session.get();
  if (now.step !== 'judged' || now.trial?.step !== 'sending') return;
  interrupt();
  session.set({ step: 'judged', ...held(now), result: now.result });
}

/** Digest of the verdict that this page gave before that import, if it did. */
export function digestHere(id: string): string | undefined {
  return judgedHere.get(id);
}

async function judge(all: Held, before?: CheckResult): Promise<void> {
  interrupt();
  const { signal } = running;
  const { file, settings } = all;
  const checking = { step: 'checking', ...all, ...(before && { before }) } as const;
  session.set(checking);
  const onProgress = (progress: Progress) => {
    // The collection date may have been changed meanwhile; it is kept.
    const now = session.get();
    if (!signal.aborted && now.step === 'checking') session.set({ ...now, progress });
  };
  try {
    const options = optionsOf({ ...checking });
    const result = await check(all.corrected ?? file, { ...options, rejects: true, verdicts: true, signal }, onProgress);
    const now = session.get();
    if (signal.aborted || now.step !== 'checking') return;
    session.set({ step: 'judged', ...all, settings: now.settings, result });
    // A corrected file has the rows of the one that was dropped.
    void lay(file, result, settings.options);
  } catch (thrown) {
    if (signal.aborted) return;
    const trouble = troubleFrom(thrown);
    if (thrown instanceof OptionError) session.set({ step: 'unjudged', ...all, settings, trouble });
    else {
      clear();
      session.set({ step: 'empty', trouble });
    }
  }
}

function held({ file, corrected, settings }: Held): Held {
  return { file, settings, ...(corrected && { corrected }) };
}

function verdictOf(now: Session): CheckResult | undefined {
  return now.step === 'judged' ? now.result : now.step === 'checking' ? now.before : undefined;
}

/** How to read what is sent: a corrected file is UTF-8, whatever the one was that was dropped. */
function optionsOf(now: Held & { before?: CheckResult; result?: CheckResult }): Options {
  const { encoding, ...options } = now.settings.options;
  if (!now.corrected) return now.settings.options;
  const delimiter = options.delimiter ?? (now.result ?? now.before)?.report.file.delimiter;
  return { ...options, ...(delimiter !== undefined && { delimiter }) };
}

function forgetSteps(): void {
  clearTimeout(quiet);
  quiet = undefined;
  steps.length = undone.length = 0;
}

function interrupt(): void {
  running.abort();
  running = new AbortController();
}

/** A file that changed on disk stops an upload just like a host that went away; reading it tells the two apart. */
async function whySending(file: File, thrown: unknown): Promise<Trouble> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    return { kind: 'unreadable', detail: '' };
  }
  return troubleFrom(thrown);
}
