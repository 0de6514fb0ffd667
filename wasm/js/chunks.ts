// Cuts any source into chunks, so that memory stays the same whatever the size of the file.

import { UnreadableError } from './failure.js';
import type { Source } from './types.js';

/** Longest chunk fed to the engine at once, in bytes. */
export const CHUNK_BYTES_MAX = 1024 * 1024;

/** Size in bytes, where it is known beforehand. */
export function sizeOf(source: Source): number | undefined {
  if (source instanceof Blob) return source.size;
  if (source instanceof Uint8Array) return source.byteLength;
  return undefined;
}

/** The bytes of the source in order; each piece may be gone when the next one comes. Throws {@link UnreadableError} when the source breaks. */
export async function* chunks(source: Source): AsyncGenerator<Uint8Array, void, void> {
  const pieces = source instanceof Blob ? poured(source) : source instanceof Uint8Array ? [source] : pulled(source);
  for await (const piece of pieces) {
    for (let at = 0; at < piece.byteLength; at += CHUNK_BYTES_MAX) {
      yield piece.subarray(at, at + CHUNK_BYTES_MAX);
    }
  }
}

/**
 * The bytes of a blob through buffers of our own, read into again and again: a third of the time that slices take in
 * Chromium. A piece is overwritten after the next one was asked for.
 */
async function* poured(blob: Blob): AsyncGenerator<Uint8Array, void, void> {
  const stream = blob.stream();
  let reader: ReadableStreamBYOBReader;
  try {
    reader = stream.getReader({ mode: 'byob' });
  } catch {
    // Safari before 26.
    return yield* pulled(stream);
  }
  const read = (buffer: ArrayBuffer) => reader.read(new Uint8Array(buffer));
  // The next piece is read while the engine works on this one.
  const bytes = Math.max(1, Math.min(blob.size, CHUNK_BYTES_MAX));
  let next = read(new ArrayBuffer(bytes));
  let spare = new ArrayBuffer(bytes);
  try {
    for (;;) {
      const { done, value } = await next.catch(unreadable);
      if (done) return;
      next = read(spare);
      yield value;
      spare = value.buffer;
    }
  } finally {
    // What was read ahead of a check that stopped early is nobody's concern any more.
    next.catch(() => {});
    await reader.cancel().catch(() => {});
  }
}

async function* pulled(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  // A reader instead of `for await`: Safari cannot iterate streams.
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(unreadable);
      if (done) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    if (ended) reader.releaseLock();
    else await reader.cancel().catch(() => {});
  }
}

/** What is thrown when a source breaks. */
export function unreadable(thrown: unknown): never {
  throw new UnreadableError(`the file could not be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
}
