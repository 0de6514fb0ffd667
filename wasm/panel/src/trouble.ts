// What can go wrong in the panel, as data. The messages turn each kind into place, cause and cure.

import { OptionError, UnreadableError } from 'consentry';

import { HostError, type HostErrorKind } from './api/host.ts';
import type { MetaRefusal } from './api/templates.ts';

export type TroubleKind =
  | HostErrorKind
  | 'under-way'
  | 'not-undoable'
  | 'unreadable'
  | 'option'
  | 'engine'
  | 'several-files'
  | 'overtaken'
  | 'template-rejected'
  | 'meta-refused'
  | 'meta-not-asked'
  | 'meta-unknown'
  | 'not-now'
  | 'app-unknown'
  | 'account-unusable'
  | 'secrets-locked'
  | 'file-too-large'
  | 'not-signed-in'
  | 'not-allowed'
  | 'not-right'
  | 'too-many-attempts'
  | 'link-used'
  | 'not-invited'
  | 'provider-not-usable';

/** Problems of the host's that have words of their own, by code. */
const KNOWN: { [code: string]: TroubleKind } = {
  'import-under-way': 'under-way',
  'not-undoable': 'not-undoable',
  overtaken: 'overtaken',
  'template-rejected': 'template-rejected',
  'meta-refused': 'meta-refused',
  'meta-not-asked': 'meta-not-asked',
  'meta-unknown': 'meta-unknown',
  'not-now': 'not-now',
  'app-unknown': 'app-unknown',
  'account-unusable': 'account-unusable',
  'secrets-locked': 'secrets-locked',
  'file-too-large': 'file-too-large',
  'not-signed-in': 'not-signed-in',
  'not-allowed': 'not-allowed',
  'not-right': 'not-right',
  'too-many-attempts': 'too-many-attempts',
  'link-used': 'link-used',
  'not-invited': 'not-invited',
  'provider-not-usable': 'provider-not-usable',
};

export interface Trouble {
  kind: TroubleKind;
  /** What exactly was said about it, in English; may be empty. */
  detail: string;
  /** What Meta said, where it was Meta who refused. */
  meta?: MetaRefusal;
}

export function troubleFrom(thrown: unknown): Trouble {
  if (thrown instanceof HostError) {
    const kind = KNOWN[thrown.code ?? ''] ?? thrown.kind;
    const meta = thrown.more['meta'] as MetaRefusal | undefined;
    return { kind, detail: thrown.detail, ...(meta && { meta }) };
  }
  if (thrown instanceof UnreadableError) return { kind: 'unreadable', detail: thrown.message };
  if (thrown instanceof OptionError) return { kind: 'option', detail: thrown.message };
  return { kind: 'engine', detail: thrown instanceof Error ? thrown.message : String(thrown) };
}
