// Variables of a template: where they stand, their examples in the shapes Meta wants, new ones, other names.

import { find, wordAt } from './components.ts';
import { get, isList, isObject, listAt, remove, set, textAt, type Json, type JsonObject } from './document.ts';

/** Where a value comes from when the template is sent. */
export interface Source {
  attribute?: string;
  default?: string;
}
export interface Sources {
  readonly [key: string]: Source;
}

/** One thing that differs from person to person. */
export interface Slot {
  /** Key of its value when it is sent: `body.1`, `header.media`, `button.0`, `card.1.body.2`. */
  key: string;
  /** As it stands in braces; empty where it is a whole thing, such as a picture. */
  name: string;
  place: 'header' | 'media' | 'body' | 'button' | 'code';
  /** Of the component or button that it stands in. */
  at: string;
  /** Which card, counted from 1; 0 for the message itself. */
  card: number;
  /** The example that reviewers read; nothing where an upload is the example. */
  example?: string;
}

const VARIABLE = /\{\{([^{}]*)\}\}/g;

/** Names in braces, each once, in their order. */
export function variablesIn(text: string): string[] {
  return [...new Set([...text.matchAll(VARIABLE)].map(([, name]) => (name ?? '').trim()))].filter((name) => name !== '');
}

export function isNamed(template: Json): boolean {
  return wordAt(template, '/parameter_format') === 'NAMED';
}

/** The next variable of a text: a number after the highest, or a name that is free. */
export function nextVariable(template: Json, text: string): string {
  const known = variablesIn(text);
  if (!isNamed(template)) return String(1 + Math.max(0, ...known.map(Number).filter(Number.isSafeInteger)));
  const names = new Set(slots(template).map((slot) => slot.name));
  for (const name of ['first_name', 'order_number', 'date']) if (!names.has(name) && !known.includes(name)) return name;
  for (let n = 1; ; n += 1) if (!names.has(`value_${n}`) && !known.includes(`value_${n}`)) return `value_${n}`;
}

/** Everything that has to be filled in. */
export function slots(template: Json): Slot[] {
  const found = slotsIn(template, '/components', '', 0);
  const carousel = find(template, '/components', 'CAROUSEL');
  if (carousel === undefined) return found;
  const cards = listAt(template, `${carousel}/cards`);
  return [
    ...found,
    ...cards.flatMap((_, n) => slotsIn(template, `${carousel}/cards/${n}/components`, `card.${n}.`, n + 1)),
  ];
}

function slotsIn(template: Json, list: string, prefix: string, card: number): Slot[] {
  const found: Slot[] = [];
  const header = find(template, list, 'HEADER');
  if (header !== undefined) {
    const format = wordAt(template, `${header}/format`) || 'TEXT';
    if (format === 'TEXT') found.push(...textSlots(template, header, 'header', prefix, card));
    else if (['IMAGE', 'VIDEO', 'DOCUMENT', 'GIF'].includes(format)) {
      found.push({ key: `${prefix}header.media`, name: '', place: 'media', at: header, card });
    }
  }
  const body = find(template, list, 'BODY');
  if (body !== undefined) found.push(...textSlots(template, body, 'body', prefix, card));
  const buttons = find(template, list, 'BUTTONS');
  if (buttons === undefined) return found;
  listAt(template, `${buttons}/buttons`).forEach((button, n) => {
    const at = `${buttons}/buttons/${n}`;
    const kind = wordAt(button, '/type');
    const [name] = variablesIn(textAt(button, '/url'));
    const slot = { key: `${prefix}button.${n}`, at, card, example: exampleOfButton(button) };
    if (kind === 'URL' && name !== undefined) found.push({ ...slot, name, place: 'button' });
    if (kind === 'COPY_CODE') found.push({ ...slot, name: '', place: 'code' });
  });
  return found;
}

function textSlots(template: Json, at: string, place: 'header' | 'body', prefix: string, card: number): Slot[] {
  return variablesIn(textAt(template, `${at}/text`)).map((name) => {
    const example = exampleOf(template, at, place, name);
    return { key: `${prefix}${place}.${name}`, name, place, at, card, example };
  });
}

function exampleOfButton(button: Json): string {
  const example = get(button, '/example');
  const first = isList(example) ? example[0] : example;
  return typeof first === 'string' ? first : '';
}

function exampleOf(template: Json, at: string, place: 'header' | 'body', name: string): string {
  const number = Number(name);
  if (!Number.isSafeInteger(number)) {
    const params = listAt(template, `${at}/example/${place}_text_named_params`);
    return textAt(params.find((param) => textAt(param, '/param_name') === name) ?? null, '/example');
  }
  const given = positional(template, at, place)[number - 1];
  return typeof given === 'string' ? given : '';
}

/** Examples in their order; those of a body stand in a list of lists. */
function positional(template: Json, at: string, place: 'header' | 'body'): readonly Json[] {
  const given = get(template, `${at}/example/${place}_text`);
  if (typeof given === 'string') return [given];
  if (!isList(given)) return [];
  const [first] = given;
  return isList(first) ? first : given;
}

/** With another example for a slot. */
export function withExample<T extends Json>(template: T, slot: Slot, example: string): T {
  const { at, place, name } = slot;
  if (place === 'code') return set(template, `${at}/example`, example);
  if (place === 'button') return set(template, `${at}/example`, example === '' ? [] : [example]);
  if (place === 'media') return template;
  const number = Number(name);
  if (!Number.isSafeInteger(number)) {
    const list = `${at}/example/${place}_text_named_params`;
    const kept = listAt(template, list).filter((param) => textAt(param, '/param_name') !== name);
    return set(template, list, example === '' ? kept : [...kept, { param_name: name, example }]);
  }
  const given = [...positional(template, at, place)];
  while (given.length < number) given.push('');
  given[number - 1] = example;
  return set(template, `${at}/example/${place}_text`, place === 'body' ? [given] : given);
}

/** Without examples of variables that are gone. Not done while somebody types: a brace may be away for a moment only. */
export function pruned<T extends Json>(template: T, at: string, place: 'header' | 'body'): T {
  const names = variablesIn(textAt(template, `${at}/text`));
  let next = template;
  const params = `${at}/example/${place}_text_named_params`;
  if (get(next, params) !== undefined) {
    const kept = listAt(next, params).filter((param) => names.includes(textAt(param, '/param_name')));
    next = set(next, params, kept);
    if (kept.length === 0) next = remove(next, params);
  }
  if (get(next, `${at}/example/${place}_text`) !== undefined) {
    const highest = Math.max(0, ...names.map(Number).filter(Number.isSafeInteger));
    const kept = positional(next, at, place).slice(0, highest);
    next = set(next, `${at}/example/${place}_text`, place === 'body' ? [kept] : kept);
    if (kept.length === 0) next = remove(next, `${at}/example/${place}_text`);
  }
  const example = get(next, `${at}/example`);
  return isObject(example) && Object.keys(example).length === 0 ? remove(next, `${at}/example`) : next;
}

/** With a variable under another name: in the text, in its examples and where its value comes from. */
export function renamed(template: JsonObject, sources: Sources, slot: Slot, to: string): [JsonObject, Sources] {
  const from = slot.name;
  if (from === to || to === '') return [template, sources];
  const example = slot.example ?? '';
  const member = slot.place === 'button' ? 'url' : 'text';
  let next = set(template, `${slot.at}/${member}`, replaced(textAt(template, `${slot.at}/${member}`), from, to));
  if (slot.place === 'header' || slot.place === 'body') {
    next = withExample(next, { ...slot, name: to }, example);
    next = pruned(next, slot.at, slot.place);
  }
  const key = slot.key.replace(/[^.]*$/, to);
  const moved = Object.entries(sources).map(([name, source]) => [name === slot.key ? key : name, source]);
  return [next, slot.place === 'button' ? sources : (Object.fromEntries(moved) as Sources)];
}

/** The template with numbers for names, or names for numbers. */
export function reformatted(template: JsonObject, sources: Sources, format: 'POSITIONAL' | 'NAMED'): [JsonObject, Sources] {
  let next: JsonObject = template;
  let moved = sources;
  const isNumber = (name: string) => /^\d+$/.test(name);
  const taken = new Set(slots(template).map((slot) => `${slot.at} ${slot.name}`));
  const names = new Set(slots(template).map((slot) => slot.name));
  for (const slot of slots(template)) {
    const isText = slot.place === 'header' || slot.place === 'body';
    if (!isText || isNumber(slot.name) === (format === 'POSITIONAL')) continue;
    let n = 1;
    if (format === 'POSITIONAL') while (taken.has(`${slot.at} ${n}`)) n += 1;
    else while (names.has(`value_${n}`)) n += 1;
    const to = format === 'POSITIONAL' ? String(n) : `value_${n}`;
    taken.add(`${slot.at} ${to}`);
    names.add(to);
    [next, moved] = renamed(next, moved, slot, to);
  }
  return [set(next, '/parameter_format', format), moved];
}

function replaced(text: string, from: string, to: string): string {
  return text.replace(VARIABLE, (whole, name: string) => (name.trim() === from ? `{{${to}}}` : whole));
}
