// What the edge worker does when time passes, when the clock jumps, and when its module traps.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';

import { Edge, message, preference, tenants } from './edge-runtime.mjs';

const DAY_MS = 24 * 3600 * 1000;
const HEADER = 'wpNumber,permission\n';
/** As in edge-worker/src/check.rs. */
const CHECKS_MAX = 32;
const NOW_S = 1_776_000_000;

let edge;

before(async () => {
  const names = ['clean', 'month', 'jump', 'trap'];
  const all = Object.fromEntries(names.map((name) => [name, tenants.main]));
  edge = await new Edge({ CONSENTRY_TENANTS: JSON.stringify({ ...tenants, ...all }) }, { isMoved: true }).start();
});
after(() => edge?.dispose());

test('keys are known for eight days after they came, then forgotten, and numbers never come again', async () => {
  const tenant = 'clean';
  for (let at = 0; at < 50; at++) await edge.tell(message(`wamid.clean.${at}`, 'hello'), { tenant });
  await acknowledge(tenant, 'rest', 40);
  assert.notEqual(await world('alarm', { tenant }), null, 'somebody will look after them');
  await jump(7.9 * DAY_MS);
  await world('ring', { tenant });
  assert.deepEqual(await world('keys', { tenant }), [0, 50]);
  await jump(8.1 * DAY_MS);
  await world('ring', { tenant });
  assert.deepEqual(await world('keys', { tenant }), [0, 10], 'what is not acknowledged stays');
  assert.notEqual(await world('alarm', { tenant }), null);
  await acknowledge(tenant, 'rest', 50);
  await world('ring', { tenant });
  assert.deepEqual(await world('keys', { tenant }), [0, 1], 'the last one holds the place of the next');
  await edge.tell(message('wamid.clean.next', 'hello'), { tenant });
  assert.deepEqual((await pull(tenant, 'rest')).map(({ seq }) => seq), [51]);
});

test('a host that is away for a month finds everything', async () => {
  const tenant = 'month';
  const told = [];
  for (let day = 0; day <= 30; day++) {
    await jump(day * DAY_MS);
    for (let at = 0; at < 3; at++) {
      const id = `wamid.month.${day}.${at}`;
      assert.equal((await edge.tell(message(id, at === 0 ? 'STOP' : 'hello', { from: `9053014${10000 + day}` }), { tenant })).status, 200);
      told.push(id);
    }
    await world('ring', { tenant });
  }
  const { opted_out } = await edge.host({ do: 'gate', numbers: ['+905301410000', '+905301410030'] }, { tenant, at: now() });
  assert.deepEqual(opted_out.numbers, ['+905301410000', '+905301410030']);
  assert.deepEqual((await pull(tenant, 'rest')).map(({ event }) => event.message_id), told);
  assert.equal((await pull(tenant, 'consent')).length, 31);
});

test('when the clock jumps, what was signed before is refused, and what was said keeps its order', async () => {
  const tenant = 'jump';
  await jump(0);
  const number = '905301410099';
  await edge.tell(preference('stop', { number, at: NOW_S }), { tenant });
  for (const ms of [-3650 * DAY_MS, 3650 * DAY_MS]) {
    await jump(ms);
    assert.equal((await edge.host({ do: 'status' }, { tenant })).status, 401, 'signed by a clock that is right');
    assert.equal((await edge.host({ do: 'status' }, { tenant, at: now() })).status, 200);
    // Said before the stop, heard after it.
    assert.equal((await edge.tell(preference('resume', { number, at: NOW_S - 1 - Math.sign(ms) }), { tenant })).status, 200);
    const { opted_out } = await edge.host({ do: 'gate', numbers: [`+${number}`] }, { tenant, at: now() });
    assert.deepEqual(opted_out.numbers, [`+${number}`], String(ms));
  }
  await jump(0);
  // Nothing is forgotten before what came earlier, although one of them came, as it seemed, years ago.
  await acknowledge(tenant, 'consent', 3);
  await world('ring', { tenant });
  assert.deepEqual(await world('keys', { tenant }), [3, 0]);
});

test('a trap costs only what was under way, in the worker as in the object', async () => {
  const tenant = 'trap';
  const tell = (at) => edge.tell(message(`wamid.trap.${at}`, 'hello'), { tenant });
  assert.equal((await tell(0)).status, 200);
  for (const name of ['fetch', 'inbox_store']) {
    await world('trap', { name, times: 1 });
    assert((await tell(name)).status >= 500);
    assert.equal((await tell(name)).status, 200);
  }
  const status = () => edge.host({ do: 'status' }, { tenant });
  await world('trap', { name: 'inbox_answer', times: 1 });
  assert((await status()).status >= 500);
  assert.equal((await status()).rest.end, 3);
  await world('trap', { name: 'inbox_clean', times: 1 });
  await world('ring', { tenant }).catch(() => {});
  await world('ring', { tenant });
  assert.deepEqual((await pull(tenant, 'rest')).map(({ event }) => event.message_id), ['wamid.trap.0', 'wamid.trap.fetch', 'wamid.trap.inbox_store']);
});

test('whoever sends a file and falls silent makes room for others, and is told so when they go on', async () => {
  await jump(0);
  const slow = await Promise.all(Array.from({ length: CHECKS_MAX }, () => begun(edge)));
  const check = () => edge.ask('/check', { method: 'POST', body: HEADER });
  // They may still be on their way.
  let busy;
  for (let turn = 0; turn < 100 && busy?.status !== 503; turn++) busy = await check();
  assert.deepEqual([busy.status, busy.headers['retry-after']], [503, '5']);
  await jump(21_000);
  assert.equal((await check()).status, 200);
  assert.deepEqual(new Set(await Promise.all(slow.map(({ end }) => end()))), new Set([408]));
  await jump(0);
});

test('not more than two large files at once', async () => {
  // What is written of so much has mostly been read.
  const large = `${HEADER}${'+905301112233,1\n'.repeat(800_000)}`;
  const files = await Promise.all([begun(edge, large), begun(edge, large), begun(edge, large)]);
  assert.equal((await edge.ask('/check', { method: 'POST', body: HEADER })).status, 200, 'small ones go on');
  const statuses = await Promise.all(files.map(({ end }) => end()));
  assert.deepEqual(statuses.sort(), [200, 200, 503]);
});

/** A file of which the beginning was taken; `end` sends the rest and gives the answer's status. */
async function begun(edge, beginning = HEADER) {
  const request = http.request({ host: '127.0.0.1', port: edge.port, path: '/check', method: 'POST' });
  const status = new Promise((resolve) => request.on('response', ({ statusCode }) => resolve(statusCode)).on('error', () => {}));
  await new Promise((resolve) => request.write(beginning, resolve));
  return { end: () => (request.end('+905301112233,1\n'), status) };
}

async function world(what, said = {}) {
  const answer = await edge.ask(`/world/${what}?${new URLSearchParams(said)}`);
  if (answer.status !== 200) throw new Error(answer.text);
  return JSON.parse(answer.text);
}

let shiftMs = 0;

async function jump(ms) {
  shiftMs = ms;
  await world('shift', { ms });
}

function now() {
  return Math.floor((Date.now() + shiftMs) / 1000);
}

async function pull(tenant, lane) {
  return edge.pull(lane, { tenant, at: now() });
}

async function acknowledge(tenant, lane, up_to) {
  assert.equal((await edge.host({ do: 'acknowledge', lane, up_to }, { tenant, at: now() })).status, 200);
}
