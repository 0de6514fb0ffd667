// What the page and the worker behind its table say to each other.

import type { Verdicts } from 'consentry';

import type { Change } from './changes.ts';

/** How the text is read, as the report tells it. */
export interface Reading {
  delimiter: string;
  /** Label of the encoding, where somebody declared one; else cells are UTF-8, and what is none is `fallback`. */
  declared?: string;
  fallback: string;
}

/** Which rows are shown. */
export interface Filter {
  show: 'all' | 'rejected' | 'warned' | 'changed' | 'code';
  code?: string;
  /** Text that stands in some cell, whatever its case. */
  text: string;
}

export interface Row {
  /** Counted from 0, as in the file. */
  row: number;
  cells: string[];
  /** Columns whose cell is not what the file says. */
  changed: number[];
  /** Its verdict among the kinds; -1 when it has none. */
  kind: number;
}

export interface Opened {
  rows: number;
  header: string[];
}

export interface Standing {
  undo: number;
  redo: number;
  /** Rows typed into. */
  typed: number;
}

export type Ask =
  | { ask: 'open'; text: Blob; reading: Reading }
  | { ask: 'verdicts'; verdicts: Verdicts }
  | { ask: 'filter'; filter: Filter }
  | { ask: 'rows'; from: number; to: number }
  | { ask: 'next'; from: number; step: 1 | -1 }
  | { ask: 'change'; change: Change }
  | { ask: 'undo' }
  | { ask: 'redo' }
  | { ask: 'alone'; row: number }
  | { ask: 'corrected' };

export interface Answers {
  open: Opened;
  /** Whether there is a verdict for each row that is not empty by now. */
  verdicts: boolean;
  /** How many rows are shown now. */
  filter: number;
  rows: Row[];
  /** Place in the rows shown of the next one that is rejected; -1 when there is none. */
  next: number;
  change: Standing;
  undo: Standing;
  redo: Standing;
  /** The header and this row, as a file of its own. */
  alone: Blob;
  /** The file with everything that was changed; absent while nothing is. */
  corrected: Blob | undefined;
}

export interface Question {
  id: number;
  ask: Ask;
}

export type Reply = { id: number; value: unknown } | { id: number; failed: string };
