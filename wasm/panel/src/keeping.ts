// What the upload page keeps in the browser from one visit to the next: how files with this header were read, and which
// upload was under way. Never sent anywhere.

import type { Column, Options } from 'consentry';

import type { Settings } from './session.ts';

const READINGS = 'consentry.readings';
const SENDING = 'consentry.sending';
/** Headers remembered; the oldest go first. */
const READINGS_MAX = 40;

/** What is remembered of a header: what its columns mean, and the vocabulary. Delimiter and encoding belong to a file. */
type Reading = Pick<Options, 'map' | 'attributes' | 'country' | 'permission' | 'numbers'>;

/** How files with these columns were read last time. */
export function remembered(columns: readonly Column[]): Reading | undefined {
  return readings().find(([signature]) => signature === signatureOf(columns))?.[1];
}

/** Remembers it for the next file with these columns. What says nothing is forgotten. */
export function remember(columns: readonly Column[], { map, attributes, country, permission, numbers }: Options): void {
  if (columns.length === 0) return;
  const said = Object.entries({ map, attributes, country, permission, numbers }).filter(([, value]) => value !== undefined);
  const signature = signatureOf(columns);
  const others = readings().filter(([known]) => known !== signature);
  const all = said.length > 0 ? [...others, [signature, Object.fromEntries(said)]] : others;
  keep(READINGS, all.slice(-READINGS_MAX));
}

/** An upload that began and, as long as this is kept, has not ended. */
export interface Unsent {
  name: string;
  size: number;
  lastModified: number;
  settings: Settings;
  /** What was being sent was not the file itself but the file with corrections, which are gone. */
  corrected: boolean;
}

export function unsent(): Unsent | undefined {
  return kept<Unsent>(SENDING);
}

export function beginSending(file: File, settings: Settings, corrected: boolean): void {
  const { name, size, lastModified } = file;
  keep(SENDING, { name, size, lastModified, settings, corrected } satisfies Unsent);
}

export function endSending(): void {
  keep(SENDING, undefined);
}

function readings(): [signature: string, reading: Reading][] {
  const all = kept<unknown>(READINGS);
  return Array.isArray(all) ? (all as [string, Reading][]) : [];
}

function signatureOf(columns: readonly Column[]): string {
  return columns.map(({ header }) => header.trim().toLowerCase()).join('\u001f');
}

function kept<T>(key: string): T | undefined {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? 'null') as T | null) ?? undefined;
  } catch {
    return undefined; // Storage can be forbidden, or hold what an older panel wrote.
  }
}

function keep(key: string, value: unknown): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Then it is asked again next time.
  }
}
