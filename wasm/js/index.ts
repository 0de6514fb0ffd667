/**
 * Judges WhatsApp consent files where they are: in the page, in a worker, before anything is uploaded.
 *
 * @packageDocumentation
 */

import { answer, prepare as prepareHere } from './answer.js';
import { flatten, restore } from './failure.js';
import { canHire, hire, prepare as prepareWorker } from './hire.js';
import { split } from './judge.js';
import type { Request } from './talk.js';
import type {
  JudgeRequest,
  Judgement,
  LintContext,
  LintReport,
  PreviewReport,
  PreviewRequest,
  TemplateRuleText,
} from './template.js';
import type { CheckOptions, CheckResult, Engine, Progress, RuleText, Source } from './types.js';

export { CODES, TEMPLATE_CODES, type Code, type TemplateCode } from './codes.js';
export { OptionError, UnreadableError } from './failure.js';
export type * from './template.js';
export type * from './types.js';

/**
 * Judges a consent file. Any bytes give a report; what is wrong with them stands in its `diagnostics`.
 *
 * Of an Excel workbook (`.xlsx`) the first visible sheet is judged, of gzip the text inside.
 *
 * In a page the work is done in a module worker and the file is read in pieces of at most 1 MiB, so its size does not matter;
 * elsewhere it is done right here, giving way to other work when there is a `signal`.
 *
 * @param onProgress called at most every 50 ms while the file is read, the first time as soon as there are rows.
 * @throws {OptionError} when an option cannot be.
 * @throws {UnreadableError} when the file has moved or changed, or the stream broke.
 */
export async function check(
  file: Source,
  options: CheckOptions = {},
  onProgress?: (progress: Progress) => void,
): Promise<CheckResult> {
  const { options: wire, run, signal } = split(options);
  if (run.name === undefined && typeof File === 'function' && file instanceof File) run.name = file.name;
  // A copy, because the caller may go on using its array while a worker reads it.
  const source = canHire && file instanceof Uint8Array ? new Blob([file as Uint8Array<ArrayBuffer>]) : file;
  const request: Request = { ask: 'check', source, options: wire, run, progress: onProgress !== undefined };
  return (await ask(request, onProgress, signal)) as CheckResult;
}

/**
 * The text that is judged: the file itself, or what is inside of a workbook or gzip. For those who show its rows.
 *
 * @throws when there is no text inside; {@link check} tells why.
 */
export async function text(file: Source): Promise<Blob> {
  return (await ask({ ask: 'text', source: file })) as Blob;
}

/**
 * Tells what Meta would refuse in a template, before it is asked, and what reviewers dislike.
 *
 * @param template as it is created or as Meta lists it: an object, or its JSON text.
 * @example
 * const { diagnostics } = await lint({ name: 'hello', language: 'en', category: 'UTILITY',
 *   components: [{ type: 'BODY', text: 'Your order has shipped to {{1}}' }] });
 */
export async function lint(template: unknown, context: LintContext = {}): Promise<LintReport> {
  const bare = typeof template === 'string' && Object.keys(context).length === 0;
  const document = bare ? template : JSON.stringify({ template: parsed(template), ...context });
  return (await read({ ask: 'lint', document })) as LintReport;
}

/**
 * Draws a template with values as a person will see it, and builds the request that sends it.
 *
 * @example
 * const { preview, payload } = await preview({ template, values: { '1': 'Sarah', 'header.media': 'https://…' } });
 */
export async function preview(request: PreviewRequest): Promise<PreviewReport> {
  const document = JSON.stringify({ ...request, template: parsed(request.template) });
  return (await read({ ask: 'preview', request: document })) as PreviewReport;
}

/**
 * Does what {@link lint} and {@link preview} do, with one question: what a page asks at every keystroke.
 *
 * @example
 * const { lint: { diagnostics }, preview: { preview } } = await judge({ template, examples: true });
 */
export async function judge(request: JudgeRequest): Promise<Judgement> {
  const document = JSON.stringify({ ...request, template: parsed(request.template) });
  return (await read({ ask: 'judge', request: document })) as Judgement;
}

/** Every code about templates with what it means, why it matters and what to do, in English. */
export async function templateRules(): Promise<TemplateRuleText[]> {
  return (await read({ ask: 'templateRules' })) as TemplateRuleText[];
}

/** Every code with what it means, why it matters and what to do, in English. */
export async function rules(): Promise<RuleText[]> {
  return (await ask({ ask: 'rules' })) as RuleText[];
}

/** Which engine this is. */
export async function version(): Promise<Engine> {
  return (await ask({ ask: 'version' })) as Engine;
}

/**
 * Loads the engine and lets the browser compile it well, so that the first check starts at once and runs at full speed:
 * a quarter of a second of background work. Call it when a place to drop files is shown. What is asked for meanwhile
 * does not wait, and what cannot be loaded is told by whoever needs it.
 */
export async function prepare(): Promise<void> {
  await (canHire ? prepareWorker() : prepareHere());
}

function parsed(template: unknown): unknown {
  return typeof template === 'string' ? JSON.parse(template) : template;
}

/** What is answered as JSON. */
async function read(request: Exclude<Request, { ask: 'prepare' }>): Promise<unknown> {
  return JSON.parse((await ask(request)) as string);
}

async function ask(request: Exclude<Request, { ask: 'prepare' }>, onProgress?: (progress: Progress) => void, signal?: AbortSignal) {
  if (canHire) return hire(request, onProgress, signal);
  try {
    return await answer(request, onProgress, signal);
  } catch (thrown) {
    if (signal?.aborted && thrown === signal.reason) throw thrown;
    throw restore(flatten(thrown));
  }
}
