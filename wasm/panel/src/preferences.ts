// What a person chose about the panel itself: language and theme. Kept in the browser, never sent anywhere.

import { cell } from './cell.ts';

export type Language = 'en' | 'tr';
export type Theme = 'light' | 'dark';

export const LANGUAGES: readonly Language[] = ['en', 'tr'];

/** Languages that are written from right to left; the layout follows `dir`, so adding one here is all it takes. */
const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(['ar', 'fa', 'he', 'ur']);

export const language = cell<Language>(firstLanguage());
export const theme = cell<Theme>(firstTheme());

/** The person's own variety of a language, for dates and numbers: `en-GB` writes them unlike `en-US`. */
export function localeOf(one: Language): string {
  return navigator.languages.find((tag) => tag.toLowerCase().split('-')[0] === one) ?? one;
}

/** Reads the page in another language from now on. */
export function chooseLanguage(next: Language): void {
  language.set(next);
  keep('consentry.language', next);
  showLanguage();
}

/** Changes to light or dark, whatever the system says. */
export function chooseTheme(next: Theme): void {
  theme.set(next);
  keep('consentry.theme', next);
  document.documentElement.dataset['theme'] = next;
}

/** Tells the document which language it is in. */
export function showLanguage(): void {
  document.documentElement.lang = language.get();
  document.documentElement.dir = RIGHT_TO_LEFT.has(language.get()) ? 'rtl' : 'ltr';
}

// Until somebody chooses, the theme follows the system, also while the page is open.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => theme.set(firstTheme()));

function firstLanguage(): Language {
  const wanted = [kept('consentry.language'), ...navigator.languages];
  const known = wanted.map((tag) => LANGUAGES.find((one) => tag?.toLowerCase().split('-')[0] === one));
  return known.find((one) => one !== undefined) ?? 'en';
}

function firstTheme(): Theme {
  const chosen = kept('consentry.theme');
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // Storage can be forbidden; the panel works without.
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Then the choice lasts as long as the page.
  }
}
