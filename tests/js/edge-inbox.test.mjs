// The inbox of the edge worker in Cloudflare's own runtime: nothing that was answered 200 is ever lost, whatever dies, comes
// twice or out of order; and nobody gets in who cannot sign.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Edge, chance, handSigned, message, preference, secrets, shuffled, signed, tenants } from './edge-runtime.mjs';
import { root } from './vectors.mjs';

const FORGED_REQUESTS = 10_000;
const BODY_BYTES_MAX = 4 * 1024 * 1024;
const NOW_S = 1_776_000_000;

const SAMPLES = join(root, 'tests/fixtures/meta/webhook');
const samples = readdirSync(SAMPLES).filter((name) => name.endsWith('.json')).sort();

let edge;
// A tenant for each test that looks at all there is.
const names = ['words-0', 'words-1', 'words-2', 'words-3', 'lanes', 'long', 'poll', 'away', 'gate', 'clock', 'forged', 'trap'];

before(async () => {
  assert(samples.length >= 100);
  const all = Object.fromEntries([...names, ...samples.map((_, at) => `sample-${at}`)].map((name) => [name, tenants.main]));
  edge = await new Edge({ CONSENTRY_TENANTS: JSON.stringify({ ...tenants, ...all }) }).start();
});
after(() => edge?.dispose());

describe('GET /webhooks/{tenant}', () => {
  const ask = (tenant, said) => edge.ask(`/webhooks/${tenant}?${new URLSearchParams(said)}`);
  const right = { 'hub.mode': 'subscribe', 'hub.challenge': '1158201444', 'hub.verify_token': secrets.verify };

  test('the challenge comes back as text', async () => {
    const answer = await ask('main', right);
    assert.deepEqual([answer.status, answer.text], [200, '1158201444']);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  });

  test('not for anybody else, and not if it is more than a few plain characters', async () => {
    const wrong = [
      ['other', right],
      ['nobody', right],
      ['main', { ...right, 'hub.mode': 'unsubscribe' }],
      ['main', { ...right, 'hub.verify_token': `${secrets.verify} ` }],
      ['main', { ...right, 'hub.verify_token': '' }],
      ['main', { ...right, 'hub.challenge': '<script>alert(1)</script>' }],
      ['main', { ...right, 'hub.challenge': 'x'.repeat(257) }],
      ['main', { ...right, 'hub.challenge': '' }],
      ['main', {}],
    ];
    for (const [tenant, said] of wrong) refused(await ask(tenant, said), 401);
  });
});

test('requests that nobody signed, or not these bytes, or for somebody else, are all refused and leave nothing', async () => {
  const random = chance(6);
  const body = Buffer.from(message('wamid.forged', 'STOP', { from: '905300000000' }));
  const right = signed(body);
  const flipped = (bytes) => {
    const copy = Buffer.from(bytes);
    copy[random(copy.length)] ^= 1 << random(8);
    return copy;
  };
  const otherDigit = (signature) => {
    const at = 'sha256='.length + random(64);
    const digit = (parseInt(signature[at], 16) + 1 + random(15)) % 16;
    return signature.slice(0, at) + digit.toString(16) + signature.slice(at + 1);
  };
  const post = (tenant, body, signature) =>
    edge.ask(`/webhooks/${tenant}`, { method: 'POST', headers: signature === undefined ? {} : { 'x-hub-signature-256': signature }, body });
  const kinds = [
    () => post('forged', body, signed(body, `secret ${random(1e9)}`)),
    () => post('forged', flipped(body), right),
    () => post('forged', body, otherDigit(right)),
    () => post('forged', body.subarray(0, random(body.length)), right),
    () => post('forged', Buffer.concat([body, Buffer.from(' '.repeat(1 + random(9)))]), right),
    () => post('forged', body, undefined),
    () => post('forged', body, ''),
    () => post('forged', body, right.replace('sha256=', 'sha1=')),
    () => post('forged', body, right.slice(0, 7 + random(64))),
    () => post('other', body, right),
    () => post('forged', body, signed(body, tenants.other.app_secrets[0])),
    () => post(`nobody-${random(1e6)}`, body, right),
    // What is compared where there is no tenant is no tenant's secret.
    () => post('nobody-there', body, signed(body, 'nobody')),
    () => hand({ tenant: 'nobody-there', secret: `whsec_${Buffer.from('nobody').toString('base64')}` }),
    () => post(`No%20Body-${random(1e6)}`, body, right),
    () => post('x'.repeat(41), body, right),
    // What a host may ask, but not signed by it, or long ago, or for another.
    () => hand({ tenant: 'other' }),
    () => hand({ secret: tenants.other.handover_secrets[0] }),
    () => hand({ skew: 301 + random(1e6) }),
    () => hand({ skew: -301 - random(1e6) }),
    () => hand({ id: 'another' }),
    () => hand({ body: '{"do":"acknowledge","lane":"consent","up_to":9}' }),
    () => hand({ signature: 'v1,AAAA v2,x' }),
  ];
  const hand = ({ tenant = 'forged', secret = secrets.handover[0], skew = 0, id, body, signature }) => {
    const ask = '{"do":"status"}';
    const at = Math.floor(Date.now() / 1000) + skew;
    const headers = {
      'webhook-id': id ?? 'one',
      'webhook-timestamp': at,
      'webhook-signature': signature ?? handSigned(secret, 'one', at, ask),
    };
    return edge.ask(`/inbox/${tenant}`, { method: 'POST', headers, body: body ?? ask });
  };
  const said = new Set();
  let next = 0;
  const asker = async () => {
    while (next < FORGED_REQUESTS) {
      const kind = next++ % kinds.length;
      const answer = await kinds[kind]();
      refused(answer, answer.status === 404 ? 404 : 401, `kind ${kind}`);
      if (answer.status === 401) said.add(answer.text);
    }
  };
  await Promise.all(Array.from({ length: 32 }, asker));
  assert.equal(said.size, 1, 'a refusal says nothing about why');

  // Nobody listens to the end of what is too long: the answer comes before, or the connection breaks.
  const large = Buffer.alloc(BODY_BYTES_MAX + 1, 0x20);
  const broken = (error) => assert.match(error.code, /^(ECONNRESET|EPIPE)$/);
  let told = 0;
  for (let turn = 0; turn < 8; turn++) {
    const headers = { 'x-hub-signature-256': signed(large), ...(turn % 2 === 0 && { 'transfer-encoding': 'chunked' }) };
    const answer = await edge.ask('/webhooks/forged', { method: 'POST', headers, body: large }).catch(broken);
    if (answer !== undefined) told += (refused(answer, 413), 1);
  }
  assert(told > 0);
  const { consent, rest } = await edge.host({ do: 'status' }, { tenant: 'forged' });
  assert.deepEqual([consent.end, rest.end], [0, 0]);
  for (const secret of [...secrets.app, ...secrets.handover, secrets.verify]) assert(!edge.said.includes(secret));
});

test('every sample of Meta is taken, and what it tells is there to be pulled, once', async () => {
  const kinds = new Set();
  for (const [at, file] of samples.entries()) {
    const [bytes, tenant] = [readFileSync(join(SAMPLES, file)), `sample-${at}`];
    const tellAndPull = async () => {
      assert.equal((await edge.tell(bytes, { tenant })).status, 200, file);
      return [...(await edge.pull('consent', { tenant })), ...(await edge.pull('rest', { tenant }))].map(({ event }) => event);
    };
    const events = await tellAndPull();
    const have = new Set(events.flatMap((event) => [...leaves(event)]));
    for (const leaf of leaves(JSON.parse(bytes))) {
      // Times are told as milliseconds as well.
      const isThere = ENVELOPE.has(leaf) || have.has(leaf) || have.has(`${leaf}000`);
      assert(isThere, `${file}: \`${leaf}\` was lost`);
    }
    assert.deepEqual(await tellAndPull(), events, file);
    for (const { kind } of events) kinds.add(kind);
  }
  assert(kinds.size >= 9, [...kinds].join(' '));
});

describe('what people say about being written to', () => {
  const number = '905301110000';
  const gate = (tenant, numbers, users = []) => edge.host({ do: 'gate', numbers, users }, { tenant });

  test('is known to the gate as soon as the webhook is answered, by number and by user id', async () => {
    const words = [message('wamid.g1', 'STOP!', { from: '905301110001', user: 'TR.1' }), preference('stop', { user: 'TR.2', at: NOW_S }), message('wamid.g3', 'basta', { from: '905301110003' })];
    for (const word of words) assert.equal((await edge.tell(word, { tenant: 'gate' })).status, 200);
    const { opted_out } = await gate('gate', ['+905301110001', '+905301110003', '+905301110009'], ['TR.1', 'TR.2', 'TR.9']);
    assert.deepEqual(opted_out, { numbers: ['+905301110001', '+905301110003'], users: ['TR.1', 'TR.2'] });
    // Until the host knows it itself.
    const { end } = await edge.host({ do: 'status' }, { tenant: 'gate' }).then(({ consent }) => consent);
    await edge.host({ do: 'acknowledge', lane: 'consent', up_to: end }, { tenant: 'gate' });
    assert.deepEqual((await gate('gate', ['+905301110001'], ['TR.1'])).opted_out, { numbers: [], users: [] });
  });

  test('ends the same in any order and any number of copies: the latest word counts, and of two at once the one that stops', async () => {
    const random = chance(77);
    const people = Array.from({ length: 40 }, (_, at) => String(905301200000 + at));
    const words = [];
    for (let at = 0; at < 400; at++) {
      const value = ['stop', 'resume', 'stop', 'signup'][random(4)];
      words.push({ value, number: people[random(people.length)], at: NOW_S + random(50), serial: at });
    }
    const expected = people.filter((person) => {
      const theirs = words.filter(({ number }) => number === person);
      const latest = Math.max(...theirs.map(({ at }) => at));
      return theirs.some(({ at, value }) => at === latest && value === 'stop');
    });
    const bodies = words.map((word) => preference(word.value, { number: word.number, at: word.at }));
    const states = [];
    for (let turn = 0; turn < 4; turn++) {
      const tenant = `words-${turn}`;
      const copies = bodies.filter(() => random(10) < 3);
      const order = turn === 0 ? bodies : shuffled([...bodies, ...copies], random);
      let next = 0;
      const teller = async () => {
        while (next < order.length) assert.equal((await edge.tell(order[next++], { tenant })).status, 200);
      };
      await Promise.all(Array.from({ length: turn === 0 ? 1 : 16 }, teller));
      const { opted_out } = await gate(tenant, people.map((person) => `+${person}`));
      assert.deepEqual(opted_out.numbers, expected.map((person) => `+${person}`));
      const events = await edge.pull('consent', { tenant });
      states.push(events.map(({ event }) => JSON.stringify(event)).sort());
    }
    for (const state of states) assert.deepEqual(state, states[0]);
  });

  test('cannot be said in the future', async () => {
    const later = Math.floor(Date.UTC(2100, 0) / 1000);
    await edge.tell(preference('resume', { number, at: later }), { tenant: 'clock' });
    await edge.tell(preference('stop', { number, at: Math.floor(Date.now() / 1000) }), { tenant: 'clock' });
    assert.deepEqual((await gate('clock', [`+${number}`])).opted_out.numbers, [`+${number}`]);
  });
});

describe('POST /inbox/{tenant}', () => {
  test('either secret of the tenant will do, and the answer is signed with it', async () => {
    for (const secret of secrets.handover) assert.equal((await edge.host({ do: 'status' }, { secret })).status, 200);
    const now = Math.floor(Date.now() / 1000);
    for (const at of [now - 290, now + 290]) assert.equal((await edge.host({ do: 'status' }, { at })).status, 200);
    for (const at of [now - 310, now + 310, 0, -1, 'now', '']) refused(await edge.host({ do: 'status' }, { at }), 401);
  });

  test('either app secret of the tenant will do', async () => {
    for (const secret of secrets.app) assert.equal((await edge.tell(message('wamid.secret', 'hi'), { secret })).status, 200);
  });

  test('what cannot be read is said to be so', async () => {
    for (const ask of [{}, { do: 'dance' }, { do: 'pull' }, { do: 'pull', lane: 'fast' }, { do: 'acknowledge', lane: 'rest' }, []]) {
      refused(await edge.host(ask), 400);
    }
  });

  test('each lane has its own order, and opt-outs wait for nobody', async () => {
    const tenant = 'lanes';
    const bodies = Array.from({ length: 60 }, (_, at) => message(`wamid.lane.${at}`, at % 20 === 7 ? 'STOP' : `hello ${at}`, { from: `9053013${at + 10000}` }));
    for (const body of bodies) await edge.tell(body, { tenant });
    const pull = (lane, after, limit) => edge.host({ do: 'pull', lane, after, limit }, { tenant });
    const consent = await pull('consent', 0, 1000);
    assert.deepEqual(consent.events.map(({ seq, event }) => [seq, event.kind, event.message_id]), [7, 27, 47].map((at, place) => [place + 1, 'opt_out', `wamid.lane.${at}`]));
    assert.equal(consent.end, 3);
    const rest = [];
    for (let after = 0; ; after = rest.at(-1).seq) {
      const { events, end } = await pull('rest', after, 7);
      assert(events.length <= 7 && end === 60);
      if (events.length === 0) break;
      rest.push(...events);
    }
    assert.deepEqual(rest.map(({ seq }) => seq), bodies.map((_, at) => at + 1));
    assert.deepEqual(rest.map(({ event }) => event.message_id), bodies.map((_, at) => `wamid.lane.${at}`));
  });

  test('a host that is away, comes back, and forgets to acknowledge, misses nothing and gets nothing new twice', async () => {
    const tenant = 'away';
    const ask = (ask) => edge.host(ask, { tenant });
    for (let at = 0; at < 30; at++) await edge.tell(message(`wamid.away.${at}`, `hello ${at}`), { tenant });
    const first = await ask({ do: 'pull', lane: 'rest', after: 0, limit: 10 });
    assert.deepEqual((await ask({ do: 'pull', lane: 'rest', after: 0, limit: 10 })).events, first.events, 'pulled again as before');
    const left = await ask({ do: 'acknowledge', lane: 'rest', up_to: 10, inbox: first.inbox });
    assert.deepEqual([left.left, left.inbox], [20, first.inbox]);
    const status = await ask({ do: 'status' });
    const after = await ask({ do: 'pull', lane: 'rest', after: 0, limit: 1000 });
    assert.deepEqual(after.events.map(({ seq }) => seq), Array.from({ length: 20 }, (_, at) => at + 11));
    assert.deepEqual(status.rest, { left: 20, end: 30, oldest_at: after.events[0].received_at });
    // What is acknowledged is still known.
    assert.equal((await edge.tell(message('wamid.away.3', 'hello 3'), { tenant })).status, 200);
    assert.equal((await ask({ do: 'status' })).rest.end, 30);
    // An acknowledgement of more than there is, or once more, or of another inbox, takes nothing that was not given.
    refused(await ask({ do: 'acknowledge', lane: 'rest', up_to: 30, inbox: 'another' }), 409);
    assert.equal((await ask({ do: 'acknowledge', lane: 'rest', up_to: 5 })).left, 20);
    assert.equal((await ask({ do: 'acknowledge', lane: 'rest', up_to: 1e9 })).left, 0);
    await edge.tell(message('wamid.away.new', 'hello'), { tenant });
    assert.equal((await ask({ do: 'pull', lane: 'rest', after: 0 })).events[0].seq, 31);
  });

  test('who waits is told at once', async () => {
    const waiting = edge.host({ do: 'pull', lane: 'consent', after: 0, wait_s: 25 }, { tenant: 'poll' });
    // News of the other lane is none for this one.
    await edge.tell(message('wamid.poll.0', 'hello'), { tenant: 'poll' });
    await edge.tell(message('wamid.poll.1', 'STOP'), { tenant: 'poll' });
    const { events } = await waiting;
    assert.deepEqual(events.map(({ event }) => event.message_id), ['wamid.poll.1']);
    const nothing = await edge.host({ do: 'pull', lane: 'consent', after: 1, wait_s: 1 }, { tenant: 'poll' });
    assert.deepEqual([nothing.events, nothing.end], [[], 1]);
    // Who waits for more than there can be has the numbers of an inbox that is gone, and is told at once.
    const asked = performance.now();
    const gone = await edge.host({ do: 'pull', lane: 'consent', after: 300, wait_s: 30 }, { tenant: 'poll' });
    assert.deepEqual([gone.events, gone.end], [[], 1]);
    assert(performance.now() - asked < 25_000);
  });

  test('what is longer than a row of the database comes back whole', async () => {
    const long = 'ş'.repeat(1_300_000);
    const bodies = [message('wamid.long', long), JSON.stringify(long), 'no JSON at all, '.repeat(200_000)];
    for (const body of bodies) assert.equal((await edge.tell(body, { tenant: 'long' })).status, 200);
    let after = 0;
    for (const body of bodies) {
      const { events } = await edge.host({ do: 'pull', lane: 'rest', after }, { tenant: 'long' });
      assert.equal(events.length, 1, 'one at a time, being so long');
      after = events[0].seq;
      const have = [...leaves(events[0].event)];
      assert(have.includes(body) || have.includes(long));
    }
    assert.equal((await edge.host({ do: 'acknowledge', lane: 'rest', up_to: after }, { tenant: 'long' })).left, 0);
  });
});

describe('when it cannot be stored', () => {
  const other = async (bindings, work) => {
    const edge = new Edge(bindings);
    try {
      await work(await edge.start());
    } finally {
      await edge.dispose();
    }
  };

  test('a configuration that cannot be read is nobody’s loss, and none of it is logged', async () => {
    const broken = ['', '{"main":', '{"main":{"app_secrets":["top secret"],"surprise":1}}', '{"main":{"app_secrets":[""]}}', '{"Main":{}}'];
    for (const CONSENTRY_TENANTS of broken) {
      await other({ CONSENTRY_TENANTS }, async (edge) => {
        const body = message('wamid.config', 'hi');
        refused(await edge.tell(body), 503);
        refused(await edge.tell(body, { secret: '' }), 503);
        refused(await edge.host({ do: 'status' }), 503);
        assert.match(edge.said, /CONSENTRY_TENANTS cannot be used/);
        assert.doesNotMatch(edge.said, /top secret|surprise/);
      });
    }
  });

  test('what is about consent is taken when there is no room for the rest', async () => {
    await other({ INBOX_BYTES_MAX: '300000' }, async (edge) => {
      let taken = 0;
      for (; taken < 1000; taken++) {
        const answer = await edge.tell(message(`wamid.full.${taken}`, 'x'.repeat(1000)));
        if (answer.status !== 200) {
          refused(answer, 503);
          break;
        }
      }
      assert(taken > 20 && taken < 500, String(taken));
      assert.equal((await edge.tell(message('wamid.full.0', 'x'.repeat(1000)))).status, 200, 'a copy of what is there');
      // The message itself waits with Meta; that somebody wants no more of them does not.
      refused(await edge.tell(message('wamid.full.stop', 'STOP')), 503);
      assert.equal((await edge.tell(preference('stop', { number: '905301110004', at: NOW_S }))).status, 200);
      const { opted_out } = await edge.host({ do: 'gate', numbers: ['+905301112233', '+905301110004'] });
      assert.deepEqual(opted_out.numbers, ['+905301110004', '+905301112233']);
      assert.equal((await edge.host({ do: 'status' })).rest.left, taken);
    });
  });
});

test('the process dies at any moment: nothing that was answered 200 is missing', async () => {
  const random = chance(2026);
  const edge = new Edge();
  const [acknowledged, host] = [new Map(), new Map()];
  const marks = { consent: 0, rest: 0 };
  let inbox;
  /** Pulls, keeps, and only then acknowledges; any of it may break off. */
  const drain = async () => {
    for (const lane of ['consent', 'rest']) {
      const pulled = await edge.host({ do: 'pull', lane, after: marks[lane], limit: 1 + random(20) });
      if (pulled.status !== 200) continue;
      assert.equal((inbox ??= pulled.inbox), pulled.inbox);
      for (const { seq, event } of pulled.events) {
        assert.equal(seq, marks[lane] + 1, 'no gap');
        assert(!host.has(event.id), 'no event twice');
        host.set(event.id, event);
        marks[lane] = seq;
      }
      await edge.host({ do: 'acknowledge', lane, up_to: marks[lane], inbox });
    }
  };
  try {
    for (let round = 0; round < 24; round++) {
      await edge.start();
      // Dies when the so manieth request is written, or when the so manieth answer is there.
      const steps = 1 + random(60);
      const when = round % 2 === 0 ? 'written' : 'answered';
      let [serial, written, answered, dead] = [0, 0, 0, undefined];
      const step = (kind, count) => {
        if (kind === when && count === steps) dead = edge.kill();
      };
      const teller = async () => {
        while (dead === undefined) {
          const at = serial++;
          const from = `9053015${10000 + random(90000)}`;
          const id = `wamid.kill.${round}.${at}`;
          const telling = edge.tell(message(id, at % 5 === 0 ? 'STOP' : 'hello', { from }));
          step('written', ++written);
          const answer = await telling.catch(() => undefined);
          if (answer?.status === 200) acknowledged.set(id, at % 5 === 0 ? `+${from}` : undefined);
          step('answered', ++answered);
        }
      };
      const puller = async () => {
        while (dead === undefined) await drain().catch((error) => dead ?? assert.fail(error));
      };
      await Promise.all([...Array.from({ length: 8 }, teller), puller()]);
      await dead;
    }
    await edge.start();
    // Nobody who opted out is forgotten before the host has it.
    const known = new Set([...host.values()].filter(({ kind }) => kind === 'opt_out').map(({ number }) => number));
    const { opted_out } = await edge.host({ do: 'gate', numbers: [...acknowledged.values()].filter(Boolean) });
    opted_out.numbers.forEach((number) => known.add(number));
    for (const number of acknowledged.values()) assert(number === undefined || known.has(number), number);
    for (let before = -1; host.size > before; ) {
      before = host.size;
      await drain();
    }
    assert(acknowledged.size > 300, String(acknowledged.size));
    for (const [id, number] of acknowledged) {
      assert(host.has(`message:${id}`), `${id} was answered 200 and is missing`);
      if (number) assert(host.has(`opt_out:${id}`));
    }
  } finally {
    await edge.dispose();
  }
});

/** Texts that belong to the envelope and mean nothing in themselves. */
const ENVELOPE = new Set(['whatsapp_business_account', 'whatsapp']);

function* leaves(value) {
  if (value !== null && typeof value === 'object') {
    // The name of the field is in the kind of an event.
    for (const [name, part] of Object.entries(value)) if (name !== 'field') yield* leaves(part);
  } else {
    yield String(value);
  }
}

function refused(answer, status, message) {
  assert.equal(answer.status, status, message ?? answer.text);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  const problem = JSON.parse(answer.text);
  assert.equal(problem.status, status);
  for (const secret of [...secrets.app, ...secrets.handover, secrets.verify]) assert(!answer.text.includes(secret));
}
