// Brings the WebAssembly in, once. The bytes pass through our hands because the report names their SHA-256.

import { Checker, initSync, rules, version } from './engine/consentry.js';
import type { RuleText } from './types.js';

/** The engine, ready for use. */
export interface Loaded {
  Checker: typeof Checker;
  rules(): RuleText[];
  version(): { version: string; number_metadata: string };
  /** SHA-256 of the WebAssembly in hex; `undefined` where the page is not a secure context. */
  sha256: string | undefined;
}

/** What opens packed files, ready for use. */
export type Unpacking = Pick<typeof import('./engine/unpack.js'), 'Unpacker' | 'headBytes'>;

/** The part of Node that is used, and only where there is no `fetch` for files. */
declare const process:
  | undefined
  | {
      versions?: { node?: string };
      getBuiltinModule?(id: 'node:fs'): { readFileSync(path: URL): Uint8Array<ArrayBuffer> };
    };

let loading: Promise<Loaded> | undefined;
let unpackerLoading: Promise<Unpacking> | undefined;

/** Loads the engine, or answers with the one loaded before. A failure is not remembered: the next call tries again. */
export function load(): Promise<Loaded> {
  loading ??= loadOnce().catch((failure: unknown) => {
    loading = undefined;
    throw failure;
  });
  return loading;
}

/** Loads what opens packed files: a module of its own, because most files are plain text. */
export function loadUnpacking(): Promise<Unpacking> {
  unpackerLoading ??= loadUnpackingOnce().catch((failure: unknown) => {
    unpackerLoading = undefined;
    throw failure;
  });
  return unpackerLoading;
}

async function loadOnce(): Promise<Loaded> {
  const bytes = await moduleBytes(new URL('./engine/consentry_bg.wasm', import.meta.url));
  const [module, sha256] = await Promise.all([WebAssembly.compile(bytes), digest(bytes)]);
  initSync({ module });
  return { Checker, rules, version, sha256 };
}

async function loadUnpackingOnce(): Promise<Unpacking> {
  const [glue, bytes] = await Promise.all([
    import('./engine/unpack.js'),
    moduleBytes(new URL('./engine/unpack_bg.wasm', import.meta.url)),
  ]);
  glue.initSync({ module: await WebAssembly.compile(bytes) });
  return glue;
}

async function moduleBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === 'file:' && typeof process === 'object' && process.getBuiltinModule) {
    return process.getBuiltinModule('node:fs').readFileSync(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the engine could not be loaded: ${url.href} answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  // `crypto.subtle` is missing on plain http, other than localhost.
  if (!globalThis.crypto?.subtle) return undefined;
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
