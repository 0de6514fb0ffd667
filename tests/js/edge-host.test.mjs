// From Meta's signature to the consent that stands: the real edge worker in Cloudflare's runtime hands over to the real host.
// Either of them dies at any moment, and nothing is lost, nothing comes twice, and whoever said stop is not written to.

import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';

import { Edge, chance, message, preference, secrets, shuffled } from './edge-runtime.mjs';
import { Host } from './panel.mjs';

const PEOPLE = 60;
const NOW_S = 1_776_000_000;

let edge, way, host;

before(async () => {
  edge = await new Edge().start();
  way = await Way.to(edge);
});

after(async () => {
  await host?.remove();
  way?.close();
  await edge?.dispose();
});

/** Leads to the edge wherever it listens at the moment. */
class Way {
  static async to(edge) {
    const way = new Way();
    way.sockets = new Set();
    way.server = createServer((socket) => {
      const onward = connect(edge.port, '127.0.0.1');
      for (const end of [socket, onward]) {
        way.sockets.add(end);
        end.on('error', () => {}).on('close', () => [socket, onward].forEach((end) => end.destroy()));
      }
      socket.pipe(onward).pipe(socket);
    });
    await new Promise((listening) => way.server.listen(0, '127.0.0.1', listening));
    return way;
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}/inbox/main`;
  }

  close() {
    this.sockets.forEach((socket) => socket.destroy());
    this.server.close();
  }
}

const started = (data, secret = secrets.handover[0]) =>
  Host.start({ data, args: ['--edge-url', way.url], env: { CONSENTRY_EDGE_SECRET: secret } });

const number = (person) => `9053044${String(person).padStart(5, '0')}`;

async function permissions() {
  const lines = (await (await fetch(`${host.base}/api/v1/export?format=jsonl`)).text()).trim().split('\n');
  return new Map(lines.map((line) => JSON.parse(line)).map((profile) => [profile.wpNumber.slice(1), profile.permission]));
}

/** Ids of everything that the host has, each as often as it has it. */
async function ids() {
  const found = [];
  for (let before = ''; before !== undefined; ) {
    const page = await host.get(`/events?limit=500${before && `&before=${before}`}`);
    found.push(...page.events.map(({ event }) => event.id));
    before = page.next;
  }
  return found.sort();
}

async function until(happened) {
  const end = Date.now() + 60_000;
  while (!(await happened())) assert(Date.now() < end, `it did not happen: ${happened}`);
}

/** All is here, acted on, and gone there. */
const settled = () =>
  until(async () => {
    const left = await edge.host({ do: 'status' });
    const here = await host.get('/events/status');
    return left.consent?.left === 0 && left.rest?.left === 0 && here.consent_waits === 0 && here.rest_waits === 0;
  });

test('a day without the host costs nothing, and opt-outs are there when it is ready', async () => {
  host = await started();
  await host.import('people.csv', `wpNumber,permission\n${Array.from({ length: PEOPLE }, (_, person) => `+${number(person)},1\n`).join('')}`);
  await host.kill();
  for (let person = 0; person < PEOPLE; person++) {
    assert.equal((await edge.tell(message(`wamid.A${person}`, 'hello', { from: number(person) }))).status, 200);
    if (person % 3 === 0) assert.equal((await edge.tell(message(`wamid.S${person}`, 'DUR', { from: number(person) }))).status, 200);
  }
  host = await started(host.data);
  await until(async () => (await host.get('/events/status')).edge.drained);
  await settled();
  for (const [who, stands] of await permissions()) {
    assert.equal(stands, Number(who.slice(7)) % 3 === 0 ? 'opt_out' : 'opt_in', who);
  }
  const kept = await ids();
  assert.equal(kept.length, PEOPLE + PEOPLE / 3 * 2);
  assert.equal(new Set(kept).size, kept.length);
});

test('killed again and again on both sides, everything is there once', async () => {
  const random = chance(11);
  const expected = new Set(await ids());
  const bodies = [];
  for (let at = 0; at < 400; at++) {
    const from = number(at % PEOPLE);
    // The last word of each is told below, whatever comes after it.
    const [text, word] = at % 5 === 0 ? ['stop', 'opt_out'] : at % 5 === 1 ? ['start', 'resume'] : ['hi', undefined];
    const copies = random(10) < 3 ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) bodies.push(message(`wamid.K${at}`, text, { from, at: NOW_S + 100 + at }));
    expected.add(`message:wamid.K${at}`);
    if (word) expected.add(`${word}:wamid.K${at}`);
  }
  const all = shuffled(bodies, random);
  const killing = (async () => {
    for (let round = 0; round < 4; round++) {
      await until(async () => (await host.get('/events/status')).events > 0);
      await host.kill();
      host = await started(host.data);
    }
  })();
  for (let at = 0; at < all.length; at += 20) {
    const told = (body) => edge.tell(body).then(({ status }) => status, () => 0);
    let rest = all.slice(at, at + 20);
    while (rest.length > 0) {
      if (at % 200 === 100 && rest.length === 20) {
        // Whoever is not answered with 200 sends it again.
        const answers = Promise.all(rest.map(told));
        await edge.kill();
        await edge.start();
        const statuses = await answers;
        rest = rest.filter((_, place) => statuses[place] !== 200);
        continue;
      }
      const statuses = await Promise.all(rest.map(told));
      rest = rest.filter((_, place) => statuses[place] !== 200);
    }
  }
  await killing;
  await settled();
  assert.deepEqual(await ids(), [...expected].sort());
  // Of each person the latest word stands.
  const latest = new Map();
  for (let at = 0; at < 400; at++) if (at % 5 < 2) latest.set(number(at % PEOPLE), at % 5 === 0 ? 'opt_out' : 'opt_in');
  const stands = await permissions();
  for (const [who, expected] of latest) assert.equal(stands.get(who), expected, who);
});

test('a host with another secret gets nothing, says why, and loses nothing', async () => {
  await host.kill();
  assert.equal((await edge.tell(preference('stop', { number: number(1), at: NOW_S + 9_000 }))).status, 200);
  host = await started(host.data, 'whsec_d3Jvbmc=');
  await until(async () => (await host.get('/events/status')).edge.trouble);
  const { edge: told } = await host.get('/events/status');
  assert.deepEqual([told.connected, told.drained], [false, false]);
  assert.match(told.trouble, /401/);
  await host.kill();
  host = await started(host.data, secrets.handover[1]);
  await settled();
  assert.equal((await permissions()).get(number(1)), 'opt_out');
});
