// The npm package in Node.js judges every vector as every other shell does, however the bytes arrive.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { check, version } from 'consentry';

import { comparable, root, vectors } from './vectors.mjs';

/** Up to this size a vector is fed one byte at a time; larger ones in pieces that fit nothing. */
const SINGLE_BYTES_MAX = 64 * 1024;
const ODD_PIECE_BYTES = 997;

describe('whole', () => {
  for (const vector of vectors()) {
    test(vector.name, async () => {
      const { report } = await check(vector.bytes, vector.options);
      assert.equal(comparable(report), vector.expected);
    });
  }
});

describe('in pieces', () => {
  for (const vector of vectors()) {
    test(vector.name, async () => {
      const size = vector.bytes.length <= SINGLE_BYTES_MAX ? 1 : ODD_PIECE_BYTES;
      const { report } = await check(inPieces(vector.bytes, size), vector.options);
      assert.equal(comparable(report), vector.expected);
    });
  }
});

test('a blob and its name', async () => {
  const [vector] = vectors();
  const { report } = await check(new File([vector.bytes], 'people.csv'), vector.options);
  assert.equal(report.file.name, 'people.csv');
  assert.equal(comparable(report), vector.expected);
});

test('the engine names itself by the hash of its bytes', async () => {
  const wasm = readFileSync(join(root, 'wasm/dist/engine/consentry_bg.wasm'));
  assert.equal((await version()).sha256, createHash('sha256').update(wasm).digest('hex'));
});

test('an option that cannot be is told by its name', async () => {
  await assert.rejects(check(new Uint8Array(), { country: 'nowhere' }), { code: 'option-invalid', option: 'country' });
});

test('options that cannot be read are told in words', async () => {
  const why = async (options) => (await check(new Uint8Array(), options).catch((error) => error)).message;
  assert.match(await why({ contry: 'TR' }), /unknown field `contry`, expected one of `permission`, `country`/);
  assert.match(await why({ country: 90 }), /a value is not a string/);
  assert.match(await why({ attributes: 'city' }), /a value is not a sequence/);
  assert.match(await why({ map: ['wpNumber'] }), /a value is not a map/);
  assert.match(await why({ map: { wpNumber: true } }), /a value is not a string/);
  const { report } = await check(new Uint8Array(), { country: undefined, map: undefined, numbers: null });
  assert.equal(report.refused, true);
});

test('an aborted check rejects with the reason', async () => {
  const [vector] = vectors();
  const reason = new Error('changed my mind');
  await assert.rejects(check(vector.bytes, { signal: AbortSignal.abort(reason) }), reason);
});

function inPieces(bytes, size) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.subarray(at, (at += size)));
      else controller.close();
    },
  });
}
