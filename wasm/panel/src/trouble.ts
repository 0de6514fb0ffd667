// What can go wrong in the panel, as data. The messages turn each kind into place, cause and cure.

import { OptionError, UnreadableError } from 'consentry';

import { HostError, type HostErrorKind } from './api/host.ts';

export type TroubleKind =
  HostErrorKind | 'under-way' | 'not-undoable' | 'unreadable' | 'option' | 'engine' | 'several-files';

/** Problems of the host's that have words of their own, by code. */
const KNOWN: { [code: string]: TroubleKind } = { 'import-under-way': 'under-way', 'not-undoable': 'not-undoable' };

export interface Trouble {
  kind: TroubleKind;
  /** What exactly was said about it, in English; may be empty. */
  detail: string;
}

export function troubleFrom(thrown: unknown): Trouble {
  if (thrown instanceof HostError) return { kind: KNOWN[thrown.code ?? ''] ?? thrown.kind, detail: thrown.detail };
  if (thrown instanceof UnreadableError) return { kind: 'unreadable', detail: thrown.message };
  if (thrown instanceof OptionError) return { kind: 'option', detail: thrown.message };
  return { kind: 'engine', detail: thrown instanceof Error ? thrown.message : String(thrown) };
}
