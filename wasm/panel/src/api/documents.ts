// The host's JSON documents, as far as the panel reads them.

import type { Code, Diagnostic, Engine, FileFacts, Options } from 'consentry';

export type ImportState =
  'accepted' | 'checking' | 'applying' | 'committed' | 'refused' | 'failed' | 'undone' | 'dry_run' | 'already_imported';

/** One import: what came, what became of it, who judged. What only the check can tell is empty until then. */
export interface ImportDoc {
  import: string;
  state: ImportState;
  file: FileFacts;
  counts: ImportCounts;
  codes: { [code in Code]?: number };
  /** Always empty in the list of imports. */
  diagnostics: Diagnostic[];
  diagnostics_omitted: number;
  engine: Engine;
  /** Empty until the file was judged. */
  digest: string;
  /** The digest that the browser had sent along was another one. */
  digest_differs?: true;
  /** RFC 3339. */
  received_at: string;
  finished_at?: string;
  /** The day the consents were collected, as declared. */
  as_of?: string;
  /** Why its opt-ins lift people's own opt-outs. */
  override_reason?: string;
  options: Options;
  progress?: {
    phase: 'checking' | 'applying';
    rows_done: number;
    rows_total?: number;
    bytes_done: number;
    bytes: number;
  };
  /** Why it failed, in words. */
  failure?: string;
  /** How it was taken back. */
  undo?: Undo;
}

/** Why a profile stayed as it is when an import was taken back. */
export type KeptBecause = 'later-import' | 'own-opt-out' | 'number-taken';

/** How an import was taken back. The numbers add up to the profiles that it had changed. */
export interface Undo {
  at: string;
  /** Who, and why if they said so: `api:desk: the wrong file`. */
  by: string;
  /** Profiles that are again what they were. */
  reversed: number;
  /** Profiles that it had made. */
  removed: number;
  kept: { [because in KeptBecause]: number };
  /** The first of those kept. */
  kept_profiles: { profile: string; reason: KeptBecause }[];
}

/** created + updated + unchanged + kept_opt_out + rejected = rows. */
export interface ImportCounts {
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  kept_opt_out: number;
  rejected: number;
  numbers_moved: number;
  identifiers_conflict: number;
  identifiers_differ: number;
  opt_in: number;
  opt_out: number;
}

export type Permission = 'opt_in' | 'opt_out';

/** One person. */
export interface Profile {
  /** `p1`. */
  profile: string;
  exid: string | null;
  email: string | null;
  msisdn: string | null;
  /** `null` when another profile has taken the number over. */
  wpNumber: string | null;
  permission: Permission | null;
  attributes: { [name: string]: string };
  changed_at: string;
}

export interface ProfilesPage {
  profiles: Profile[];
  /** Where the next page starts; `null` on the last. */
  next: string | null;
  total: number;
}

/** One change of one consent. */
export interface ConsentEvent {
  seq: number;
  at: string;
  /** `null` when nobody held the number. */
  profile: string | null;
  number: string | null;
  previous_number: string | null;
  permission: Permission | null;
  previous_permission: Permission | null;
  /** Which rule decided, for example `matched-exid`. */
  rule: string;
  /** The profile that has the number now. */
  lost_to?: string;
  /** The profile that had had the number before. */
  taken_from?: string;
  /** When the person had said the opt-out that this lifted. */
  lifted_opt_out_of?: string;
  source: FileSource | PersonSource | UndoSource | ErasureSource;
  /** Link of the hash chain that makes the log tamper-evident. */
  hash: string;
}

export interface FileSource {
  kind: 'file';
  import: string;
  file: string;
  sha256: string;
  row: number;
  line: number;
  number_cell: string;
  permission_cell: string;
  as_of?: string;
}

export interface PersonSource {
  kind: 'person';
  /** How it was heard, for example `api:desk`. */
  heard: string;
}

/** The person was erased. */
export interface ErasureSource {
  kind: 'erasure';
  /** Who erased them, and why. */
  by: string;
}

/** An import was taken back. */
export interface UndoSource {
  kind: 'undo';
  import: string;
  file: string;
  /** As in `Undo`. */
  by: string;
}

/** Who held a number, from when until when. */
export interface Holding {
  profile: string;
  /** Absent where it is earlier than the events that were looked at. */
  from?: string;
  from_event?: number;
  /** Absent for whoever holds it now. */
  until?: string;
  until_event?: number;
  moved_to?: string;
}

export interface Timeline {
  of: string;
  /** Who holds the number now, or the profile as it is now. */
  current: Profile | null;
  /** How it stands; absent in a part of a story. */
  standing?: { may_be_messaged: boolean; permission: Permission | null; since?: string; event?: number };
  /** The number that was asked about, or the one that the profile has or had last. */
  number?: string;
  /** Who held that number, the first holder first. */
  custody: Holding[];
  /** Business-scoped user ids that were seen with that number last. */
  user_ids: string[];
  /** There are earlier events: those before this place of the log. */
  earlier_before?: number;
  /** Oldest first. */
  events: ConsentEvent[];
}
