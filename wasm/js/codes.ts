// Every code a diagnostic can carry. Rendered from core/src/rule.rs by tests/it/rendered.rs.

/** Codes in the order of the rules. */
export const CODES = [
  'file-empty',
  'header-missing',
  'column-missing',
  'column-duplicate',
  'column-unknown',
  'encoding-assumed',
  'encoding-unreadable',
  'quote-unclosed',
  'field-too-long',
  'row-too-long',
  'row-width',
  'number-missing',
  'number-no-country-code',
  'number-too-short',
  'number-too-long',
  'number-invalid',
  'number-unassigned',
  'number-not-digits',
  'number-excel-damaged',
  'number-plus-missing',
  'number-country-assumed',
  'number-legacy-form',
  'number-unwrapped',
  'number-type-unlikely',
  'permission-missing',
  'permission-unknown',
  'permission-zero',
  'email-invalid',
  'msisdn-invalid',
  'exid-too-long',
  'number-repeated',
  'identifiers-conflict',
  'identifier-differs',
] as const;

/** A code a diagnostic can carry. */
export type Code = (typeof CODES)[number];
