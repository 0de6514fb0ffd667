// Who sits here, as they said last: whoever starts, stops or approves a campaign is named with it. Kept in the browser.

import { cell } from '../cell.ts';

const KEY = 'consentry.name';

/** Longest name of a person, in characters. */
export const BY_CHARS_MAX = 60;

export const who = cell(kept());

export function sayWho(name: string): void {
  who.set(name);
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // Storage can be forbidden; then it is known as long as the page lives.
  }
}

/** As the host is told: nothing where nobody said who they are. */
export function by(): { by?: string } {
  const name = who.get().trim();
  return name === '' ? {} : { by: name };
}

function kept(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}
