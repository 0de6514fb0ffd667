// What the engine is fed: the bytes of a source as they are, or the text inside when they are a workbook or gzip.

import { CHUNK_BYTES_MAX, chunks, sizeOf, unreadable } from './chunks.js';
import { loadUnpacking, type Unpacking } from './load.js';
import type { Options, Source } from './types.js';

/** Bytes that tell whether a source may be packed at all. */
const MARK_BYTES = 4;
/** How files begin that are worth loading the module for: zip, gzip, OLE. It looks closer. */
const MARKS = [
  [0x50, 0x4b, 0x03, 0x04],
  [0x1f, 0x8b],
  [0xd0, 0xcf, 0x11, 0xe0],
];

/** A source, ready to be read. */
export interface Input {
  /** What the engine is fed, piece by piece. Throws {@link NoTextError} where a packed source gives no text. */
  pieces: AsyncGenerator<Uint8Array, void, void>;
  /** What is known about how to read it, whatever the caller says. */
  options: Options;
  /** Size of the source in bytes, where it is known; always for packed ones. */
  size: number | undefined;
  /** Whether the engine is fed something else than the source's own bytes. */
  packed: boolean;
  /** Bytes of the source read so far. */
  bytesRead(): number;
}

/** A packed source gives no text: damaged, too large, with a password. The fault of the data, so it becomes a report. */
export class NoTextError extends Error {
  override readonly name = 'NoTextError';

  constructor(
    message: string,
    /** How the source begins. The engine refuses it, and so gives the report. */
    readonly mark: Uint8Array,
    /** Size of the source in bytes. */
    readonly size: number,
  ) {
    super(message);
  }
}

/** Looks at the beginning of a source, and gets ready to read it. */
export async function open(source: Source): Promise<Input> {
  const size = sizeOf(source);
  const looked = await look(source, MARK_BYTES);
  if (!MARKS.some((mark) => mark.every((byte, at) => looked.head[at] === byte))) return plain(looked.all(), size);
  const unpacking = await loadUnpacking();
  // A source that can be read only once is gathered, on disk where the browser sees fit: workbooks are read from the end.
  const blob = source instanceof Blob ? source : source instanceof Uint8Array ? source : await gathered(looked.all());
  return unpack(unpacking, blob);
}

/** Pieces of a text are handed to the browser at about this size, in bytes; it may keep them on disk. */
const TEXT_PIECE_BYTES = 4 * 1024 * 1024;

/** What the engine is fed, as one blob. Throws {@link NoTextError} where a packed source gives no text. */
export async function textOf(source: Source): Promise<Blob> {
  const input = await open(source);
  if (!input.packed && source instanceof Blob) {
    await input.pieces.return();
    return source;
  }
  const sealed: Blob[] = [];
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const piece of input.pieces) {
    // A piece may be gone when the next one comes.
    waiting.push(piece.slice());
    bytes += piece.byteLength;
    if (bytes < TEXT_PIECE_BYTES) continue;
    sealed.push(new Blob(waiting));
    waiting = [];
    bytes = 0;
  }
  return new Blob([...sealed, ...waiting]);
}

async function unpack({ Unpacker, headBytes }: Unpacking, source: Blob | Uint8Array): Promise<Input> {
  const { head } = await look(source, headBytes());
  const size = sizeOf(source) ?? 0;
  const noText = (thrown: unknown) =>
    typeof thrown === 'string' ? new NoTextError(thrown, head.subarray(0, MARK_BYTES), size) : thrown;
  const bytes = source instanceof Uint8Array ? whole(source) : await readable(source);
  let unpacker: InstanceType<typeof Unpacker>;
  try {
    unpacker = new Unpacker(head, bytes, size);
  } catch (thrown) {
    throw noText(thrown);
  }
  if (!unpacker.packed) {
    unpacker.free();
    return plain(chunks(source), size);
  }
  let bytesRead = 0;
  async function* text(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (;;) {
        const piece = unpacker.take();
        bytesRead = Math.min(unpacker.position, size);
        if (piece.byteLength === 0) return;
        yield piece;
      }
    } catch (thrown) {
      throw noText(thrown);
    } finally {
      unpacker.free();
    }
  }
  const options: Options = unpacker.workbook ? { delimiter: ',', encoding: 'utf-8' } : {};
  return { pieces: text(), options, size, packed: true, bytesRead: () => bytesRead };
}

function plain(all: AsyncGenerator<Uint8Array, void, void>, size: number | undefined): Input {
  let bytesRead = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, void> {
    for await (const piece of all) {
      bytesRead += piece.byteLength;
      yield piece;
    }
  }
  return { pieces: counted(), options: {}, size, packed: false, bytesRead: () => bytesRead };
}

/** The first bytes of a source, and a way to read all of it: these bytes again, if it can be read only once. */
async function look(source: Source, bytes: number) {
  if (source instanceof Uint8Array) return { head: source.subarray(0, bytes), all: () => chunks(source) };
  if (source instanceof Blob) {
    const head = new Uint8Array(await source.slice(0, bytes).arrayBuffer().catch(unreadable));
    return { head, all: () => chunks(source) };
  }
  const rest = chunks(source);
  const first: Uint8Array[] = [];
  let firstBytes = 0;
  while (firstBytes < bytes) {
    const { done, value } = await rest.next();
    if (done) break;
    first.push(value);
    firstBytes += value.byteLength;
  }
  async function* all(): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* first;
      yield* rest;
    } finally {
      // Whoever stops early gives the stream back, even before its rest was begun.
      await rest.return();
    }
  }
  const head = new Uint8Array(bytes);
  let filled = 0;
  for (const piece of first) {
    head.set(piece.subarray(0, bytes - filled), filled);
    filled = Math.min(bytes, filled + piece.byteLength);
  }
  return { head: head.subarray(0, filled), all };
}

async function gathered(pieces: AsyncGenerator<Uint8Array, void, void>): Promise<Blob> {
  const kept: Blob[] = [];
  for await (const piece of pieces) kept.push(new Blob([piece as Uint8Array<ArrayBuffer>]));
  return new Blob(kept);
}

/** What the module reads from, as it asks for it: `into` is filled from `at` on. */
interface Bytes {
  read(at: number, into: Uint8Array): number;
}

/** The part of a worker that is used; neither pages nor Node have it. */
declare const FileReaderSync: undefined | { new (): { readAsArrayBuffer(blob: Blob): ArrayBuffer } };

/** In a worker a blob is read slice by slice while the module waits; elsewhere all of it comes first. */
async function readable(blob: Blob): Promise<Bytes> {
  if (typeof FileReaderSync !== 'function') return whole(new Uint8Array(await blob.arrayBuffer().catch(unreadable)));
  const reader = new FileReaderSync();
  let start = 0;
  let slice = new Uint8Array();
  return {
    read(at, into) {
      if (at < start || at >= start + slice.byteLength) {
        try {
          slice = new Uint8Array(reader.readAsArrayBuffer(blob.slice(at, at + CHUNK_BYTES_MAX)));
        } catch (thrown) {
          unreadable(thrown);
        }
        start = at;
      }
      return fill(into, slice.subarray(at - start));
    },
  };
}

function whole(bytes: Uint8Array): Bytes {
  return { read: (at, into) => fill(into, bytes.subarray(at)) };
}

function fill(into: Uint8Array, from: Uint8Array): number {
  const piece = from.subarray(0, into.byteLength);
  into.set(piece);
  return piece.byteLength;
}
