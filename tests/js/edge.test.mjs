// The edge worker in Cloudflare's own runtime judges every vector as every other shell does, for whoever may ask.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';

import { Miniflare } from 'miniflare';

import { Edge, deployed } from './edge-runtime.mjs';
import { comparable, root, templateVectors, vectors, written } from './vectors.mjs';

const ORIGIN = 'https://panel.example';
const NUMBERS_MAX = 2 * 1024 * 1024;

let edge;

before(async () => {
  edge = new Miniflare({ ...options(), bindings: { ALLOWED_ORIGINS: `https://other.example, ${ORIGIN}` } });
  await edge.ready;
});

after(() => edge?.dispose());

function options() {
  return {
    modulesRoot: join(root, 'edge-worker/dist'),
    modules: [
      { type: 'ESModule', path: join(root, 'edge-worker/dist/index.js') },
      { type: 'CompiledWasm', path: join(root, 'edge-worker/dist/index_bg.wasm') },
    ],
    compatibilityDate: deployed.compatibilityDate,
    // Without this, facts about the caller would be fetched from outside.
    cf: false,
  };
}

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

  test('a large file streams by: the memory it takes does not grow with it, and it is judged as everywhere', async () => {
    const edge = new Edge();
    try {
      await edge.start();
      const [small, large] = [[], []];
      for (const [rows, reports] of [[20_000, small], [1_500_000, large]]) {
        reports.push(await streamed(edge, rows), residentBytesMax(edge.pid));
      }
      assert.equal(large[0].counts.accepted, 1_500_000);
      assert.equal(large[0].file.bytes, rowsOf(0, 1).length * 1_500_000 + HEADER.length);
      assert(large[0].file.bytes > 60_000_000);
      // What grows is the set of numbers that finds repeated ones, up to its limit.
      assert(large[1] - small[1] < 64 * 1024 * 1024, `${(large[1] - small[1]) >> 20} MiB more`);
    } finally {
      await edge.dispose();
    }
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
  assert.deepEqual(about.limits, { repeat_numbers_max: NUMBERS_MAX, template_bytes_max: 262_144, webhook_bytes_max: 4_194_304 });
  assert.match(about.engine.number_metadata, /^\d+\.\d+\.\d+$/);
});

test('wrong method, wrong address', async () => {
  const response = await ask('/check');
  assert.equal(response.headers.get('allow'), 'POST');
  await assertProblem(response, 405, 'method-not-allowed');
  await assertProblem(await ask('/', { method: 'DELETE' }), 405, 'method-not-allowed');
  await assertProblem(await ask('/nothing/here'), 404, 'not-found');
});

describe('pages of other origins', () => {
  const from = (origin, init) => ask('/check', { method: 'POST', ...init, headers: { origin } });

  test('may read answers when they are declared', async () => {
    const response = await from(ORIGIN, { body: 'wpNumber,permission\n' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('access-control-allow-origin'), ORIGIN);
    assert.equal(response.headers.get('access-control-allow-credentials'), null);
    assert.equal(response.headers.get('vary'), 'origin');
    const wrong = await ask('/lint', { method: 'POST', headers: { origin: ORIGIN }, body: 'x'.repeat(256 * 1024 + 1) });
    assert.equal(wrong.headers.get('access-control-allow-origin'), ORIGIN, 'problems as well');
  });

  test('ask before', async () => {
    for (const path of ['/check', '/lint', '/preview']) {
      const response = await ask(path, { method: 'OPTIONS', headers: { origin: ORIGIN, 'access-control-request-method': 'POST' } });
      assert.equal(response.status, 204);
      assert.equal(response.headers.get('access-control-allow-origin'), ORIGIN);
      assert.equal(response.headers.get('access-control-allow-methods'), 'POST');
    }
  });

  test('may not when they are not', async () => {
    for (const origin of ['https://panel.example.evil', 'http://panel.example', 'null', '*', `${ORIGIN}, https://other.example`]) {
      for (const init of [{ body: '' }, { method: 'OPTIONS' }]) {
        const { headers } = await from(origin, init);
        for (const [name] of headers) assert(!name.startsWith('access-control-'), `${origin}: ${name}`);
      }
    }
  });

  test('never ask for webhooks', async () => {
    const { headers } = await ask('/webhooks/main', { method: 'OPTIONS', headers: { origin: ORIGIN } });
    for (const [name] of headers) assert(!name.startsWith('access-control-'), name);
  });
});

test('who asks too often is asked to wait; others are not', async () => {
  const slow = new Miniflare({ ...options(), ratelimits: { [deployed.limit]: { simple: { limit: 5, period: 60 } } } });
  try {
    const lint = (address, path = '/lint') =>
      slow.dispatchFetch(`http://edge${path}`, { method: 'POST', body: '{}', headers: { 'cf-connecting-ip': address } });
    for (let turn = 0; turn < 5; turn++) assert.equal((await lint('192.0.2.1')).status, 200);
    const refused = await lint('192.0.2.1', '/check');
    assert.equal(refused.headers.get('retry-after'), '60');
    await assertProblem(refused, 429, 'too-many-requests');
    assert.equal((await lint('192.0.2.2')).status, 200);
    // All addresses of one IPv6 network are one caller.
    for (let turn = 0; turn < 5; turn++) assert.equal((await lint(`2001:db8:1:2::${turn + 1}`)).status, 200);
    assert.equal((await lint('2001:db8:1:2:ffff::1')).status, 429);
    assert.equal((await lint('2001:db8:1:3::1')).status, 200);
  } finally {
    await slow.dispose();
  }
});

const HEADER = 'exid,email,wpNumber,permission\n';

/** Rows that differ from each other, all of one length. */
function rowsOf(first, count) {
  const row = (at) => `${10_000_000 + at},p${10_000_000 + at}@example.com,+90530${1_000_000 + at},1\n`;
  return Array.from({ length: count }, (_, at) => row(first + at)).join('');
}

/** The report about that many rows, which are made while they are sent. */
function streamed(edge, rows) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port: edge.port, path: '/check', method: 'POST' }, async (response) => {
      const pieces = await response.toArray();
      resolve(JSON.parse(Buffer.concat(pieces)));
    });
    request.on('error', reject);
    const parts = function* () {
      yield HEADER;
      for (let first = 0; first < rows; first += 1000) yield rowsOf(first, 1000);
    };
    Readable.from(parts()).pipe(request);
  });
}

function residentBytesMax(pid) {
  return Number(readFileSync(`/proc/${pid}/status`, 'latin1').match(/VmHWM:\s+(\d+) kB/)[1]) * 1024;
}

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
