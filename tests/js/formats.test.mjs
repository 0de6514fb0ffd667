// The npm package in Node.js opens workbooks and gzip, and says what is wrong with those that give no text.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { check } from 'consentry';

import { root } from './vectors.mjs';

const fixture = (name) => new Uint8Array(readFileSync(join(root, 'tests/fixtures', name)));
const sample = new Uint8Array(
  readFileSync(join(root, 'tests/vectors/check/permission-zero/published-sample/input.csv')),
);
const plain = (await check(sample)).report;
const PACKED = ['published-sample.xlsx', 'published-sample.csv.gz'];

describe('the same verdict as for the text inside', () => {
  for (const name of PACKED) {
    const bytes = fixture(name);
    const sources = {
      'as an array': () => bytes,
      'as a file': () => new File([bytes], name),
      'as a stream': () => inPieces(bytes, 7),
    };
    for (const [how, source] of Object.entries(sources)) {
      test(`${name} ${how}`, async () => {
        const { report } = await check(source(), { name });
        assert.deepEqual(report, { ...plain, file: { ...plain.file, name, bytes: bytes.length } });
      });
    }
  }

  test('what is said about the text of a workbook does not matter', async () => {
    const { report } = await check(fixture(PACKED[0]), { delimiter: 'tab', encoding: 'utf-16le' });
    assert.equal(report.digest, plain.digest);
  });

  test('several members of gzip are one file', async () => {
    const members = Buffer.concat([gzipSync(sample.subarray(0, 60)), gzipSync(sample.subarray(60))]);
    assert.equal((await check(new Uint8Array(members))).report.digest, plain.digest);
  });

  test('progress is told in bytes of the file as it came', async () => {
    const rows = Array.from({ length: 400_000 }, (_, at) => `+90530${String(at).padStart(7, '0')},1\n`);
    const packed = new Uint8Array(gzipSync(`wpNumber,permission\n${rows.join('')}`));
    const told = [];
    const { report } = await check(packed, {}, (progress) => told.push(progress));
    assert.equal(report.counts.accepted, 400_000);
    assert.equal(report.file.bytes, packed.length);
    for (const { bytesRead, bytesTotal } of told) assert.ok(bytesRead <= bytesTotal && bytesTotal === packed.length);
  });
});

describe('what gives no text', () => {
  const cases = {
    'a workbook that was cut off': [fixture(PACKED[0]).subarray(0, -9), /cut off on its way/],
    'a gzip file that was cut off': [fixture(PACKED[1]).subarray(0, -3), /cut off on its way/],
    'an old workbook': [new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, ...new Array(600).fill(0)]), /old Excel workbook/],
    'a zstd file': [fixture('published-sample.csv.zst'), /compressed. Unpack it first/],
  };
  for (const [what, [bytes, says]] of Object.entries(cases)) {
    test(what, async () => {
      const { report, rejects } = await check(bytes, { rejects: true });
      assert.deepEqual([report.refused, report.codes, report.file.bytes], [true, { 'encoding-unreadable': 1 }, bytes.length]);
      assert.match(report.diagnostics[0].message, says);
      assert.equal(rejects.size, 0);
    });
  }

  test('a stream that breaks is the fault of the stream', async () => {
    const bytes = fixture(PACKED[1]);
    const breaking = new ReadableStream({
      pull(controller) {
        if (this.sent) return controller.error(new Error('the cable was pulled'));
        this.sent = true;
        controller.enqueue(bytes.subarray(0, 50));
      },
    });
    await assert.rejects(check(breaking), { name: 'UnreadableError', message: /the cable was pulled/ });
  });
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
