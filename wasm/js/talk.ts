// What the page and its worker say to each other. One request at a time for each worker.

import type { Failure } from './failure.js';
import type { CheckResult, Engine, Options, Progress, RuleText, Source } from './types.js';

/** From the page to the worker. */
export type Request =
  | { ask: 'check'; source: Source; options: Options; run: { rejects: boolean; name?: string }; progress: boolean }
  | { ask: 'rules' }
  | { ask: 'version' };

/** From the worker to the page: any number of `progress`, then one of the others. */
export type Answer =
  | { tell: 'progress'; progress: Progress }
  | { tell: 'done'; value: CheckResult | RuleText[] | Engine }
  | { tell: 'failed'; failure: Failure };
