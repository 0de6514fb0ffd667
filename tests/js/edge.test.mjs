// The edge worker in Cloudflare's own runtime judges every vector as every other shell does.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Miniflare } from 'miniflare';

import { comparable, root, templateVectors, vectors, written } from './vectors.mjs';

const FILE_BYTES_MAX = 1024 * 1024;

let edge;

before(async () => {
  edge = new Miniflare({
    modulesRoot: join(root, 'edge-worker/dist'),
    modules: [
      { type: 'ESModule', path: join(root, 'edge-worker/dist/index.js') },
      { type: 'CompiledWasm', path: join(root, 'edge-worker/dist/index_bg.wasm') },
    ],
    compatibilityDate: '2026-04-01',
    // Without this, facts about the caller would be fetched from outside.
    cf: false,
  });
  await edge.ready;
});

after(() => edge?.dispose());

describe('POST /check', () => {
  for (const vector of vectors()) {
    test(vector.name, async () => {
      const response = await check(vector.bytes, vector.optionsText);
      assert.equal(response.status, 200);
      assert.equal(comparable(await response.json()), vector.expected);
    });
  }

  test('a request without a body is an empty file', async () => {
    const report = await (await ask('/check', { method: 'POST' })).json();
    assert.equal(report.refused, true);
    assert.deepEqual(report.codes, { 'file-empty': 1 });
  });

  test('the largest file is judged, one byte more is not', async () => {
    const bytes = new Uint8Array(FILE_BYTES_MAX).fill(0x20);
    assert.equal((await check(bytes)).status, 200);
    await assertProblem(await check(new Uint8Array(FILE_BYTES_MAX + 1)), 413, 'file-too-large');
  });

  test('options that cannot be', async () => {
    const wrong = await assertProblem(await check(new Uint8Array(), '{"country":"nowhere"}'), 400, 'option-invalid');
    assert.equal(wrong.option, 'country');
    await assertProblem(await check(new Uint8Array(), 'no JSON'), 400, 'options-unreadable');
  });
});

for (const verb of ['lint', 'preview']) {
  describe(`POST /${verb}`, () => {
    for (const { name, input, expected } of templateVectors(verb)) {
      test(name, async () => {
        const response = await ask(`/${verb}`, { method: 'POST', body: input });
        assert.equal(response.status, 200);
        const text = await response.text();
        assert.equal(written(JSON.parse(text)), expected);
        assert.equal(JSON.stringify(JSON.parse(text)), text, 'nothing but the document');
      });
    }

    test('what is too long for a template is refused', async () => {
      await assertProblem(await ask(`/${verb}`, { method: 'POST', body: 'x'.repeat(256 * 1024 + 1) }), 413, 'template-too-large');
    });
  });
}

test('GET / says what this is', async () => {
  const about = await (await ask('/')).json();
  assert.equal(about.file_bytes_max, FILE_BYTES_MAX);
  assert.match(about.engine.number_metadata, /^\d+\.\d+\.\d+$/);
});

test('wrong method, wrong address', async () => {
  const response = await ask('/check');
  assert.equal(response.headers.get('allow'), 'POST');
  await assertProblem(response, 405, 'method-not-allowed');
  await assertProblem(await ask('/', { method: 'DELETE' }), 405, 'method-not-allowed');
  await assertProblem(await ask('/nothing/here'), 404, 'not-found');
});

function ask(path, init) {
  return edge.dispatchFetch(`http://edge${path}`, init);
}

function check(body, options = '{}') {
  return ask(`/check?options=${encodeURIComponent(options)}`, { method: 'POST', body });
}

async function assertProblem(response, status, code) {
  assert.equal(response.status, status);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  const problem = await response.json();
  assert.equal(problem.status, status);
  assert.equal(problem.code, code);
  return problem;
}
