// Nobody is written to after they opted out, also where the word is at the edge only: the real worker in Cloudflare's runtime
// hears it, the real host sends, Meta's stand-in is written to, and host and worker die in between.
//
// Everything that reaches Meta passes a door here, which notes for whom it is and when it came.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { Edge, chance, message, secrets } from './edge-runtime.mjs';
import { Host } from './panel.mjs';

const PEOPLE = 400;
/** So slow that there is time for all that happens meanwhile. */
const PER_S = 20;
/** Between a look at the edge and the first byte of a request, on a machine that is busy, in milliseconds. */
const LEAVING_MS = 1_000;
/** Longest wait for anything, in milliseconds; generous, because both cores may be busy. */
const LONGEST_MS = 60_000;
const APP = { id: '634974688087057', waba: '102290129340398', number: '106540352242922', token: 'EAAsandboxtoken' };

const scenario = join(tmpdir(), `consentry-edge-campaign-${process.pid}.toml`);
/** Requests by number: when each came. */
const came = new Map();
/** When the edge had answered the word of each number. */
const stopped = new Map();
const random = chance(7);
let edge, meta, door, host, data, campaign;

before(async () => {
  edge = await new Edge().start();
  await writeFile(scenario, written());
  meta = await Host.start({ args: ['--sandbox', '--scenario', scenario] });
  door = await opened(meta.sandbox);
  await startHost();
  const connected = await host.post('/accounts', {
    token: APP.token,
    app_id: APP.id,
    app_secret: secrets.app[0],
    waba_id: APP.waba,
    phone_number_id: APP.number,
  });
  await host.post('/templates/sync', {});
  await until(async () => (await host.get('/templates')).templates?.some(({ sendable }) => sendable));
  const rows = Array.from({ length: PEOPLE }, (_, n) => `e${n},${number(n)},1`);
  const { counts } = await host.import('people.csv', `exid,wpNumber,permission\n${rows.join('\n')}\n`);
  assert.equal(counts.created, PEOPLE);
  ({ campaign } = await host.post('/campaigns', {
    name: 'Over the edge',
    account: connected.account,
    messages: [
      { template: 'spring_sale', language: 'en_US', share_percent: 100, values: { first_name: { text: 'you' }, last_day: { text: 'Sunday' } } },
    ],
    audience: {},
    pace: { messages_per_s: PER_S },
    brake: { failed_percent: 100, opted_out_percent: 100, limited_percent: 100, after_messages: 1000 },
  }));
});

after(async () => {
  await host?.remove();
  await meta?.remove();
  door?.close();
  door?.closeAllConnections();
  await edge?.dispose();
  await rm(scenario, { force: true });
});

test('who opts out while it is sent is not written to any more', async () => {
  await host.post(`/campaigns/${campaign}/preflight`, {});
  await until(async () => (await host.get(`/campaigns/${campaign}`)).state === 'frozen');
  await host.post(`/campaigns/${campaign}/start`, {});
  await sent(20);
  for (let n = 0; n < 30; n++) await stop();
  await sent(60);
});

test('nobody is written to while the edge cannot be asked', async () => {
  await edge.kill();
  await until(async () => (await host.get(`/campaigns/${campaign}`)).waits?.for === 'edge');
  const left = came.size;
  assert.ok(left < PEOPLE - 100, `${left} were sent`);
  // It is asked again and again, and nobody is let through meanwhile.
  await askedInVain(4);
  assert.equal(came.size, left);
  await host.kill();
  await edge.start();
  for (let n = 0; n < 30; n++) await stop();
  await edge.kill();
  // A host that comes up and has not heard what was said waits, however long that takes.
  await startHost();
  await until(async () => (await host.get(`/campaigns/${campaign}`)).waits?.for === 'barrier');
  assert.equal(came.size, left);
  await edge.start();
  await sent(left + 40);
});

test('both die again and again while people opt out', async () => {
  for (let round = 0; round < 3; round++) {
    await Promise.all([host.kill(), stop(), stop(), stop()]);
    for (let n = 0; n < 5; n++) await stop();
    await startHost();
    const before = came.size;
    await sent(Math.min(before + 10, PEOPLE - stopped.size - 40));
    await edge.kill();
    await edge.start();
    for (let n = 0; n < 5; n++) await stop();
  }
});

test('everybody else gets it, once', async () => {
  const ended = await until(async () => {
    const document = await host.get(`/campaigns/${campaign}`);
    return document.state === 'finished' && document;
  });
  const late = [...stopped].filter(([of, at]) => came.get(of)?.some((came) => came > at + LEAVING_MS));
  assert.deepEqual(late, [], 'they had opted out');
  const twice = [...came].filter(([, times]) => times.length > 1);
  assert.deepEqual(twice, []);
  const { stand } = ended;
  assert.equal(stand.opted_out + stand.accepted + stand.sent + stand.delivered + stand.read + stand.unknown + stand.failed, PEOPLE);
  // What was not asked for when it was cut off was never sent, and what may have been sent is never sent again.
  const missed = Array.from({ length: PEOPLE }, (_, n) => number(n)).filter((of) => !came.has(of) && !stopped.has(of));
  assert.ok(missed.length <= stand.unknown, `${missed.length} got nothing, ${stand.unknown} are in doubt`);
  const heard = await host.get('/events?kind=opt_out&limit=500');
  assert.deepEqual(new Set(heard.events.map(({ event }) => event.number)), new Set(stopped.keys()));
  console.log(
    `${PEOPLE} people, ${came.size} messages, ${stopped.size} opt-outs at the edge, ${stand.opted_out} of them before their message; ${stand.unknown} in doubt after four kills of the host`,
  );
});

/** Somebody who has not yet opted out does, by a word that Meta brings to the edge. */
async function stop() {
  let of;
  do of = number(random(PEOPLE));
  while (stopped.has(of));
  const at = Math.floor(Date.now() / 1000);
  stopped.set(of, Infinity);
  for (;;) {
    const answer = await edge.tell(message(`wamid.stop.${of}`, 'STOP', { from: of.slice(1), at })).catch(() => undefined);
    if (answer?.status === 200) break;
  }
  stopped.set(of, Date.now());
}

/** Stands where the edge was, knows nothing, and waits until it was asked so many times who has opted out. */
async function askedInVain(times) {
  const server = http.createServer((request, answer) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      times -= JSON.parse(body).do === 'gate' ? 1 : 0;
      answer.writeHead(503).end();
    });
  });
  server.listen(edge.port, '127.0.0.1');
  await until(() => times <= 0);
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
}

/** Waits until so many messages have reached Meta. */
const sent = (count) => until(() => came.size >= count);

async function startHost() {
  const args = ['--edge-url', `http://127.0.0.1:${edge.port}/inbox/main`, '--graph-url', `http://127.0.0.1:${door.address().port}`];
  host = await Host.start({ data, args, env: { CONSENTRY_EDGE_SECRET: secrets.handover[1] } });
  data = host.data;
}

/** The door before Meta. */
async function opened(sandbox) {
  const to = new URL(sandbox);
  const agent = new http.Agent({ keepAlive: true });
  const server = http.createServer((request, answer) => {
    const pieces = [];
    const at = Date.now();
    request.on('error', () => {});
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      if (new URL(request.url, meta.sandbox).pathname.endsWith('/messages')) {
        const of = `+${JSON.parse(body).to.replace('+', '')}`;
        came.set(of, [...(came.get(of) ?? []), at]);
      }
      const { method, headers, url: path } = request;
      const on = http.request({ host: to.hostname, port: to.port, method, path, headers, agent }, (said) => {
        answer.writeHead(said.statusCode, said.headers);
        said.pipe(answer);
      });
      on.on('error', () => answer.destroy());
      on.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Meta tells the edge, and everybody receives what is sent. */
function written() {
  return `seed = 3
[[app]]
id = "${APP.id}"
name = "Sandbox App"
secret = "${secrets.app[0]}"
callback = "http://127.0.0.1:${edge.port}/webhooks/main"
[people]
absent = 0.0
experiment = 0.0
deliver = 1.0
read = 0.5
answer = 0.0
stop_word = 0.0
stop = 0.0
sent_ms = [10, 50]
delivered_ms = [20, 100]
read_ms = [50, 300]
`;
}

function number(n) {
  return `+9053210${10_000 + n}`;
}

async function until(isSo) {
  for (const end = Date.now() + LONGEST_MS; Date.now() < end; ) {
    const found = await isSo();
    if (found) return found;
    await turn();
  }
  const stands = campaign && (await host.get(`/campaigns/${campaign}`));
  throw new Error(`it never came to ${isSo}; ${came.size} were sent, and the campaign is ${JSON.stringify(stands)}`);
}
