// Numbers, sizes, dates and countries in the words of a language.

import { localeOf, type Language } from './preferences.ts';

export interface Formats {
  number(value: number): string;
  /** With one decimal where there is one. */
  decimal(value: number): string;
  /** An amount of a currency, by its code. */
  money(value: number, currency: string): string;
  /** Share of a whole, for example `12%`. Never 0% or 100% unless it is exactly that. */
  percent(part: number, whole: number): string;
  bytes(value: number): string;
  /** Day and time. */
  moment(rfc3339: string): string;
  /** Day and time as short as they go, with seconds. */
  clock(rfc3339: string): string;
  /** A day as `YYYY-MM-DD`, in words. */
  day(iso: string): string;
  /** `3 minutes ago`. */
  ago(rfc3339: string): string;
  /** Country of an ISO 3166 alpha-2 code. `undefined` where the browser knows no name. */
  country(iso: string): string | undefined;
  /** Sorts names as a person of that language expects. */
  compare(a: string, b: string): number;
}

const made = new Map<Language, Formats>();

export function formats(language: Language): Formats {
  let known = made.get(language);
  if (!known) made.set(language, (known = make(localeOf(language))));
  return known;
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

const STEPS: readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

function make(locale: string): Formats {
  const number = new Intl.NumberFormat(locale);
  const decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const clock = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const countries = new Intl.DisplayNames(locale, { type: 'region', fallback: 'none' });
  const collator = new Intl.Collator(locale);
  return {
    number: (value) => number.format(value),
    decimal: (value) => decimal.format(value),
    money(value, currency) {
      try {
        return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(value);
      } catch {
        return `${number.format(value)} ${currency}`; // No code that the browser takes.
      }
    },
    percent(part, whole) {
      if (whole === 0) return percent.format(0);
      const share = part / whole;
      // Rounding must not turn “nearly all” into “all”.
      if (part > 0 && share < 0.001) return `< ${percent.format(0.001)}`;
      if (part < whole && share > 0.999) return `> ${percent.format(0.999)}`;
      return percent.format(share);
    },
    bytes(value) {
      const step = value < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3));
      const unit = UNITS[step] ?? 'byte';
      const unitDisplay = step === 0 ? 'long' : 'short';
      const digits = { maximumFractionDigits: step === 0 ? 0 : 1 };
      return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay, ...digits }).format(
        value / 1000 ** step,
      );
    },
    clock: (text) => clock.format(new Date(text)),
    moment: (text) => moment.format(new Date(text)),
    day: (iso) => day.format(new Date(`${iso.slice(0, 10)}T00:00:00Z`)),
    ago(text) {
      const seconds = (Date.parse(text) - Date.now()) / 1000;
      for (const [unit, length] of STEPS) {
        if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
      }
      return relative.format(0, 'second');
    },
    country: (iso) => (iso.length === 2 && iso !== 'ZZ' ? countries.of(iso) : undefined),
    compare: collator.compare,
  };
}
