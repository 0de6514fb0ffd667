// Where the rows of a text stand, and what their cells are: exactly the records that the engine reads (its `csv::reader`),
// so that row 48,113 of the table is row 48,113 of the report. Whoever uses this compares the number of rows, and shows
// no table where they differ.

const LF = 10;
const CR = 13;
const QUOTE = 34;
const SPACE = 32;
const TAB = 9;

/** Rows there is room for at first. */
const ROWS_MIN = 4096;

const START = 0;
const FIELD = 1;
const PLAIN = 2;
const QUOTED = 3;
const QUOTE_IN_QUOTED = 4;
const CLOSED = 5;

/** Notes where each record begins that is not blank. Takes bytes in any pieces; one number is kept a record. */
export class RecordIndex {
  private starts = new Float64Array(ROWS_MIN);
  private count = 0;
  private state = START;
  private start = 0;
  private blank = true;
  /** Bytes taken so far. */
  private at: number;

  /** `skipped` bytes stand before the first that is fed: a byte-order mark, a `sep=` line. */
  constructor(
    private readonly delimiter: number,
    skipped = 0,
  ) {
    this.at = skipped;
  }

  feed(bytes: Uint8Array): void {
    const { delimiter, at } = this;
    let { state, blank } = this;
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i]!;
      if (state === START) {
        if (byte === LF || byte === CR) continue;
        this.start = at + i;
        blank = true;
        state = FIELD;
      }
      if (state === FIELD) {
        if (byte === QUOTE) {
          state = QUOTED;
          continue;
        }
        state = PLAIN;
      } else if (state === QUOTED) {
        if (byte === QUOTE) state = QUOTE_IN_QUOTED;
        else if (byte !== SPACE && byte !== TAB) blank = false;
        continue;
      } else if (state === QUOTE_IN_QUOTED) {
        if (byte === QUOTE) {
          blank = false;
          state = QUOTED;
          continue;
        }
        state = CLOSED;
      }
      if (state === CLOSED) {
        if ((byte === SPACE || byte === TAB) && byte !== delimiter) continue;
        state = PLAIN;
      }
      if (byte === delimiter) state = FIELD;
      else if (byte === LF || byte === CR) {
        if (!blank) this.note();
        state = START;
      } else if (byte !== SPACE && byte !== TAB) blank = false;
    }
    this.state = state;
    this.blank = blank;
    this.at = at + bytes.length;
  }

  /** The first byte of each record, the header first, and at last the end of the text. */
  finish(): Float64Array {
    if (this.state !== START && !this.blank) this.note();
    const all = this.starts.slice(0, this.count + 1);
    all[this.count] = this.at;
    return all;
  }

  private note(): void {
    // One place more than there are records: the end stands behind the last.
    if (this.count + 2 > this.starts.length) {
      const wider = new Float64Array(this.starts.length * 2);
      wider.set(this.starts);
      this.starts = wider;
    }
    this.starts[this.count] = this.start;
    this.count += 1;
  }
}

/** The cells of one record, quoting undone, and what ends it. */
export function cellsOf(record: string, delimiter: string): { cells: string[]; end: string } {
  if (!record.includes('"')) {
    const stop = record.search(/[\r\n]/);
    const text = stop < 0 ? record : record.slice(0, stop);
    return { cells: text.split(delimiter), end: stop < 0 ? '' : lineEnd(record, stop) };
  }
  const cells: string[] = [];
  let cell = '';
  let state = FIELD;
  let i = 0;
  for (; i < record.length; i += 1) {
    const sign = record[i]!;
    if (state === FIELD) {
      if (sign === '"') {
        state = QUOTED;
        continue;
      }
      state = PLAIN;
    } else if (state === QUOTED) {
      if (sign === '"') state = QUOTE_IN_QUOTED;
      else cell += sign;
      continue;
    } else if (state === QUOTE_IN_QUOTED) {
      if (sign === '"') {
        cell += '"';
        state = QUOTED;
        continue;
      }
      state = CLOSED;
    }
    if (state === CLOSED) {
      if ((sign === ' ' || sign === '\t') && sign !== delimiter) {
        cell += sign;
        continue;
      }
      state = PLAIN;
    }
    if (sign === delimiter) {
      cells.push(cell);
      cell = '';
      state = FIELD;
    } else if (sign === '\n' || sign === '\r') break;
    else cell += sign;
  }
  cells.push(cell);
  return { cells, end: lineEnd(record, i) };
}

function lineEnd(record: string, at: number): string {
  if (record.startsWith('\r\n', at)) return '\r\n';
  return record.slice(at, at + 1);
}

/** The record of these cells. */
export function recordOf(cells: readonly string[], delimiter: string): string {
  return cells.map((cell) => quoted(cell, delimiter)).join(delimiter);
}

function quoted(cell: string, delimiter: string): string {
  const plain = !cell.includes('"') && !cell.includes(delimiter) && !/[\r\n]/.test(cell);
  return plain ? cell : `"${cell.replaceAll('"', '""')}"`;
}

/** The bytes in front of the first record: a byte-order mark, a line that declares the delimiter. */
export function skippedBytes(head: Uint8Array): number {
  const mark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  const line = String.fromCharCode(...head.subarray(mark, mark + 7));
  const declared = /^sep=[,;|\t](\r\n|\r|\n|$)/i.exec(line);
  return mark + (declared ? declared[0].length : 0);
}
