// Answers one request, wherever it runs.

import { judge } from './judge.js';
import { load } from './load.js';
import type { Request } from './talk.js';
import type { CheckResult, Engine, Progress, RuleText } from './types.js';

/** Does what was asked for. Throws what {@link judge} throws. */
export async function answer(
  request: Request,
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<CheckResult | RuleText[] | Engine> {
  if (request.ask === 'check') return judge(request.source, request.options, request.run, onProgress, signal);
  const engine = await load();
  if (request.ask === 'rules') return engine.rules();
  return { ...(engine.sha256 === undefined ? {} : { sha256: engine.sha256 }), ...engine.version() };
}
