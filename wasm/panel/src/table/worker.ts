// The worker behind the table: it knows where the rows of the file are, what they came to, and what was changed. The page
// holds the few rows that it shows.

import type { Verdicts } from 'consentry';

import { Changes } from './changes.ts';
import { recordOf } from './records.ts';
import { Rows, STRETCH_ROWS } from './rows.ts';
import type { Answers, Ask, Filter, Question, Reply, Row, Standing } from './talk.ts';

// Seen from inside, the worker's scope has the members that a `Worker` has seen from outside.
const page = globalThis as unknown as Worker;

let rows: Rows | undefined;
let verdicts: Verdicts | undefined;
let changes = new Changes();
/** Rows that the corrected file has no more, because every cell of theirs was emptied. */
let emptied: number[] = [];
let filter: Filter = { show: 'all', text: '' };
/** The rows shown; all of them when absent. */
let shown: Uint32Array | undefined;
/** Searches begun; an older one stops. */
let searches = 0;

page.onmessage = async ({ data }: MessageEvent<Question>) => {
  const tell = (reply: Reply) => page.postMessage(reply);
  try {
    tell({ id: data.id, value: await answer(data.ask) });
  } catch (thrown) {
    tell({ id: data.id, failed: thrown instanceof Error ? thrown.message : String(thrown) });
  }
};

async function answer(ask: Ask): Promise<Answers[Ask['ask']]> {
  switch (ask.ask) {
    case 'open': {
      rows = await Rows.of(ask.text, ask.reading);
      changes = new Changes();
      verdicts = shown = undefined;
      emptied = [];
      filter = { show: 'all', text: '' };
      return { rows: rows.count, header: (await rows.header()).cells };
    }
    case 'verdicts':
      return take(ask.verdicts);
    case 'filter':
      filter = ask.filter;
      shown = await filtered();
      return shown?.length ?? opened().count;
    case 'rows':
      return read(ask.from, ask.to);
    case 'next':
      return next(ask.from, ask.step);
    case 'change':
      changes.add(ask.change);
      return standing();
    case 'undo':
      changes.undo();
      return standing();
    case 'redo':
      changes.redo();
      return standing();
    case 'alone':
      return alone(ask.row);
    case 'corrected':
      return corrected();
  }
}

function opened(): Rows {
  if (!rows) throw new Error('no file is open');
  return rows;
}

function standing(): Standing {
  return { ...changes.undoable, typed: changes.rows().length };
}

/** Takes the verdicts on the file as it is, or as it was corrected last: rows that were emptied there have none. */
function take({ of, kinds }: Verdicts): boolean {
  const { count } = opened();
  const gone = of.length === count ? [] : emptied;
  if (of.length + gone.length !== count) return false;
  const all = new Uint32Array(count).fill(kinds.length);
  let [from, place] = [0, 0];
  for (const row of [...gone, count]) {
    all.set(of.subarray(from, from + row - place), place);
    from += row - place;
    place = row + 1;
  }
  verdicts = { of: all, kinds };
  return true;
}

async function read(from: number, to: number): Promise<Row[]> {
  const all = opened();
  const last = Math.min(to, shown?.length ?? all.count);
  const found: Row[] = [];
  for (let at = from; at < last; at += 1) {
    const row = shown?.[at] ?? at;
    const { cells, changed } = changes.apply(row, (await all.row(row)).cells);
    found.push({ row, cells, changed, kind: verdicts?.of[row] ?? -1 });
  }
  return found;
}

function next(from: number, step: 1 | -1): number {
  if (!verdicts) return -1;
  const { of, kinds } = verdicts;
  const bad = kinds.map(({ rejected }) => rejected);
  const count = shown?.length ?? opened().count;
  for (let turn = 1; turn <= count; turn += 1) {
    const at = (from + step * turn + count * 2) % count;
    if (bad[of[shown?.[at] ?? at] ?? -1]) return at;
  }
  return -1;
}

/** The rows that pass; `undefined` when all do. */
async function filtered(): Promise<Uint32Array | undefined> {
  const search = (searches += 1);
  const { count } = opened();
  let passing: Uint32Array | undefined;
  if (filter.show === 'changed' && !changes.hasRules) passing = Uint32Array.from(changes.rows());
  else if (filter.show !== 'all' && filter.show !== 'changed' && verdicts) {
    const { of, kinds } = verdicts;
    const wanted = kinds.map(({ rejected, codes }) =>
      filter.show === 'rejected'
        ? rejected
        : filter.show === 'warned'
          ? !rejected && codes.length > 0
          : codes.some((code) => code === filter.code),
    );
    passing = new Uint32Array(of.length);
    let passed = 0;
    for (let row = 0; row < of.length; row += 1) {
      if (wanted[of[row]!]) passing[passed++] = row;
    }
    passing = passing.slice(0, passed);
  }
  const byChange = filter.show === 'changed' && changes.hasRules;
  const needle = filter.text.trim().toLocaleLowerCase();
  if (needle === '' && !byChange) return passing;
  const hits: number[] = [];
  const among = passing?.length ?? count;
  for (let at = 0; at < among; at += 1) {
    // Somebody types on, or scrolls meanwhile.
    if (at % (STRETCH_ROWS * 32) === 0) await breathe();
    if (search !== searches) return shown;
    const row = passing?.[at] ?? at;
    const { cells, changed } = changes.apply(row, (await opened().row(row)).cells);
    if (byChange && changed.length === 0) continue;
    if (needle === '' || cells.some((cell) => cell.toLocaleLowerCase().includes(needle))) hits.push(row);
  }
  return Uint32Array.from(hits);
}

async function alone(row: number): Promise<Blob> {
  const all = opened();
  const { delimiter } = all.reading;
  const header = recordOf((await all.header()).cells, delimiter);
  const { cells } = changes.apply(row, (await all.row(row)).cells);
  return new Blob([header, '\n', recordOf(cells, delimiter), '\n']);
}

/**
 * The file with what was changed. Rows that nobody touched are the file's own bytes, which the browser does not even copy;
 * unless it is not all UTF-8: then everything is written in that.
 */
async function corrected(): Promise<Blob | undefined> {
  const all = opened();
  emptied = [];
  if (changes.isEmpty) return undefined;
  const wholly = changes.hasRules || all.reading.declared !== undefined || !(await isUtf8(all.text));
  const pieces: BlobPart[] = [];
  const gone: number[] = [];
  const { delimiter } = all.reading;
  const write = async (row: number): Promise<string> => {
    const raw = await all.row(row);
    const { cells, changed } = changes.apply(row, raw.cells);
    if (changed.length > 0 && cells.every(isBlank)) gone.push(row);
    const end = raw.end === '' && row + 1 < all.count ? '\n' : raw.end;
    return recordOf(changed.length > 0 ? cells : raw.cells, delimiter) + end;
  };
  if (!wholly) {
    let from = 0;
    for (const row of changes.rows()) {
      pieces.push(all.text.slice(from, all.startOf(row)), await write(row));
      from = all.startOf(row + 1);
    }
    pieces.push(all.text.slice(from));
    emptied = gone;
    return new Blob(pieces, { type: 'text/csv;charset=utf-8' });
  }
  const head = await all.text.slice(0, all.startOf(0)).arrayBuffer();
  pieces.push(all.decoded(new Uint8Array(head)));
  for (let from = 0; from < all.count; from += STRETCH_ROWS) {
    if (from % (STRETCH_ROWS * 32) === 0) await breathe();
    let text = '';
    const to = Math.min(from + STRETCH_ROWS, all.count);
    for (let row = from; row < to; row += 1) text += await write(row);
    pieces.push(text);
  }
  emptied = gone;
  return new Blob(pieces, { type: 'text/csv;charset=utf-8' });
}

/** What the engine takes for nothing: a record of such cells is none. */
function isBlank(cell: string): boolean {
  return /^[ \t]*$/.test(cell);
}

async function isUtf8(text: Blob): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = text.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      decoder.decode(value, { stream: true });
    }
    decoder.decode();
    return true;
  } catch {
    await reader.cancel().catch(() => {});
    return false;
  }
}

/** Lets other questions have their turn. */
function breathe(): Promise<void> {
  return new Promise((resume) => setTimeout(resume, 0));
}
