// The ways a check can fail without the file being at fault, and how they cross from a worker to the page.

/** An option that cannot be: the caller's mistake, never the file's. */
export class OptionError extends Error {
  override readonly name = 'OptionError';

  constructor(
    /** Stable code, for example `option-invalid`. */
    readonly code: string,
    /** Which option. */
    readonly option: string,
    message: string,
  ) {
    super(message);
  }
}

/** An error as plain data. Worker messages keep no class and no own fields of an `Error`. */
export interface Failure {
  message: string;
  code?: string;
  option?: string;
  /** The source itself could not be read: moved, changed on disk, or a stream that broke. */
  unreadable?: boolean;
}

/** The source itself could not be read: moved, changed on disk, or a stream that broke. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}

/** Flattens whatever was thrown during a check. */
export function flatten(thrown: unknown): Failure {
  if (thrown instanceof OptionError) {
    return { message: thrown.message, code: thrown.code, option: thrown.option };
  }
  if (thrown instanceof UnreadableError) return { message: thrown.message, unreadable: true };
  return { message: describe(thrown) };
}

/** The other end of {@link flatten}. */
export function restore(failure: Failure): Error {
  if (failure.code !== undefined) return new OptionError(failure.code, failure.option ?? '', failure.message);
  if (failure.unreadable) return new UnreadableError(failure.message);
  return new Error(failure.message);
}

/** Options are judged when the engine is constructed; it throws `{code, option, message}` then. */
export function asOptionError(thrown: unknown): unknown {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown) || !('message' in thrown)) return thrown;
  const option = 'option' in thrown ? String(thrown.option) : '';
  return new OptionError(String(thrown.code), option, String(thrown.message));
}

function describe(thrown: unknown): string {
  if (thrown instanceof WebAssembly.CompileError) {
    return `the engine could not be compiled; a content security policy must allow 'wasm-unsafe-eval' in script-src (${thrown.message})`;
  }
  if (thrown instanceof WebAssembly.RuntimeError) {
    return `the engine stopped unexpectedly while reading this file (${thrown.message}); please report it`;
  }
  return thrown instanceof Error ? thrown.message : String(thrown);
}
