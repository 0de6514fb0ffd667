// The JSON documents of the engine, version 1, as TypeScript sees them. They mirror the Rust module `wire::v1`
// field by field: what is left out there is an optional key here, and nothing is ever null.

import type { Code } from './codes.js';

/** What a finding means: an `error` rejects its row (or refuses the file), a `warning` rejects nothing. */
export type Severity = 'error' | 'warning';

/** The columns a consent file can have. `wpNumber` and `permission` must be there. */
export type ColumnName = 'exid' | 'email' | 'msisdn' | 'wpNumber' | 'permission';

/** How to read a consent file. Every field may be left out. */
export interface Options {
  /** Vocabulary, for example `1=in,2=out,0=out`. */
  permission?: string;
  /** Default country as ISO 3166 alpha-2, for example `TR`. */
  country?: string;
  /** Column → header cell, for example `{ wpNumber: 'Phone' }`. */
  map?: { [column in ColumnName]?: string };
  /** Header cells to keep as profile attributes. */
  attributes?: string[];
  /** `,` `;` `|` or a tab (also written `tab`); found by looking when left out. */
  delimiter?: string;
  /** Encoding label, for example `windows-1254`; UTF-8 or what the byte-order mark says when left out. */
  encoding?: string;
  /** `valid` rejects numbers of ranges that are not assigned; `possible`, the default, only warns. */
  numbers?: 'possible' | 'valid';
}

/** The verdict on a consent file. */
export interface Report {
  /** The file and how it was read. */
  file: FileFacts;
  /** True when the file as a whole cannot be used; the errors without a row say why. */
  refused: boolean;
  counts: Counts;
  /** How often each code was found. */
  codes: { [code in Code]?: number };
  /** Accepted rows by region (ISO 3166 alpha-2, or `001` for numbers of no country). */
  regions: { [region: string]: number };
  /** The findings kept, in the order of the file. */
  diagnostics: Diagnostic[];
  /** Findings counted but not kept. */
  diagnostics_omitted: number;
  engine: Engine;
  /** SHA-256 over the verdict of every row, in hex: the same wherever the same bytes are judged with the same options. */
  digest: string;
}

/** The file a report is about. */
export interface FileFacts {
  name?: string;
  /** SHA-256 of the bytes in hex; only hosts that read the whole file anyway fill it in. */
  sha256?: string;
  /** Size in bytes, as it came: of the workbook, not of the text inside. */
  bytes: number;
  /** Encoding the cells were read in. */
  encoding: string;
  /** Delimiter found or declared. */
  delimiter: string;
  columns: Column[];
}

/** One header cell and what it was taken as. */
export interface Column {
  /** As it stood in the file. */
  header: string;
  /** Absent when the column is not used. */
  as?: ColumnName | 'attribute';
}

/** Row counts. `accepted + rejected = rows`. */
export interface Counts {
  /** Data records; blank lines are none. */
  rows: number;
  accepted: number;
  rejected: number;
  /** Accepted rows with a warning. */
  warned: number;
  opt_in: number;
  opt_out: number;
  /** Accepted rows whose number stood in an earlier row. */
  repeated_numbers: number;
  /** Present when there were more distinct numbers than are remembered, so that some repeats were not seen. */
  repeats_incomplete?: true;
}

/** One finding. */
export interface Diagnostic {
  code: Code;
  severity: Severity;
  /** Data record, counted from 1. */
  row?: number;
  /** Physical line, counted from 1. */
  line?: number;
  /** Header cell of the column. */
  column?: string;
  /** What stood there, clipped. */
  found: string;
  /** One sentence for people, in English. */
  message: string;
  /** What to write instead, where one answer is safe. */
  fix?: string;
}

/** Who judged. */
export interface Engine {
  version: string;
  /** SHA-256 of the WebAssembly in hex; absent where the page is not a secure context. */
  sha256?: string;
  /** Version of libphonenumber's metadata. */
  number_metadata: string;
}

/** What a code means, in English. */
export interface RuleText {
  code: Code;
  severity: Severity;
  /** What was found. */
  what: string;
  /** Why it matters. */
  why: string;
  /** What to do. */
  cure: string;
}

/** {@link Options}, and how the check itself should run. */
export interface CheckOptions extends Options {
  /** Stops the check; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Collect the rejected rows, each with its code and message, as a CSV file. */
  rejects?: boolean;
  /** Give the verdict on every row, for those who show the file as a table. */
  verdicts?: boolean;
  /** Name for the report; a `File` brings its own. */
  name?: string;
}

/** How far a check has come. */
export interface Progress {
  bytesRead: number;
  /** Absent for streams, whose length nobody knows. */
  bytesTotal?: number;
  rows: number;
  accepted: number;
  rejected: number;
  warned: number;
  /** The first few findings. */
  diagnostics: Diagnostic[];
}

/** What a check came to. */
export interface CheckResult {
  report: Report;
  /** The rejected rows as `text/csv`; present when asked for with `rejects`. */
  rejects?: Blob;
  /** What each row came to; present when asked for with `verdicts`. */
  verdicts?: Verdicts;
}

/**
 * What each row of a file came to: four bytes a row, because files have millions of rows and few kinds of verdicts.
 *
 * @example
 * const { permission, codes } = verdicts.kinds[verdicts.of[41]]; // of row 42
 */
export interface Verdicts {
  /** For each data record in the order of the file, its place in `kinds`. */
  of: Uint32Array<ArrayBuffer>;
  /** Every verdict there is in this file. */
  kinds: Verdict[];
}

/** What a row came to. */
export interface Verdict {
  /** Absent where none was read. */
  permission?: 'in' | 'out';
  rejected: boolean;
  /** In the order of the rules. */
  codes: Code[];
}

/** What can be checked. */
export type Source = Blob | ReadableStream<Uint8Array> | Uint8Array;
