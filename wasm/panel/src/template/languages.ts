// The languages a template can be written in, as Meta lists them, and their names in the language of the reader.

const CODES =
  'af ar ar_AE ar_EG ar_LB ar_MA ar_QA az be_BY bg bn bn_IN ca cs da de de_AT de_CH el en en_AE en_AU en_CA en_GB ' +
  'en_GH en_IE en_IN en_JM en_MY en_NZ en_QA en_SG en_UG en_US en_ZA es es_AR es_CL es_CO es_CR es_DO es_EC es_ES ' +
  'es_HN es_MX es_PA es_PE es_UY et fa fi fil fr fr_BE fr_CA fr_CH fr_CI fr_MA ga gu ha he hi hr hu id it ja ka kk ' +
  'kn ko ky_KG lo lt lv mk ml mr ms nb nl nl_BE pa pl prs_AF ps_AF pt_BR pt_PT ro ru rw_RW si_LK sk sl sq sr sv sw ' +
  'ta te th tr uk ur uz vi zh_CN zh_HK zh_TW zu';

export const LANGUAGE_CODES: readonly string[] = CODES.split(' ');

const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(['ar', 'fa', 'he', 'ur', 'ps', 'prs']);

/** Which way a template's language is written. */
export function directionOf(code: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(code.split(/[_-]/)[0] ?? '') ? 'rtl' : 'ltr';
}

/** Making these takes milliseconds, which is too long for every key that is pressed. */
const named = new Map<string, Intl.DisplayNames>();

/** Its name, in the language of whoever reads; the code itself where the browser knows none. */
export function languageName(code: string, locale: string): string {
  try {
    let names = named.get(locale);
    if (!names) {
      names = new Intl.DisplayNames(locale, { type: 'language', languageDisplay: 'standard' });
      named.set(locale, names);
    }
    return names.of(code.replaceAll('_', '-')) ?? code;
  } catch {
    return code; // Not written as a language; the engine says so.
  }
}
