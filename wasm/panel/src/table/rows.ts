// The rows of a text by number: which bytes they are, and their cells. Only what is on the screen is read; the last few
// stretches that were are kept.

import { cellsOf, RecordIndex, skippedBytes } from './records.ts';
import type { Reading } from './talk.ts';

/** Rows read at once. */
export const STRETCH_ROWS = 256;
/** Stretches kept. */
const STRETCHES_MAX = 24;
/** Bytes looked at before the first record. */
const HEAD_BYTES = 16;

/** A row as it stands in the file. */
export interface Raw {
  cells: string[];
  end: string;
}

export class Rows {
  private readonly kept = new Map<number, Raw[]>();
  private readonly strict: TextDecoder;
  private readonly lenient: TextDecoder;

  private constructor(
    readonly text: Blob,
    readonly reading: Reading,
    /** First byte of each record, the header first; at last the end. */
    private readonly starts: Float64Array,
  ) {
    this.strict = new TextDecoder(reading.declared ?? 'utf-8', { fatal: reading.declared === undefined, ignoreBOM: true });
    this.lenient = new TextDecoder(reading.fallback);
  }

  static async of(blob: Blob, reading: Reading): Promise<Rows> {
    const text = await asciiCompatible(blob);
    const head = new Uint8Array(await text.slice(0, HEAD_BYTES).arrayBuffer());
    const skipped = skippedBytes(head);
    const index = new RecordIndex(reading.delimiter.charCodeAt(0), skipped);
    const reader = text.slice(skipped).stream().getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      index.feed(value);
    }
    const declared = reading.declared?.startsWith('utf-16') ? undefined : reading.declared;
    const { declared: _, ...rest } = reading;
    return new Rows(text, declared === undefined ? rest : { ...rest, declared }, index.finish());
  }

  /** Data rows: records behind the header. */
  get count(): number {
    return Math.max(0, this.starts.length - 2);
  }

  /** Where the bytes of a row begin; of the row behind the last one, the end. */
  startOf(row: number): number {
    return this.starts[row + 1] ?? 0;
  }

  /** Where the header begins. */
  get headerStart(): number {
    return this.starts[0] ?? 0;
  }

  async header(): Promise<Raw> {
    const end = this.starts[1] ?? this.text.size;
    const bytes = await this.text.slice(this.headerStart, end).arrayBuffer();
    return cellsOf(this.decoded(new Uint8Array(bytes)), this.reading.delimiter);
  }

  /** One row. */
  async row(row: number): Promise<Raw> {
    const stretch = Math.floor(row / STRETCH_ROWS);
    const rows = await this.stretch(stretch);
    return rows[row - stretch * STRETCH_ROWS] ?? { cells: [], end: '' };
  }

  /** The rows of one stretch. */
  async stretch(at: number): Promise<Raw[]> {
    const known = this.kept.get(at);
    if (known) {
      // The one used last is let go last.
      this.kept.delete(at);
      this.kept.set(at, known);
      return known;
    }
    const from = at * STRETCH_ROWS;
    const to = Math.min(from + STRETCH_ROWS, this.count);
    const start = this.startOf(from);
    const bytes = new Uint8Array(await this.text.slice(start, this.startOf(to)).arrayBuffer());
    const rows: Raw[] = [];
    for (let row = from; row < to; row += 1) {
      const record = bytes.subarray(this.startOf(row) - start, this.startOf(row + 1) - start);
      rows.push(cellsOf(this.decoded(record), this.reading.delimiter));
    }
    this.kept.set(at, rows);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= STRETCHES_MAX) break;
      this.kept.delete(oldest);
    }
    return rows;
  }

  /** As the engine does: what is no UTF-8 is read in the encoding that it falls back to, a record at a time. */
  decoded(bytes: Uint8Array): string {
    try {
      return this.strict.decode(bytes);
    } catch {
      return this.lenient.decode(bytes);
    }
  }
}

/** The text with every line end and delimiter one byte: UTF-16 becomes UTF-8, everything else is that already. */
async function asciiCompatible(blob: Blob): Promise<Blob> {
  const head = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
  const little = (head[0] === 0xff && head[1] === 0xfe) || (head[0] !== 0 && head[1] === 0);
  const big = (head[0] === 0xfe && head[1] === 0xff) || (head[0] === 0 && head[1] !== 0);
  if (!little && !big) return blob;
  const utf8 = blob
    .stream()
    .pipeThrough(new TextDecoderStream(big ? 'utf-16be' : 'utf-16le') as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>)
    .pipeThrough(new TextEncoderStream());
  return new Response(utf8).blob();
}
