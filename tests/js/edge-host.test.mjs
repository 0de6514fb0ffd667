// From Meta to the host by way of the edge: the real worker in Cloudflare's runtime, the real host pulling from it, and each
// of them dying in turn. `CONSENTRY_BIN` names the host.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Edge, chance, message, secrets, shuffled } from './edge-runtime.mjs';
import { Host } from './panel.mjs';

let edge;
let host;
let data;
const told = new Set();
const stopped = [];

before(async () => {
  edge = await new Edge().start();
  await startHost();
});
after(async () => {
  await host?.remove();
  await edge?.dispose();
});

test('what Meta tells the edge arrives at the host, each event once', async () => {
  await tell('first', 40);
  await arrived();
});

test('a host that was away has it all when it comes back, and opt-outs are known meanwhile', async () => {
  await host.kill();
  await tell('away', 40);
  const { opted_out } = await edge.host({ do: 'gate', numbers: stopped.slice(-8) });
  assert.deepEqual(opted_out.numbers, stopped.slice(-8).sort());
  await startHost();
  await arrived();
});

test('an edge that died is found again', async () => {
  await tell('before', 20);
  await edge.kill();
  await edge.start();
  await tell('after', 20);
  await arrived();
});

test('both die again and again while webhooks come', async () => {
  for (let round = 0; round < 5; round++) {
    const telling = tell(`round-${round}`, 30);
    await host.kill();
    await Promise.all([telling, startHost()]);
    await edge.kill();
    await edge.start();
  }
  await arrived();
  // Nothing is left at the edge of what people said, and the host has acted on all of it.
  let hearing;
  do hearing = await host.get('/events/status');
  while (hearing.consent_waits > 0 || !hearing.edge.drained);
  assert.equal(hearing.events, told.size);
  const { events } = await host.get('/events?kind=opt_out&limit=500');
  assert.deepEqual(events.map(({ event }) => event.number).sort(), [...stopped].sort());
});

async function startHost() {
  const args = ['--edge-url', `http://127.0.0.1:${edge.port}/inbox/main`];
  host = await Host.start({ data, args, env: { CONSENTRY_EDGE_SECRET: secrets.handover[1] } });
  data = host.data;
}

/** Webhooks of which each fifth is somebody's STOP, in random order, some of them twice. */
async function tell(name, count) {
  const random = chance(count);
  const bodies = [];
  for (let at = 0; at < count; at++) {
    const [id, digits] = [`wamid.${name}.${at}`, `9053019${10000 + told.size}`];
    told.add(`message:${id}`);
    const isStop = at % 5 === 0;
    if (isStop) {
      told.add(`opt_out:${id}`);
      stopped.push(`+${digits}`);
    }
    bodies.push(message(id, isStop ? 'STOP' : 'hello', { from: digits }));
  }
  for (const body of shuffled([...bodies, ...bodies.slice(0, count / 3)], random)) {
    assert.equal((await edge.tell(body)).status, 200);
  }
}

/** Listens to the host until it has told of everything; each event comes once. */
async function arrived() {
  const seen = new Set();
  const listening = new AbortController();
  const live = await fetch(`${host.base}/api/v1/events/live?after=0`, { signal: listening.signal });
  let text = '';
  for await (const piece of live.body.pipeThrough(new TextDecoderStream())) {
    const lines = (text += piece).split('\n');
    text = lines.pop();
    for (const line of lines) {
      if (!line.startsWith('data:')) continue;
      const { event } = JSON.parse(line.slice('data:'.length));
      assert(!seen.has(event.id), `${event.id} is there twice`);
      seen.add(event.id);
    }
    if (seen.size >= told.size) break;
  }
  listening.abort();
  assert.deepEqual([...seen].sort(), [...told].sort());
}
