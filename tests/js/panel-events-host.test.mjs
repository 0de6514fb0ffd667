// What Meta tells, from end to end: its stand-in writes and signs, the real host keeps and tells, a real browser shows.
// A wire that can be cut lies between browser and host: a proxy, because the host answers under its own name only.

import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Host, heading, opened, settled, shot } from './panel.mjs';

const PERSON = '+905301112233';
const TOKEN = 'EAAsandboxtoken';
/** Messages that come as fast as the stand-in and this machine can. */
const MANY = 500;

let browser, host, wire, page, heard;

before(async () => {
  browser = await launch();
  host = await Host.start({ args: ['--sandbox'] });
  await until(async () => (await host.get('/accounts')).accounts[0]?.webhook.subscribed);
  wire = await Wire.laid(host.base);
  ({ page, heard } = await opened(browser, { locale: 'en-GB', proxy: { server: wire.base } }));
});

after(async () => {
  await page?.context().close();
  wire?.close();
  await host?.remove();
  await browser?.close();
});

/** Passes everything on as it is, until it is cut. */
class Wire {
  base;
  #server;
  #ends = new Set();
  #isCut = false;

  static async laid(to) {
    const wire = new Wire();
    const { hostname, port } = new URL(to);
    wire.#server = createServer((near) => {
      if (wire.#isCut) return near.destroy();
      const far = connect(Number(port), hostname);
      for (const [one, other] of [[near, far], [far, near]]) {
        wire.#ends.add(one);
        one.pipe(other);
        one.on('error', () => {});
        one.on('close', () => {
          wire.#ends.delete(one);
          other.destroy();
        });
      }
    });
    await new Promise((ready) => wire.#server.listen(0, '127.0.0.1', ready));
    wire.base = `http://127.0.0.1:${wire.#server.address().port}`;
    return wire;
  }

  cut() {
    this.#isCut = true;
    for (const end of this.#ends) end.destroy();
  }

  mend() {
    this.#isCut = false;
  }

  close() {
    this.cut();
    this.#server.close();
  }
}

const rows = () => page.locator('.feed-row');
const row = (text) => rows().filter({ hasText: text });

test('what people write is there as they write it', async () => {
  await settled(page, `${host.base}/events`);
  await heading(page, 'Events');
  await page.getByText('Live', { exact: true }).waitFor();
  const before = await rows().count();
  await writes(PERSON, 'Hello, is the garden open?');
  const message = row('Hello, is the garden open?');
  await message.waitFor();
  assert.match(await message.innerText(), /Message in[\s\S]*\+905301112233/);
  await writes(PERSON, `\u202e<img src=x onerror="document.title='caught'">`);
  await row('<img src=x').waitFor();
  await writes(PERSON, 'STOP');
  const stop = rows().filter({ has: page.getByRole('button', { name: 'Opt-out', exact: true }) });
  await stop.waitFor();
  assert.match(await stop.innerText(), /STOP[\s\S]*in words/);
  await page.getByText('nothing waits to be acted on').waitFor();
  assert.ok((await rows().count()) >= before + 4);
  await shot(page, 'events-host');
  assert.equal(await page.title(), 'Events · Consentry');
});

test('a person’s own opt-out leads to their timeline', async () => {
  await rows().filter({ has: page.getByRole('button', { name: 'Opt-out', exact: true }) }).getByRole('link', { name: PERSON }).click();
  await heading(page, PERSON);
  await page.getByText('Must not be messaged on WhatsApp').waitFor();
  await page.goBack();
  await heading(page, 'Events');
});

test('what becomes of a message is drawn', async () => {
  const sent = await meta(`/v26.0/106540352242922/messages`, {
    messaging_product: 'whatsapp', to: PERSON, type: 'text', text: { body: 'It is, until six.' },
  });
  const { id } = sent.messages[0];
  await meta('/_sandbox/advance', { ms: 600_000 });
  await until(async () => (await host.get(`/deliveries/${encodeURIComponent(id)}`)).standing !== undefined);
  await settled(page, `${host.base}/events?q=${encodeURIComponent(id)}`);
  await rows().first().locator('.feed-open').click();
  await page.locator('.way li:not(.is-ahead)').first().waitFor();
  const way = (await page.locator('.way b').allTextContents()).join(' ');
  assert.match(way, /^(accepted )?sent( delivered)? (read|failed)/);
  await shot(page, 'events-host-way');
});

test('filters and numbers in any spelling are the host’s', async () => {
  await settled(page, `${host.base}/events?show=consents`);
  assert.deepEqual([...new Set(await page.locator('.feed-open').allTextContents())], ['Opt-out']);
  await page.getByRole('searchbox').fill('+90 530 111 22 33');
  await page.keyboard.press('Enter');
  await rows().first().waitFor();
  await page.getByRole('searchbox').fill('12');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('no number').waitFor();
});

test('hundreds at once come in order, without freezing the page', async () => {
  await settled(page, `${host.base}/events?show=messages`);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.evaluate(() => {
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
    }).observe({ entryTypes: ['longtask'] });
  });
  const began = Date.now();
  await Promise.all(Array.from({ length: MANY }, (_, n) => writes(`+9053211${String(n).padStart(5, '0')}`, `many ${n}`)));
  await page.waitForFunction((n) => new Set([...document.querySelectorAll('.feed-what')].map((what) => what.textContent).filter((text) => text.startsWith('many '))).size === n, MANY, { timeout: 60_000 });
  const longest = await page.evaluate(() => window.longest);
  console.log(`${MANY} messages in ${Date.now() - began} ms; longest task ${longest.toFixed(0)} ms`);
  await newestFirst();
});

test('a wire that is cut costs nothing: what came meanwhile comes then, once', async () => {
  wire.cut();
  await page.getByText('Connection lost, trying again …').waitFor();
  for (let n = 0; n < 20; n += 1) await writes(PERSON, `meanwhile ${n}`);
  wire.mend();
  await page.getByText('Live', { exact: true }).waitFor();
  await row('meanwhile 19').waitFor();
  const all = await page.locator('.feed-what').allTextContents();
  const came = all.filter((text) => text.startsWith('meanwhile ')).sort();
  assert.deepEqual(came, Array.from({ length: 20 }, (_, n) => `meanwhile ${n}`).sort());
  await newestFirst();
});

test('nothing else was complained about', () => {
  // The wire that was cut, and the number that is none.
  const expected = /ERR_CONNECTION|ERR_PROXY|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|ERR_SOCKET|status of 400/;
  assert.deepEqual(heard.filter((line) => !expected.test(line)), []);
});

/** A person writes to the business. */
function writes(from, text) {
  return meta('/_sandbox/inbound', { from, text });
}

async function meta(path, body) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
  const answer = await fetch(`${host.sandbox}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const said = await answer.json();
  assert.ok(answer.ok, `${path}: ${JSON.stringify(said)}`);
  return said;
}

async function newestFirst() {
  const seqs = await page.locator('.feed-who').evaluateAll((all) => all.map(({ id }) => Number(id.split('-')[1])));
  for (let at = 1; at < seqs.length; at += 1) assert.ok(seqs[at] < seqs[at - 1], `row ${at}`);
}

/** Waits for something that the host does by itself. */
async function until(isSo) {
  for (const end = Date.now() + 15_000; Date.now() < end; ) {
    if (await isSo()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`it did not happen: ${isSo}`);
}
