// The rows of a file as a page sees them: the verdict on each, and where they stand. Both have to agree with the report,
// for every vector there is.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { check, rules, text } from 'consentry';
import { build } from 'esbuild';

import { root, vectors } from './vectors.mjs';

const errors = new Set((await rules()).filter(({ severity }) => severity === 'error').map(({ code }) => code));
const { RecordIndex, cellsOf, recordOf, skippedBytes } = await module('records.ts');
const { Changes } = await module('changes.ts');

describe('the verdict on every row', () => {
  for (const { name, bytes, options } of vectors()) {
    test(name, async () => {
      const { report, verdicts } = await check(bytes, { ...options, verdicts: true });
      const { counts } = report;
      const each = [...verdicts.of].map((kind) => verdicts.kinds[kind]);
      const rejected = each.filter((verdict) => verdict.rejected);
      const accepted = each.filter((verdict) => !verdict.rejected);
      assert.deepEqual(
        {
          rows: each.length,
          rejected: rejected.length,
          warned: accepted.filter(({ codes }) => codes.length > 0).length,
          opt_in: accepted.filter(({ permission }) => permission === 'in').length,
          opt_out: accepted.filter(({ permission }) => permission === 'out').length,
          repeated: each.filter(({ codes }) => codes.includes('number-repeated')).length,
        },
        {
          rows: counts.rows,
          rejected: counts.rejected,
          warned: counts.warned,
          opt_in: counts.opt_in,
          opt_out: counts.opt_out,
          repeated: counts.repeated_numbers,
        },
      );
      for (const { codes, rejected } of verdicts.kinds) assert.equal(rejected, codes.some((code) => errors.has(code)));
      for (const { row, code } of report.diagnostics) {
        // What is noted once for a file is no verdict on the row where it was seen first.
        if (row !== undefined && !report.refused && code !== 'encoding-assumed') assert.ok(each[row - 1].codes.includes(code));
      }
    });
  }

  test('nobody pays who does not ask', async () => {
    assert.equal('verdicts' in (await check(new TextEncoder().encode('wpNumber,permission\n'))), false);
  });
});

describe('where the rows stand', () => {
  for (const { name, bytes, options } of vectors()) {
    test(name, async () => {
      const { report } = await check(bytes, options);
      if (report.refused || report.file.encoding.startsWith('utf-16')) return;
      for (const pieceBytes of [1, 7, bytes.length || 1]) {
        const starts = index(bytes, report.file.delimiter, pieceBytes);
        assert.equal(starts.length - 2, report.counts.rows, `in pieces of ${pieceBytes}`);
      }
    });
  }

  test('a workbook is read as its text', async () => {
    const { readFile } = await import('node:fs/promises');
    const bytes = new Uint8Array(await readFile(join(root, 'tests/fixtures/published-sample.xlsx')));
    const inside = new Uint8Array(await (await text(bytes)).arrayBuffer());
    assert.equal(index(inside, ',', 100).length - 2, 3);
  });

  test('what is written is read back', () => {
    for (const cells of [['a', 'b'], ['a,b', 'say "hi"', ''], ['two\nlines', ' blanks ', '\r']]) {
      assert.deepEqual(cellsOf(`${recordOf(cells, ',')}\r\n`, ','), { cells, end: '\r\n' });
    }
    assert.deepEqual(cellsOf('"a" ,b', ','), { cells: ['a ', 'b'], end: '' });
  });
});

describe('what was changed', () => {
  const cell = (row, column, text) => ({ kind: 'cell', row, column, text });
  const rule = (rule) => ({ kind: 'rule', rule });
  const now = (changes, row, cells) => changes.apply(row, cells).cells;

  test('the last word counts, and a rule changes what was typed before it', () => {
    const changes = new Changes();
    changes.add(cell(4, 0, '0 5 3'));
    changes.add(rule({ kind: 'remove-separators', column: 0 }));
    assert.deepEqual(changes.apply(4, ['x', 'a b']), { cells: ['053', 'a b'], changed: [0] });
    assert.deepEqual(now(changes, 5, ['(0532) 1-2', 'y']), ['053212', 'y']);
    changes.add(cell(4, 0, '1 2'));
    assert.deepEqual(now(changes, 4, ['x', 'y']), ['1 2', 'y']);
    changes.undo();
    assert.deepEqual(now(changes, 4, ['x', 'y']), ['053', 'y']);
    changes.undo();
    assert.deepEqual(now(changes, 4, ['x', 'y']), ['0 5 3', 'y']);
    changes.redo();
    assert.deepEqual(now(changes, 4, ['x', 'y']), ['053', 'y']);
    changes.undo();
    changes.undo();
    assert.equal(changes.isEmpty, true);
    assert.deepEqual(changes.apply(4, ['x', 'y']), { cells: ['x', 'y'], changed: [] });
  });

  test('whole cells are replaced, blanks aside', () => {
    const changes = new Changes();
    changes.add(rule({ kind: 'replace', column: 1, from: '0', to: '2' }));
    assert.deepEqual(now(changes, 0, ['0', ' 0 ']), ['0', '2']);
    assert.deepEqual(now(changes, 1, ['0', '10']), ['0', '10']);
  });
});

function index(bytes, delimiter, pieceBytes) {
  const skipped = skippedBytes(bytes.subarray(0, 16));
  const index = new RecordIndex(delimiter.charCodeAt(0), skipped);
  for (let at = skipped; at < bytes.length; at += pieceBytes) index.feed(bytes.subarray(at, at + pieceBytes));
  return index.finish();
}

/** A module of the panel, which is written in TypeScript. */
async function module(name) {
  const entry = join(root, 'wasm/panel/src/table', name);
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: 'esm', write: false, target: 'es2022' });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
