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

/** The bytes of the source in order. Throws {@link UnreadableError} when the source breaks. */
export async function* chunks(source: Source): AsyncGenerator<Uint8Array, void, void> {
  const pieces = source instanceof Blob ? slices(source) : source instanceof Uint8Array ? [source] : pulled(source);
  for await (const piece of pieces) {
    for (let at = 0; at < piece.byteLength; at += CHUNK_BYTES_MAX) {
      yield piece.subarray(at, at + CHUNK_BYTES_MAX);
    }
  }
}

async function* slices(blob: Blob): AsyncGenerator<Uint8Array, void, void> {
  const read = (at: number) => blob.slice(at, at + CHUNK_BYTES_MAX).arrayBuffer();
  // The next slice is read while the engine works on this one.
  let next = read(0);
  try {
    for (let at = 0; at < blob.size; at += CHUNK_BYTES_MAX) {
      const here = new Uint8Array(await next.catch(unreadable));
      next = read(at + CHUNK_BYTES_MAX);
      yield here;
    }
  } finally {
    // A slice read ahead of a check that stopped early is nobody's concern any more.
    next.catch(() => {});
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
