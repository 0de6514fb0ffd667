// The parts of a template: where each stands in the document, what a new one looks like, and in which order they go.

import { get, insert, isObject, listAt, remove, textAt, type Json, type JsonObject } from './document.ts';

export type ComponentKind = 'HEADER' | 'LIMITED_TIME_OFFER' | 'BODY' | 'FOOTER' | 'BUTTONS' | 'CAROUSEL';
export type HeaderFormat = 'TEXT' | 'IMAGE' | 'VIDEO' | 'DOCUMENT' | 'LOCATION';
export type ButtonKind =
  | 'QUICK_REPLY'
  | 'URL'
  | 'PHONE_NUMBER'
  | 'COPY_CODE'
  | 'FLOW'
  | 'CATALOG'
  | 'VOICE_CALL'
  | 'REQUEST_CONTACT_INFO';

/** From top to bottom, as people see them. */
const ORDER: readonly string[] = ['HEADER', 'LIMITED_TIME_OFFER', 'BODY', 'FOOTER', 'BUTTONS', 'CAROUSEL'];

export const CATEGORIES = ['MARKETING', 'UTILITY', 'AUTHENTICATION'] as const;
export type Category = (typeof CATEGORIES)[number];
export const HEADER_FORMATS: readonly HeaderFormat[] = ['TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION'];
export const BUTTON_KINDS: readonly ButtonKind[] = [
  'QUICK_REPLY',
  'URL',
  'PHONE_NUMBER',
  'COPY_CODE',
  'FLOW',
  'CATALOG',
  'VOICE_CALL',
  'REQUEST_CONTACT_INFO',
];

/** Longest texts, in characters, as Meta documents them; the engine judges, these only count along. */
export const CHARS_MAX = { header: 60, body: 1024, card: 160, footer: 60, label: 25, offer: 16 } as const;
/** Most buttons of a message, and of a card. */
export const BUTTONS_MAX = { message: 10, card: 2 } as const;
/** Most cards of a carousel. */
export const CARDS_MAX = 10;

/** Members that Meta adds when it lists a template; a draft is without them. */
const LISTED_ONLY: readonly string[] = [
  'id',
  'status',
  'quality_score',
  'rejected_reason',
  'previous_category',
  'correct_category',
  'sub_category',
];

/** A member that is a word, in capitals: Meta takes and gives both. */
export function wordAt(document: Json, pointer: string): string {
  return textAt(document, pointer).toUpperCase();
}

/** Where the component of this kind stands in a list of components. */
export function find(document: Json, list: string, kind: ComponentKind): string | undefined {
  const at = listAt(document, list).findIndex((component) => wordAt(component, '/type') === kind);
  return at < 0 ? undefined : `${list}/${at}`;
}

/** Components that the builder has no fields for, and further ones of a kind that it has. */
export function others(document: Json, list: string): { at: string; kind: string }[] {
  const seen = new Set<string>();
  return listAt(document, list).flatMap((component, index) => {
    const kind = wordAt(component, '/type');
    const isKnown = ORDER.includes(kind) && !seen.has(kind);
    seen.add(kind);
    return isKnown ? [] : [{ at: `${list}/${index}`, kind: kind || '?' }];
  });
}

/** With a component of this kind at its place, if it was not there. */
export function withComponent<T extends Json>(document: T, list: string, component: JsonObject): T {
  const kind = wordAt(component, '/type');
  if (find(document, list, kind as ComponentKind) !== undefined) return document;
  const rank = ORDER.indexOf(kind);
  const before = listAt(document, list).findIndex((other) => ORDER.indexOf(wordAt(other, '/type')) > rank);
  return insert(document, list, before < 0 ? listAt(document, list).length : before, component);
}

/** Without the component of this kind. */
export function withoutComponent<T extends Json>(document: T, list: string, kind: ComponentKind): T {
  const at = find(document, list, kind);
  return at === undefined ? document : remove(document, at);
}

/** A button with nothing in it yet. */
export function newButton(kind: ButtonKind, label: string): JsonObject {
  switch (kind) {
    case 'URL':
      return { type: kind, text: label, url: 'https://' };
    case 'PHONE_NUMBER':
      return { type: kind, text: label, phone_number: '+' };
    case 'COPY_CODE':
      return { type: kind, example: '' };
    case 'FLOW':
      return { type: kind, text: label, flow_id: '', flow_action: 'navigate' };
    case 'REQUEST_CONTACT_INFO':
      return { type: kind };
    default:
      return { type: kind, text: label };
  }
}

/** A card like the last one, or the first of all. */
export function newCard(cards: readonly Json[]): Json {
  const last = cards.at(-1);
  if (last !== undefined) return last;
  return { components: [{ type: 'HEADER', format: 'IMAGE' }, { type: 'BODY', text: '' }] };
}

/** What a code is sent with: Meta writes the texts itself. */
export const CODE_COMPONENTS: readonly Json[] = [
  { type: 'BODY', add_security_recommendation: true },
  { type: 'FOOTER', code_expiration_minutes: 10 },
  { type: 'BUTTONS', buttons: [{ type: 'OTP', otp_type: 'COPY_CODE' }] },
];

export const BLANK: JsonObject = {
  name: '',
  language: 'en',
  category: 'MARKETING',
  parameter_format: 'POSITIONAL',
  components: [{ type: 'BODY', text: '' }],
};

/** A listed template as one that can be written on. */
export function writable(listed: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(listed).filter(([member]) => !LISTED_ONLY.includes(member)));
}

/** The words of a component: what another template must not say too. */
export function wordsOf(template: Json, kind: 'BODY' | 'FOOTER'): string | undefined {
  const at = find(template, '/components', kind);
  const text = at === undefined ? undefined : get(template, `${at}/text`);
  return typeof text === 'string' ? text : undefined;
}

export function isReadable(value: unknown): value is JsonObject {
  return isObject(value);
}
