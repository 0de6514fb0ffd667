// A template as the JSON document it is. What the builder does not know stays where it stands: every change replaces one
// place, named by a JSON pointer (RFC 6901), and leaves the rest as it came.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: Json;
}

/** What stands there; `undefined` where nothing does. */
export function get(document: Json, pointer: string): Json | undefined {
  let here: Json | undefined = document;
  for (const part of parts(pointer)) {
    if (isList(here)) here = here[indexOf(part, here.length)];
    else if (isObject(here)) here = Object.hasOwn(here, part) ? here[part] : undefined;
    else return undefined;
  }
  return here;
}

/** With another value there. Objects on the way are made where they are missing; a list is never grown by this. */
export function set<T extends Json>(document: T, pointer: string, value: Json): T {
  return changed(document, parts(pointer), () => value) as T;
}

/** With a further item in a list; a list that is missing is made. */
export function insert<T extends Json>(document: T, list: string, index: number, item: Json): T {
  const items = listAt(document, list);
  return set(document, list, [...items.slice(0, index), item, ...items.slice(index)]);
}

/** Without what stands there. */
export function remove<T extends Json>(document: T, pointer: string): T {
  const path = parts(pointer);
  const last = path.pop();
  if (last === undefined || get(document, pointer) === undefined) return document;
  return changed(document, path, (parent) => {
    if (isList(parent)) return parent.filter((_, at) => at !== indexOf(last, parent.length));
    return Object.fromEntries(Object.entries(parent as JsonObject).filter(([name]) => name !== last));
  }) as T;
}

/** With an item of a list at another place of it. */
export function move<T extends Json>(document: T, list: string, from: number, to: number): T {
  const items = [...listAt(document, list)];
  if (from === to || !(from in items) || to < 0 || to >= items.length) return document;
  items.splice(to, 0, ...items.splice(from, 1));
  return set(document, list, items);
}

/** With the repair that the engine offers: `add` of a JSON Patch (RFC 6902), which replaces a member and enters an item. */
export function patched<T extends Json>(document: T, patch: readonly { op: 'add'; path: string; value: unknown }[]): T {
  return patch.reduce((now, { path, value }) => {
    const at = path.lastIndexOf('/');
    const parent = at < 0 ? undefined : get(now, path.slice(0, at));
    if (!isList(parent)) return set(now, path, value as Json);
    const index = path.slice(at + 1) === '-' ? parent.length : indexOf(path.slice(at + 1), parent.length + 1);
    return index < 0 ? now : insert(now, path.slice(0, at), index, value as Json);
  }, document);
}

/** The text there; empty where there is none. */
export function textAt(document: Json, pointer: string): string {
  const found = get(document, pointer);
  return typeof found === 'string' ? found : '';
}

/** The list there; empty where there is none. */
export function listAt(document: Json, pointer: string): readonly Json[] {
  const found = get(document, pointer);
  return isList(found) ? found : [];
}

/** Whether a finding at `path` is about this place or something inside it. */
export function isWithin(path: string, pointer: string): boolean {
  return path === pointer || path.startsWith(`${pointer}/`);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

function parts(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** -1 where it is no place of the list. */
function indexOf(part: string, length: number): number {
  const index = /^(0|[1-9]\d*)$/.test(part) ? Number(part) : -1;
  return index < length ? index : -1;
}

function changed(here: Json | undefined, path: readonly string[], change: (old: Json | undefined) => Json): Json {
  const [first, ...rest] = path;
  if (first === undefined) return change(here);
  if (isList(here)) {
    const index = indexOf(first, here.length);
    return index < 0 ? here : here.map((item, at) => (at === index ? changed(item, rest, change) : item));
  }
  const object = isObject(here) ? here : {};
  const old = Object.hasOwn(object, first) ? object[first] : undefined;
  return { ...object, [first]: changed(old, rest, change) };
}
