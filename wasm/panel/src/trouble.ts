// What can go wrong in the panel, as data. The messages turn each kind into place, cause and cure.

import { OptionError, UnreadableError } from 'consentry';

import { HostError, type HostErrorKind } from './api/host.ts';

export type TroubleKind = HostErrorKind | 'unreadable' | 'option' | 'engine' | 'several-files';

export interface Trouble {
  kind: TroubleKind;
  /** What exactly was said about it, in English; may be empty. */
  detail: string;
}

export function troubleFrom(thrown: unknown): Trouble {
  if (thrown instanceof HostError) return { kind: thrown.kind, detail: thrown.detail };
  if (thrown instanceof UnreadableError) return { kind: 'unreadable', detail: thrown.message };
  if (thrown instanceof OptionError) return { kind: 'option', detail: thrown.message };
  return { kind: 'engine', detail: thrown instanceof Error ? thrown.message : String(thrown) };
}
