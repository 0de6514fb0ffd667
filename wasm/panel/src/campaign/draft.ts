// A campaign while it is written: a new one, what is still missing in it, and what of it is sent to the host. It decides
// nothing about sending; the host looks at everything again.

import type { Definition, Message, Value, Values } from '../api/campaign-documents.ts';
import type { TemplateDoc } from '../api/templates.ts';
import { get, isObject } from '../template/document.ts';
import { slots, type Slot } from '../template/variables.ts';

/** The parts of a campaign, in the order in which they are written. */
export const STEPS = ['compose', 'delivery', 'audience', 'go'] as const;
export type StepName = (typeof STEPS)[number];

/** Most messages that are tried against each other. */
export const MESSAGES_MAX = 4;
/** How long Meta keeps an upload, in days. */
const MEDIA_DAYS = 30;
const DAY_MS = 86_400_000;

export type Missing = 'name' | 'template' | 'value' | 'shares' | 'media';

export function blank(account: string): Definition {
  return { name: '', account, messages: [{ template: '', language: '', share_percent: 100, values: {} }] };
}

/** A campaign that begins with what an address says: which template, and to the people of which import. */
export function prefilled(query: URLSearchParams, all: readonly TemplateDoc[], attributes: readonly string[], day: string): Definition | undefined {
  const [account, template, language] = ['account', 'template', 'language'].map((name) => query.get(name) ?? '');
  const doc = all.find((one) => one.account === account && one.name === template && one.language === language);
  if (!doc) return undefined;
  const file = query.get('import');
  const begun = blank(doc.account);
  return {
    ...begun,
    name: query.get('name') ?? `${doc.name.replaceAll('_', ' ')} · ${day}`,
    messages: [{ template: doc.name, language: doc.language, share_percent: 100, values: firstValues(doc, attributes) }],
    ...(file && { audience: { include: { all: [{ import: [file] }] } } }),
  };
}

/** What keeps the message from being sent to anybody. */
export function missingOf(definition: Definition, templates: readonly TemplateDoc[]): Missing[] {
  const found = new Set<Missing>();
  if (definition.name.trim() === '') found.add('name');
  for (const message of definition.messages) {
    const doc = templateOf(definition, message, templates);
    if (!doc) found.add('template');
    else
      for (const slot of slotsOf(doc)) {
        const value = message.values?.[slot.key];
        if (value === undefined || isBlank(value)) found.add(slot.place === 'media' ? 'media' : 'value');
      }
  }
  if (definition.messages.reduce((sum, { share_percent = 100 }) => sum + share_percent, 0) !== 100) found.add('shares');
  return [...found];
}

export function templateOf(
  { account }: Definition,
  { template, language }: Message,
  templates: readonly TemplateDoc[],
): TemplateDoc | undefined {
  return templates.find((one) => one.account === account && one.name === template && one.language === language);
}

/** What has to be filled in; a code is one value, however often it stands in the message. */
export function slotsOf(doc: TemplateDoc): Slot[] {
  return slots(doc.template);
}

/** The values that a template begins with: where its writer said they come from, or an attribute of the same name. */
export function firstValues(doc: TemplateDoc, attributes: readonly string[]): Values {
  const found: [string, Value][] = [];
  for (const slot of slotsOf(doc)) {
    const source = doc.values[slot.key];
    if (slot.place === 'media') {
      if (source?.default) found.push([slot.key, { link: source.default }]);
      continue;
    }
    const name = source?.attribute ?? attributes.find((one) => one.toLowerCase() === slot.name.toLowerCase());
    if (name !== undefined && name !== '') {
      found.push([slot.key, { attribute: { name, ...(source?.default && { default: source.default }) } }]);
    } else if (source?.default) found.push([slot.key, { text: source.default }]);
  }
  return Object.fromEntries(found);
}

/** The messages with equal shares; what does not come out even goes to the first ones. */
export function evenly(messages: readonly Message[]): Message[] {
  const share = Math.floor(100 / messages.length);
  const rest = 100 - share * messages.length;
  return messages.map((message, at) => ({ ...message, share_percent: share + (at < rest ? 1 : 0) }));
}

/** When Meta forgets what is uploaded now. */
export function mediaExpiry(now: number): string {
  return new Date(now + MEDIA_DAYS * DAY_MS).toISOString();
}

/** Which kind of file a header takes, in Meta's word; empty where it takes none. */
export function formatOf(doc: TemplateDoc, slot: Slot): string {
  const header = get(doc.template, slot.at);
  const format = isObject(header) ? header['format'] : undefined;
  return typeof format === 'string' ? format.toUpperCase() : '';
}

/** What a person sees for a value; `undefined` where the person has none. */
export function shownFor(value: Value | undefined, person: { [name: string]: string | null }): string | undefined {
  if (value === undefined) return undefined;
  if ('text' in value) return value.text || undefined;
  if ('link' in value) return value.link || undefined;
  if ('media' in value) return value.media.id || undefined;
  return person[value.attribute.name]?.trim() || value.attribute.default || undefined;
}

/** Without what is empty, as the host takes it. */
export function cleaned(definition: Definition): Definition {
  const { audience, numbers, schedule, track_links, ...rest } = definition;
  const times = Object.fromEntries(Object.entries(schedule ?? {}).filter(([, time]) => time !== ''));
  return {
    ...rest,
    name: definition.name.trim(),
    messages: definition.messages.map((message) => ({
      ...message,
      values: Object.fromEntries(Object.entries(message.values ?? {}).filter(([, value]) => !isBlank(value))),
    })),
    ...(track_links && { track_links }),
    ...(numbers && numbers.length > 0 && { numbers }),
    ...(audience && { audience }),
    ...(Object.keys(times).length > 0 && { schedule: times }),
  };
}

function isBlank(value: Value): boolean {
  if ('text' in value) return value.text === '';
  // Meta fetches from nowhere else, and the host keeps nothing else.
  if ('link' in value) return !/^https:\/\/./.test(value.link);
  if ('media' in value) return value.media.id === '';
  return value.attribute.name === '';
}
