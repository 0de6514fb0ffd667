// The way of one file from the drop zone to the host. It lives outside the pages, so that somebody can look something
// up in the history and come back to the verdict.

import { check, OptionError, type CheckResult, type Options, type Progress } from 'consentry';

import type { ImportDoc } from './api/documents.ts';
import { sample, send } from './api/host.ts';
import { cell } from './cell.ts';
import { go } from './router.ts';
import { troubleFrom, type Trouble } from './trouble.ts';

/** What the person says about the file. */
export interface Settings {
  options: Options;
  /** Day of collection as `YYYY-MM-DD`, or empty. It concerns the import only; no verdict depends on it. */
  asOf: string;
}

export type Session =
  | { step: 'empty'; trouble?: Trouble }
  /** `before` is the verdict under the settings until now; it stays in view. */
  | { step: 'checking'; file: File; settings: Settings; progress?: Progress; before?: CheckResult }
  | { step: 'unjudged'; file: File; settings: Settings; trouble: Trouble }
  | { step: 'judged'; file: File; settings: Settings; result: CheckResult; trouble?: Trouble }
  | { step: 'sending'; file: File; settings: Settings; result: CheckResult; sent: number }
  /** The host knew this file already; `doc` is the earlier import. */
  | { step: 'known'; file: File; doc: ImportDoc };

export const session = cell<Session>({ step: 'empty' });

/** Digests of the verdicts that came from this page, by import. */
const judgedHere = new Map<string, string>();

let running = new AbortController();

/** Takes a file and judges it, here. Nothing is sent. */
export async function open(files: readonly File[]): Promise<void> {
  const [file, second] = files;
  if (!file) return;
  interrupt();
  if (second) return session.set({ step: 'empty', trouble: { kind: 'several-files', detail: '' } });
  await judge(file, { options: {}, asOf: '' });
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
  const sameOptions = JSON.stringify(settings.options) === JSON.stringify(now.settings.options);
  if (sameOptions) session.set({ ...now, settings });
  else
    await judge(
      now.file,
      settings,
      now.step === 'judged' ? now.result : now.step === 'checking' ? now.before : undefined,
    );
}

/** Stops whatever is going on and forgets the file. */
export function close(): void {
  interrupt();
  session.set({ step: 'empty' });
}

/** Stops an upload; the verdict stays. */
export function stopSending(): void {
  const now = session.get();
  if (now.step !== 'sending') return;
  interrupt();
  session.set({ step: 'judged', file: now.file, settings: now.settings, result: now.result });
}

/** Sends the file to the host for import. */
export async function submit(): Promise<void> {
  const now = session.get();
  if (now.step !== 'judged') return;
  const { file, settings, result } = now;
  interrupt();
  const { signal } = running;
  session.set({ step: 'sending', file, settings, result, sent: 0 });
  try {
    const sending = { options: settings.options, asOf: settings.asOf, digest: result.report.digest };
    const onSent = (sent: number) => {
      if (!signal.aborted) session.set({ step: 'sending', file, settings, result, sent });
    };
    const doc = await send(file, sending, onSent, signal);
    if (signal.aborted) return;
    if (doc.state === 'already_imported') return session.set({ step: 'known', file, doc });
    judgedHere.set(doc.import, result.report.digest);
    session.set({ step: 'empty' });
    go(`/imports/${doc.import}`);
  } catch (thrown) {
    if (signal.aborted) return;
    session.set({ step: 'judged', file, settings, result, trouble: await whySending(file, thrown) });
  }
}

/** Digest of the verdict that this page gave before that import, if it did. */
export function digestHere(id: string): string | undefined {
  return judgedHere.get(id);
}

async function judge(file: File, settings: Settings, before?: CheckResult): Promise<void> {
  interrupt();
  const { signal } = running;
  const checking = { step: 'checking', file, settings, ...(before && { before }) } as const;
  session.set(checking);
  const onProgress = (progress: Progress) => {
    // The collection date may have been changed meanwhile; it is kept.
    const now = session.get();
    if (!signal.aborted && now.step === 'checking') session.set({ ...now, progress });
  };
  try {
    const result = await check(file, { ...settings.options, rejects: true, signal }, onProgress);
    const now = session.get();
    if (signal.aborted || now.step !== 'checking') return;
    session.set({ step: 'judged', file, settings: now.settings, result });
  } catch (thrown) {
    if (signal.aborted) return;
    const trouble = troubleFrom(thrown);
    if (thrown instanceof OptionError) session.set({ step: 'unjudged', file, settings, trouble });
    else session.set({ step: 'empty', trouble });
  }
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
