// The workbench: the table of the file at hand, and what was changed in it. Only the session opens, corrects and clears it.

import { check, text, type CheckResult, type Options, type Verdict } from 'consentry';

import { cell } from './cell.ts';
import type { Change } from './table/changes.ts';
import type { Table } from './table/client.ts';
import type { Filter, Standing } from './table/talk.ts';

export interface Bench {
  table: Table;
  /** Rows in the file. */
  rows: number;
  header: string[];
  delimiter: string;
  /** Cells of the first rows, so that columns can be recognised by what they hold. */
  examples: string[][];
  /** Counts every change of what a row shows. */
  generation: number;
  filter: Filter;
  /** Rows that pass the filter. */
  shown: number;
  /** What the kinds of the rows stand for; empty until there are verdicts. */
  kinds: readonly Verdict[];
  standing: Standing;
  /** Rows judged by themselves, until the whole file is. Of one that was emptied there is nothing to judge. */
  alone: ReadonlyMap<number, Verdict | undefined>;
}

/** Rows whose cells are examples. */
const EXAMPLES = 3;
const UNCHANGED: Standing = { undo: 0, redo: 0, typed: 0 };
const EVERYTHING: Filter = { show: 'all', text: '' };

export const bench = cell<Bench | undefined>(undefined);

/** How the open table was read; another reading needs another table. */
let readAs = '';
let opening = 0;

/** Shows this file with this verdict. Where the rows cannot be told apart as the engine does, there is no table. */
export async function lay(file: File, result: CheckResult, options: Options): Promise<void> {
  const { report, verdicts } = result;
  const reading = {
    delimiter: report.file.delimiter,
    fallback: 'windows-1254',
    ...(options.encoding !== undefined && { declared: options.encoding }),
  };
  const as = JSON.stringify([file.name, file.size, file.lastModified, reading]);
  const turn = (opening += 1);
  let now = bench.get();
  if (!now || readAs !== as) {
    clear();
    opening = turn;
    if (report.file.columns.length === 0) return;
    const { Table } = await import('./table/client.ts');
    const table = new Table();
    try {
      const { rows, header } = await table.ask({ ask: 'open', text: await text(file), reading });
      const first = await table.ask({ ask: 'rows', from: 0, to: EXAMPLES });
      if (turn !== opening || (!report.refused && rows !== report.counts.rows)) return table.close();
      readAs = as;
      const examples = first.map(({ cells }) => cells);
      const empty = { generation: 0, filter: EVERYTHING, shown: rows, kinds: [], standing: UNCHANGED, alone: new Map() };
      bench.set((now = { table, rows, header, delimiter: reading.delimiter, examples, ...empty }));
    } catch {
      // The verdict stands without a table.
      return table.close();
    }
  }
  if (!verdicts || !(await now.table.ask({ ask: 'verdicts', verdicts }))) return;
  const after = bench.get();
  if (!after || after.table !== now.table) return;
  bench.set({ ...after, kinds: verdicts.kinds, alone: new Map(), generation: after.generation + 1 });
  // Rows that were mended stay in sight until somebody filters again.
  if (after.filter.show === 'all') await show(after.filter);
}

export function clear(): void {
  opening += 1;
  readAs = '';
  bench.get()?.table.close();
  bench.set(undefined);
}

/** Shows the rows that pass. */
export async function show(filter: Filter): Promise<void> {
  const now = bench.get();
  if (!now) return;
  bench.set({ ...now, filter });
  const shown = await now.table.ask({ ask: 'filter', filter });
  const after = bench.get();
  if (after?.table !== now.table || after.filter !== filter) return;
  bench.set({ ...after, shown, generation: after.generation + 1 });
}

/** Changes cells, and judges the row of a single one at once. */
export async function put(change: Change, options: Options): Promise<void> {
  await stand({ ask: 'change', change });
  if (change.kind !== 'cell') return;
  const now = bench.get();
  if (!now) return;
  const alone = await now.table.ask({ ask: 'alone', row: change.row });
  const { encoding: _, ...said } = options;
  const { verdicts } = await check(alone, { ...said, delimiter: now.delimiter, verdicts: true });
  const verdict = verdicts?.kinds[verdicts.of[0] ?? -1];
  const after = bench.get();
  if (after?.table !== now.table) return;
  bench.set({ ...after, alone: new Map(after.alone).set(change.row, verdict) });
}

export async function stand(ask: { ask: 'change'; change: Change } | { ask: 'undo' } | { ask: 'redo' }): Promise<void> {
  const now = bench.get();
  if (!now) return;
  const standing = await now.table.ask(ask);
  const after = bench.get();
  if (after?.table !== now.table) return;
  bench.set({ ...after, standing, generation: after.generation + 1 });
}

/** The file with what was changed; `undefined` while nothing is. */
export async function corrected(file: File): Promise<File | undefined> {
  const made = await bench.get()?.table.ask({ ask: 'corrected' });
  if (!made) return undefined;
  const name = `${file.name.replace(/\.(csv|txt|tsv|tab|xlsx|gz|csv\.gz)$/i, '')}-corrected.csv`;
  return new File([made], name, { type: 'text/csv', lastModified: file.lastModified });
}
