// Conditions while they are written: a tree of groups. What somebody has only begun to write says nothing yet and is left
// out of what the host is asked.

import type { Audience, AttributeIs, Condition } from '../api/campaign-documents.ts';

export type Kind = 'attribute' | 'country' | 'import' | 'tag' | 'last_message' | 'consent_age' | 'segment' | 'group';
export const KINDS: readonly Kind[] = [
  'attribute',
  'country',
  'import',
  'tag',
  'last_message',
  'consent_age',
  'segment',
  'group',
];

export type Operator = 'is' | 'contains' | 'begins' | 'at_least' | 'at_most' | 'exists' | 'lacks';
export const OPERATORS: readonly Operator[] = ['is', 'contains', 'begins', 'at_least', 'at_most', 'exists', 'lacks'];

/** A group as it is written. */
export interface Group {
  joined: 'all' | 'any';
  of: Condition[];
}

export function fresh(kind: Kind): Condition {
  switch (kind) {
    case 'attribute':
      return { attribute: { name: '', is: [] } };
    case 'country':
      return { country: [] };
    case 'import':
      return { import: [] };
    case 'tag':
      return { tag: [] };
    case 'last_message':
      return { last_message: { status: ['read'], within_days: 30 } };
    case 'consent_age':
      return { consent_age: { days_max: 365 } };
    case 'segment':
      return { segment: '' };
    case 'group':
      return { any: [] };
  }
}

export function kindOf(condition: Condition): Kind {
  if ('not' in condition) return kindOf(condition.not);
  if ('all' in condition || 'any' in condition) return 'group';
  return Object.keys(condition)[0] as Kind;
}

/** Without the "not" before it, and whether there is one. */
export function bare(condition: Condition): { isNot: boolean; inner: Condition } {
  if (!('not' in condition)) return { isNot: false, inner: condition };
  const { isNot, inner } = bare(condition.not);
  return { isNot: !isNot, inner };
}

export function negated(condition: Condition, isNot: boolean): Condition {
  return isNot ? { not: condition } : condition;
}

/** The root of what is edited: everything is in a group, so that there is always a place for the next condition. */
export function groupOf(condition: Condition | undefined): Group {
  if (condition === undefined) return { joined: 'all', of: [] };
  if ('all' in condition) return { joined: 'all', of: condition.all };
  if ('any' in condition) return { joined: 'any', of: condition.any };
  return { joined: 'all', of: [condition] };
}

export function written({ joined, of }: Group): Condition {
  return joined === 'all' ? { all: of } : { any: of };
}

export function operatorOf(attribute: AttributeIs): Operator {
  if (attribute.exists !== undefined) return attribute.exists ? 'exists' : 'lacks';
  return OPERATORS.find((one) => one !== 'lacks' && attribute[one] !== undefined) ?? 'is';
}

/** The same attribute under another comparison; the word that was compared with stays. */
export function compared(attribute: AttributeIs, operator: Operator): AttributeIs {
  const { name } = attribute;
  const word = attribute.is?.[0] ?? attribute.contains ?? attribute.begins ?? attribute.at_least ?? attribute.at_most ?? '';
  switch (operator) {
    case 'is':
      return { name, is: word === '' ? [] : [word] };
    case 'exists':
      return { name, exists: true };
    case 'lacks':
      return { name, exists: false };
    default:
      return { name, [operator]: word };
  }
}

/** Only what is written to its end; nothing where nothing is. */
export function complete(condition: Condition | undefined): Condition | undefined {
  if (condition === undefined) return undefined;
  if ('not' in condition) {
    const inner = complete(condition.not);
    return inner && { not: inner };
  }
  if ('all' in condition || 'any' in condition) {
    const { joined, of } = groupOf(condition);
    const kept = of.map(complete).filter((one) => one !== undefined);
    return kept.length > 0 ? written({ joined, of: kept }) : undefined;
  }
  if ('segment' in condition) return condition.segment === '' ? undefined : condition;
  if ('country' in condition) return condition.country.length > 0 ? condition : undefined;
  if ('import' in condition) return condition.import.length > 0 ? condition : undefined;
  if ('tag' in condition) return condition.tag.length > 0 ? condition : undefined;
  if ('last_message' in condition) return condition.last_message.status.length > 0 ? condition : undefined;
  if ('consent_age' in condition) {
    const { days_min, days_max } = condition.consent_age;
    return days_min !== undefined || days_max !== undefined ? condition : undefined;
  }
  const { attribute } = condition;
  const { name, ...comparison } = attribute;
  const [against] = Object.values(comparison);
  const isSaid = typeof against === 'boolean' || (against !== undefined && against.length > 0);
  return name !== '' && isSaid ? condition : undefined;
}

export function completeAudience({ include, exclude }: Audience): Audience {
  const [kept, left] = [complete(include), complete(exclude)];
  return { ...(kept && { include: kept }), ...(left && { exclude: left }) };
}
