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

/** What judges and draws templates, ready for use: JSON in, JSON out. */
export type Templates = Pick<typeof import('./engine/template.js'), 'lint' | 'preview' | 'judge' | 'rules'>;

/** The part of Node that is used, and only where there is no `fetch` for files. */
declare const process:
  | undefined
  | {
      versions?: { node?: string };
      getBuiltinModule?(id: 'node:fs'): { readFileSync(path: URL): Uint8Array<ArrayBuffer> };
    };

let loading: Promise<Loaded> | undefined;
let unpackerLoading: Promise<Unpacking> | undefined;
let templatesLoading: Promise<Templates> | undefined;

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

/** Loads what judges and draws templates: a module of its own, because most pages bring lists. */
export function loadTemplates(): Promise<Templates> {
  templatesLoading ??= loadTemplatesOnce().catch((failure: unknown) => {
    templatesLoading = undefined;
    throw failure;
  });
  return templatesLoading;
}

async function loadOnce(): Promise<Loaded> {
  const { bytes, module } = fetched(new URL('./engine/consentry_bg.wasm', import.meta.url));
  const [ready, sha256] = await Promise.all([module, bytes.then(digest)]);
  initSync({ module: ready });
  return { Checker, rules, version, sha256 };
}

async function loadUnpackingOnce(): Promise<Unpacking> {
  const [glue, module] = await Promise.all([
    import('./engine/unpack.js'),
    fetched(new URL('./engine/unpack_bg.wasm', import.meta.url)).module,
  ]);
  glue.initSync({ module });
  return glue;
}

async function loadTemplatesOnce(): Promise<Templates> {
  const [glue, module] = await Promise.all([
    import('./engine/template.js'),
    fetched(new URL('./engine/template_bg.wasm', import.meta.url)).module,
  ]);
  glue.initSync({ module });
  return glue;
}

/** A module and its bytes. It is compiled while it comes, and browsers keep what they compiled that way for next time. */
function fetched(url: URL): { bytes: Promise<Uint8Array<ArrayBuffer>>; module: Promise<WebAssembly.Module> } {
  if (url.protocol === 'file:' && typeof process === 'object' && process.getBuiltinModule) {
    const bytes = process.getBuiltinModule('node:fs').readFileSync(url);
    return { bytes: Promise.resolve(bytes), module: WebAssembly.compile(bytes) };
  }
  const response = fetch(url).then((response) => {
    if (!response.ok) throw new Error(`the engine could not be loaded: ${url.href} answered ${response.status}`);
    return [response, response.clone()] as const;
  });
  const bytes = response.then(async ([, copy]) => new Uint8Array(await copy.arrayBuffer()));
  const module = response.then(async ([original]) => {
    // Browsers refuse to compile on the way what a server calls anything else.
    const streams = original.headers.get('content-type')?.startsWith('application/wasm');
    return streams ? WebAssembly.compileStreaming(original) : WebAssembly.compile(await bytes);
  });
  // Whoever asks for one of them may not ask for the other.
  bytes.catch(() => {});
  module.catch(() => {});
  return { bytes, module };
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  // `crypto.subtle` is missing on plain http, other than localhost.
  if (!globalThis.crypto?.subtle) return undefined;
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
