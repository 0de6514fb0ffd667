// Runs one check from the first byte to the report. The same code serves the worker of a page and Node.

import { asOptionError } from './failure.js';
import { type Input, NoTextError, open } from './input.js';
import { load, type Loaded } from './load.js';
import type { CheckOptions, CheckResult, Diagnostic, Options, Progress, Report, Source } from './types.js';
import { Verdicted } from './verdicted.js';

type Engine = Loaded['Checker'];

/** Shortest time between two progress reports, in milliseconds. */
const PROGRESS_INTERVAL_MS = 50;
/** Findings shown while reading. */
const DIAGNOSTICS_SHOWN = 8;
/** Rejected rows are handed to the browser in pieces of about this size, in bytes; it may keep them on disk. */
const REJECTS_PIECE_BYTES = 4 * 1024 * 1024;

/** What concerns the run and not the verdict. */
export interface Run {
  rejects: boolean;
  verdicts: boolean;
  name?: string;
}

/** Splits what the engine is told from what only concerns the run. */
export function split({ signal, rejects, verdicts, name, ...options }: CheckOptions): {
  options: Options;
  run: Run;
  signal: AbortSignal | undefined;
} {
  return { options, run: { rejects: rejects ?? false, verdicts: verdicts ?? false, ...(name === undefined ? {} : { name }) }, signal };
}

/** Judges a source. With a `signal` it gives way to other work now and then, so that somebody can abort. */
export async function judge(
  source: Source,
  options: Options,
  run: Run,
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<CheckResult> {
  signal?.throwIfAborted();
  const engine = await load();
  let checker = construct(engine.Checker, options, run);
  let rejected = new RejectedRows();
  let verdicted = new Verdicted();
  let packedBytes: number | undefined;
  let report: Report;
  try {
    try {
      const input = await open(source);
      if (input.packed) {
        packedBytes = input.size;
        checker.free();
        checker = construct(engine.Checker, { ...options, ...input.options }, run);
      }
      const watch = new Watch(input, onProgress);
      for await (const piece of input.pieces) {
        signal?.throwIfAborted();
        checker.feed(piece);
        if (run.rejects) rejected.add(checker.takeRejects());
        if (run.verdicts) verdicted.add(checker.takeVerdicts());
        if (watch.due(checker) && signal) await breathe();
      }
      signal?.throwIfAborted();
      report = checker.finish() as Report;
      // Short files are judged only now, when their end is known, so this is not always a small rest.
      if (run.rejects) rejected.add(checker.takeRejects());
      if (run.verdicts) verdicted.add(checker.takeVerdicts());
    } catch (thrown) {
      if (!(thrown instanceof NoTextError)) throw thrown;
      packedBytes = thrown.size;
      rejected = new RejectedRows();
      verdicted = new Verdicted();
      report = refusal(engine.Checker, thrown);
    }
    const judged: Report = {
      ...report,
      file: {
        ...(run.name === undefined ? {} : { name: run.name }),
        ...report.file,
        // The engine saw the text inside; the report is about the file.
        ...(packedBytes === undefined ? {} : { bytes: packedBytes }),
      },
      engine: { ...(engine.sha256 === undefined ? {} : { sha256: engine.sha256 }), ...report.engine },
    };
    return {
      report: judged,
      ...(run.rejects && { rejects: rejected.file() }),
      ...(run.verdicts && { verdicts: verdicted.all(engine.rules()) }),
    };
  } finally {
    checker.free();
  }
}

/** The report on a source that gives no text: refused as what it is, in the words of whoever tried to open it. */
function refusal(Checker: Engine, { mark, message }: NoTextError): Report {
  const checker = construct(Checker, {}, { rejects: false, verdicts: false });
  try {
    checker.feed(mark);
    const report = checker.finish() as Report;
    const [first, ...others] = report.diagnostics;
    return first ? { ...report, diagnostics: [{ ...first, message }, ...others] } : report;
  } finally {
    checker.free();
  }
}

function construct(Checker: Engine, options: Options, { rejects, verdicts }: Run): InstanceType<Engine> {
  try {
    return new Checker(options, { rejects, verdicts });
  } catch (thrown) {
    throw asOptionError(thrown);
  }
}

/** Keeps the time between progress reports. */
class Watch {
  private readonly start = performance.now();
  private last = -Infinity;
  private first: Diagnostic[] = [];

  constructor(
    private readonly input: Input,
    private readonly onProgress: ((progress: Progress) => void) | undefined,
  ) {}

  /** True when it was time to report. */
  due(checker: InstanceType<Engine>): boolean {
    const now = performance.now();
    if (now - this.last < PROGRESS_INTERVAL_MS) return false;
    const { rows, accepted, rejected, warned } = checker.progress() as Omit<Progress, 'bytesRead' | 'diagnostics'>;
    // The first report comes as soon as there is something to tell.
    if (rows === 0 && now - this.start < PROGRESS_INTERVAL_MS) return false;
    // Findings never change once they are there, so only the missing ones are fetched.
    if (this.first.length < DIAGNOSTICS_SHOWN) {
      const more = checker.diagnostics(this.first.length) as Diagnostic[];
      this.first = [...this.first, ...more].slice(0, DIAGNOSTICS_SHOWN);
    }
    this.last = now;
    this.onProgress?.({
      bytesRead: this.input.bytesRead(),
      ...(this.input.size === undefined ? {} : { bytesTotal: this.input.size }),
      rows,
      accepted,
      rejected,
      warned,
      diagnostics: this.first,
    });
    return true;
  }
}

/** Gathers the rejected rows without holding all of them as one array. */
class RejectedRows {
  private pieces: Blob[] = [];
  private pending: Uint8Array<ArrayBuffer>[] = [];
  private pendingBytes = 0;

  add(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.pending.push(bytes as Uint8Array<ArrayBuffer>);
    this.pendingBytes += bytes.byteLength;
    if (this.pendingBytes >= REJECTS_PIECE_BYTES) this.seal();
  }

  file(): Blob {
    this.seal();
    return new Blob(this.pieces, { type: 'text/csv;charset=utf-8' });
  }

  private seal(): void {
    this.pieces.push(new Blob(this.pending));
    this.pending = [];
    this.pendingBytes = 0;
  }
}

/** Lets others have the thread. */
export function breathe(): Promise<void> {
  return new Promise((resume) => setTimeout(resume, 0));
}
