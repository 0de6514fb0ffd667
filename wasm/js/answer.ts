// Answers one request, wherever it runs.

import { textOf } from './input.js';
import { judge } from './judge.js';
import { load, loadTemplates } from './load.js';
import type { Request, Value } from './talk.js';
import type { Progress } from './types.js';
import { warm } from './warm.js';

/** Checks asked for so far; as soon as there is one, nobody prepares any more. */
let checks = 0;
let prepared = false;

/** Does what was asked for. Throws what {@link judge} throws. */
export async function answer(
  request: Exclude<Request, { ask: 'prepare' }>,
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<Value> {
  if (request.ask === 'check') {
    checks += 1;
    return judge(request.source, request.options, request.run, onProgress, signal);
  }
  if (request.ask === 'text') return textOf(request.source);
  if (request.ask === 'judge') return (await loadTemplates()).judge(request.request);
  if (request.ask === 'lint') return (await loadTemplates()).lint(request.document);
  if (request.ask === 'preview') return (await loadTemplates()).preview(request.request);
  if (request.ask === 'templateRules') return (await loadTemplates()).rules();
  const engine = await load();
  if (request.ask === 'rules') return engine.rules();
  return { ...(engine.sha256 === undefined ? {} : { sha256: engine.sha256 }), ...engine.version() };
}

/** Makes the first check as fast as later ones. Gives way to it, and leaves it to it to tell what fails. */
export async function prepare(): Promise<void> {
  if (prepared) return;
  prepared = true;
  try {
    await warm(await load(), () => checks > 0);
  } catch {
    prepared = false;
  }
}
