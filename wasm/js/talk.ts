// What the page and its worker say to each other. One request at a time for each worker; only `prepare` may be
// followed by another one before it is answered.

import type { Failure } from './failure.js';
import type { Run } from './judge.js';
import type { CheckResult, Engine, Options, Progress, RuleText, Source } from './types.js';

/** From the page to the worker. */
export type Request =
  | { ask: 'check'; source: Source; options: Options; run: Run; progress: boolean }
  | { ask: 'text'; source: Source }
  | { ask: 'prepare' }
  | { ask: 'lint'; document: string }
  | { ask: 'preview'; request: string }
  | { ask: 'judge'; request: string }
  | { ask: 'rules' }
  | { ask: 'templateRules' }
  | { ask: 'version' };

/**
 * What was asked for. Of templates it is the JSON text as the engine wrote it: a text crosses to the page in a tenth of
 * the time that the objects would take which it stands for.
 */
export type Value = Blob | CheckResult | RuleText[] | Engine | string;

/** From the worker to the page: any number of `progress`, then one of the others; `prepared` to `prepare` only. */
export type Answer =
  | { tell: 'prepared' }
  | { tell: 'progress'; progress: Progress }
  | { tell: 'done'; value: Value }
  | { tell: 'failed'; failure: Failure };
