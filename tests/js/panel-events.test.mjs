// What Meta tells, in the panel, as people meet it: the real host, a real browser. Hundreds of events in a second,
// connections that break and answers that are no answers are made at one door between the two, which stays from the
// beginning of each page's life to its end.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Door, inOrder, message, PROBLEM, samplesOfWebhooks, shot, topmost, watched } from './events-door.mjs';
import { Host, fits, heading, settled } from './panel.mjs';

const NARROW = { width: 360, height: 740 };
/** A page that answers nothing for so long is frozen, also where both cores are busy with something else; in milliseconds. */
const FREEZE_MS = 1500;
/** Turns writing round and back, opens a tag, and goes on for long. */
const HOSTILE = `\u202etxet \u2066<img src=x onerror="document.title='caught'"><script>document.title='caught'</script>&amp;`;

let browser, host, samples;

before(async () => {
  browser = await launch();
  host = await Host.start();
  samples = await samplesOfWebhooks();
});

after(async () => {
  await host?.remove();
  await browser?.close();
});

const rows = (page) => page.locator('.feed-row');
/** Of all rows, those out of sight among them, which have no inner text. */
const texts = (page) => page.locator('.feed-what').allTextContents();

describe('the list', () => {
  let door, page, heard;

  before(async () => {
    door = await Door.opened(browser);
    ({ page, heard } = door);
  });

  after(() => page?.context().close());

  test('says how events come when there are none, and shows the first one', async () => {
    await settled(page, `${host.base}/events`);
    await heading(page, 'Events');
    await page.getByRole('heading', { name: 'Nothing was told yet' }).waitFor();
    await page.locator('.standing-line', { hasText: 'No webhook has come yet' }).waitFor();
    await shot(page, 'events-empty');
    door.add(message(1, { name: 'Deniz' }));
    await door.tell();
    await rows(page).first().waitFor();
    assert.match(await rows(page).innerText(), /Message in[\s\S]*\+905321100001[\s\S]*Deniz[\s\S]*message number 1/);
    await page.locator('.feed-name', { hasText: 'Deniz · Türkiye' }).or(page.locator('.feed-name', { hasText: 'Turkey' })).waitFor();
  });

  test('shows every sample of Meta’s, each kind with its sign and word', async () => {
    door.add(...samples);
    door.all.at(-2).done = false;
    door.status = { ...door.status, consent_waits: 1, rest_waits: 2, edge: { url: 'https://edge.example', connected: false, last_pulled_at: new Date().toISOString(), trouble: 'connection refused' } };
    await settled(page, `${host.base}/events`);
    assert.equal(await rows(page).count(), 50);
    await page.getByText('1 opt-out or opt-in waits, 2 other events wait').waitFor();
    assert.equal(await page.getByText('waits', { exact: true }).count(), 0, 'what came a moment ago does not wait yet');
    door.all.at(-2).received_at = '2026-04-13T14:53:20.000Z';
    await page.reload();
    await page.getByText('waits', { exact: true }).waitFor();
    await page.getByText(/Edge inbox does not answer.*connection refused/).waitFor();
    await shot(page, 'events');
    for (let all = 50; all < door.all.length; all += 50) {
      await page.getByRole('button', { name: 'Show older ones' }).click();
      await page.waitForFunction((n) => document.querySelectorAll('.feed-row').length > n, all);
    }
    assert.equal(await rows(page).count(), door.all.length);
    assert.equal(await page.getByRole('button', { name: 'Show older ones' }).count(), 0);
    const asked = door.asked.filter((address) => address.includes('before='));
    assert.equal(new Set(asked).size, asked.length, 'no page is asked for twice');
    const words = new Set(await page.locator('.feed-open').allTextContents());
    for (const word of ['Message in', 'Status', 'Opt-out', 'Opted in again', 'Sign-up', 'New number', 'Message out', 'Template', 'Account', 'Error', 'Other']) assert.ok(words.has(word), `${word} of ${[...words]}`);
    await shot(page, 'events-all');
  });

  test('names the country of every number', async () => {
    // Countries that share a code, and a number of none.
    const countries = [['+12025550123', 'United States'], ['+14165550123', 'Canada'], ['+18765550123', 'Jamaica'], ['+77012345678', 'Kazakhstan'], ['+79161234567', 'Russia'], ['+999', '']];
    door.add(...countries.map(([number]) => message(0, { number })));
    await settled(page, `${host.base}/events?show=messages`);
    for (const [at, [number, country]] of countries.entries()) {
      await page.waitForFunction(([at, said]) => document.querySelectorAll('.feed-who')[at].textContent === said, [countries.length - 1 - at, number + country]);
    }
  });

  test('keeps its filters in the address', async () => {
    await settled(page, `${host.base}/events`);
    await page.getByRole('button', { name: 'Opt-outs and opt-ins' }).click();
    await page.waitForURL('**/events?show=consents');
    await page.locator('.feed-row').first().waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Opt-outs and opt-ins', 'the focus stays');
    const words = new Set(await page.locator('.feed-open').allTextContents());
    assert.deepEqual([...words].sort(), ['Opt-out', 'Opted in again', 'Sign-up']);
    assert.equal(await page.getByRole('button', { name: 'Opt-outs and opt-ins' }).getAttribute('aria-pressed'), 'true');
    await page.getByRole('searchbox', { name: 'Find events' }).fill(' US.13491208655302741918 ');
    const answered = page.waitForResponse((response) => response.url().includes('user_id=US.13491208655302741918'));
    await page.keyboard.press('Enter');
    await page.waitForURL('**/events?show=consents&q=US.13491208655302741918');
    await answered;
    await page.getByText('Only events of US.13491208655302741918').waitFor();
    assert.ok(door.asked.some((address) => address === '/events?kind=opt_out%2Cresume%2Csign_up&user_id=US.13491208655302741918&limit=50'), door.asked.join('\n'));
    await page.reload();
    assert.equal(await page.getByRole('searchbox').inputValue(), 'US.13491208655302741918');
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.goBack();
    await page.waitForURL('**/events?show=consents&q=*');
    await page.getByRole('link', { name: 'Show all events' }).click();
    await page.waitForURL('**/events?show=consents');
    for (const [typed, sent] of [['+90 532 110 00 01', 'number=%2B90+532+110+00+01'], ['wamid.in1', 'message_id=wamid.in1']]) {
      await page.getByRole('searchbox').fill(typed);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'There is no such event' }).waitFor();
      assert.ok(door.asked.some((address) => address.includes(sent)), sent);
    }
    await shot(page, 'events-no-hit');
  });

  test('opens with the keyboard, goes along with the arrows, and Escape closes', async () => {
    await settled(page, `${host.base}/events?show=messages`);
    const openers = page.locator('.feed-open');
    await openers.first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    assert.equal(await openers.nth(1).evaluate((button) => button === document.activeElement), true);
    await page.keyboard.press('Enter');
    assert.equal(await openers.nth(1).getAttribute('aria-expanded'), 'true');
    await page.getByText('As Meta sent it').click();
    const raw = JSON.parse(await page.locator('.feed-raw pre').innerText());
    assert.deepEqual(raw, door.all.filter(({ event }) => ['message', 'echo'].includes(event.kind)).at(-2).event.raw);
    await shot(page, 'events-open');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.feed-details').count(), 0);
    assert.equal(await openers.nth(1).evaluate((button) => button === document.activeElement), true, 'the focus returns');
  });

  test('leads from a number to its timeline', async () => {
    await settled(page, `${host.base}/events?show=messages`);
    await page.getByRole('link', { name: '+79161234567' }).click();
    await page.waitForURL('**/profiles/%2B79161234567');
    await heading(page, '+79161234567');
  });

  test('shows hostile texts as texts, in bounds', async () => {
    const bad = { name: HOSTILE, text: HOSTILE + 'long'.repeat(1000), message_id: HOSTILE };
    door.add(
      message(2, bad),
      { kind: 'status', status: HOSTILE, number: '+905321100002', message_id: HOSTILE, errors: [{ code: -1, title: HOSTILE, details: HOSTILE }] },
      { kind: 'template', template_name: HOSTILE.repeat(9), template_language: HOSTILE, news: HOSTILE },
      { kind: 'opt_out', user_id: HOSTILE, by: HOSTILE, words: HOSTILE },
      { kind: 'account', field: HOSTILE, news: HOSTILE, waba_id: HOSTILE },
      { kind: '__proto__', field: HOSTILE },
      { kind: 'message', user_id: 'TR.1', text: 'شكرا جزيلا', type: 'constructor' },
      { kind: 'account', field: 'ids', raw: { id: 'ID' } },
    );
    // Longer than JavaScript's own numbers.
    door.instead.push(['/events', (route) => {
      const events = door.all.slice(-8).reverse();
      return route.fulfill({ contentType: 'application/json', body: JSON.stringify({ events }).replace('"ID"', '12345678901234567891') });
    }]);
    await settled(page, `${host.base}/events`);
    for (let at = 0; at < 8; at += 1) {
      await page.locator('.feed-open').nth(at).click();
      await page.locator('.feed-details').waitFor();
      await page.getByText('As Meta sent it').click();
      if (at === 0) assert.match(await page.locator('.feed-raw pre').innerText(), /"id": 12345678901234567891\b/);
      await fits(page, `row ${at}`);
    }
    await shot(page, 'events-hostile');
    // What turns the direction of writing would turn what stands behind it as well.
    assert.doesNotMatch((await page.locator('.feed-line').allTextContents()).join(), /[\u202a-\u202e\u2066-\u2069]/);
    assert.equal(await page.title(), 'Events · Consentry');
    assert.equal(await page.locator('main img, main script').count(), 0);
    await page.setViewportSize(NARROW);
    for (let at = 0; at < 8; at += 1) {
      await page.locator('.feed-open').nth(at).click();
      await fits(page, `row ${at} on a phone`);
    }
    await shot(page, 'events-hostile-phone');
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  test('nothing was complained about', () => {
    // Deliveries that nobody knows.
    const expected = /status of 404/;
    assert.deepEqual(heard.filter((line) => !expected.test(line)), []);
  });
});

describe('what became of a message', () => {
  let door, page;
  const of = (n, status, more) => ({ kind: 'status', status, number: '+905321100009', message_id: `wamid.out${n}`, ...more });
  const at = (second) => `2026-04-13T14:53:${second}.000Z`;

  before(async () => {
    door = await Door.opened(browser);
    ({ page } = door);
    door.add(of(1, 'read'), of(2, 'delivered'), of(3, 'failed', { errors: [{ code: 131026, title: 'Message undeliverable' }] }), of(4, 'sent'));
    const common = { number: '+905321100009', errors: [] };
    const steps = (...all) => all.map((status, n) => ({ status, at: at(10 + n) }));
    door.deliveries.set('wamid.out1', { ...common, message_id: 'wamid.out1', standing: 'read', steps: steps('sent', 'delivered', 'read') });
    door.deliveries.set('wamid.out2', { ...common, message_id: 'wamid.out2', standing: 'delivered', steps: [...steps('accepted', 'sent', 'delivered')].reverse() });
    door.deliveries.set('wamid.out3', { ...common, message_id: 'wamid.out3', standing: 'failed', steps: steps('sent', 'failed'), errors: [{ code: 131026, title: 'Message undeliverable', details: 'Message Undeliverable to this number.' }] });
    await settled(page, `${host.base}/events`);
  });

  after(() => page?.context().close());

  const stations = async () => (await page.locator('.way li').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());

  test('is drawn as its way, with what is still to come', async () => {
    await page.locator('.feed-open').nth(3).click();
    await page.locator('.way').waitFor();
    const [sent, delivered, read] = await stations();
    assert.match(sent, /^sent 13 Apr 2026/);
    assert.match(delivered, /^delivered 13 Apr 2026/);
    assert.match(read, /^read 13 Apr 2026/);
    await shot(page, 'events-read');
    await page.locator('.feed-open').nth(2).click();
    await page.locator('.way .is-ahead').first().waitFor();
    assert.deepEqual((await stations()).map((text) => text.split(' ')[0]), ['accepted', 'sent', 'delivered', 'read']);
    assert.match((await stations()).at(-1), /not told yet/);
  });

  test('and where it failed with Meta’s code and words', async () => {
    assert.match(await rows(page).nth(1).innerText(), /131026 Message undeliverable\s+failed/);
    await page.locator('.feed-open').nth(1).click();
    await page.locator('.way .tone-bad').waitFor();
    assert.deepEqual((await stations()).map((text) => text.split(' ')[0]), ['sent', 'failed']);
    assert.match(await page.locator('.feed-errors').innerText(), /131026 Message undeliverable Message Undeliverable to this number\./);
    await shot(page, 'events-failed');
  });

  test('when nothing was told, that is said', async () => {
    await page.locator('.feed-open').nth(0).click();
    await page.getByText('Nothing was told about this message.').waitFor();
  });
});

describe('live', () => {
  let door, page;

  before(async () => {
    door = await Door.opened(browser);
    ({ page } = door);
    door.add(...Array.from({ length: 60 }, (_, n) => message(n)));
    await settled(page, `${host.base}/events`);
  });

  after(() => page?.context().close());

  test('takes in 500 at once without freezing', async () => {
    const longest = await watched(page, async () => {
      door.add(...Array.from({ length: 500 }, (_, n) => message(100 + n)));
      await door.tell();
      await topmost(page, 'message number 599');
    });
    assert.equal(await rows(page).count(), 550);
    assert.ok(longest < FREEZE_MS, `${longest} ms`);
    console.log(`500 events at once: longest task ${longest.toFixed(0)} ms`);
    await inOrder(page);
  });

  test('moves nothing while somebody reads further down', async () => {
    await page.evaluate(() => scrollTo(0, 1500));
    const middle = () => page.evaluate(() => {
      const row = document.elementFromPoint(600, 400).closest('.feed-row');
      return [row.querySelector('.feed-what').textContent, Math.round(row.getBoundingClientRect().top)];
    });
    const before = await middle();
    door.add(...Array.from({ length: 12 }, (_, n) => message(1000 + n)));
    await door.tell();
    const pill = page.getByRole('button', { name: '12 new events' });
    await pill.waitFor();
    assert.deepEqual(await middle(), before);
    await shot(page, 'events-pill');
    await pill.click();
    await pill.waitFor({ state: 'detached' });
    assert.equal((await texts(page))[0], 'message number 1011');
    assert.equal(await page.evaluate(() => scrollY), 0);
    await inOrder(page);
  });

  test('moves nothing while details are open', async () => {
    await page.locator('.feed-open').first().click();
    door.add(message(1100));
    await door.tell();
    await page.getByRole('button', { name: '1 new event', exact: true }).waitFor();
    assert.equal((await texts(page))[0], 'message number 1011');
    await page.locator('.feed-open').first().click();
    await topmost(page, 'message number 1100');
  });

  test('goes on after a broken connection where it was, with nothing twice and nothing missing', async () => {
    const away = (route) => route.fulfill({ status: 503, contentType: PROBLEM, json: { title: 'away', status: 503 } });
    await door.cut(['/live', (route) => route.abort('connectionreset')], ['/live', away]);
    await page.getByText('Connection lost, trying again …').waitFor();
    await shot(page, 'events-lost');
    door.add(...Array.from({ length: 30 }, (_, n) => message(2000 + n)));
    // Twice for the answers that are none, then for good; it would also come back by itself.
    const hurry = page.getByRole('button', { name: 'Try now' });
    while (door.instead.length > 0) {
      const left = door.instead.length;
      await hurry.click();
      while (door.instead.length === left) await page.waitForTimeout(10);
    }
    await hurry.click();
    await topmost(page, 'message number 2029');
    await inOrder(page);
    assert.equal(await rows(page).count(), 550 + 12 + 1 + 30);
  });

  test('what is told twice is there once', async () => {
    const { seq } = door.all.at(-1);
    door.instead.push(['/live', (route) => {
      const lines = door.all.slice(-20).map((entry) => `id: ${entry.seq}\nevent: event\ndata: ${JSON.stringify(entry)}\n\n`);
      return route.fulfill({ contentType: 'text/event-stream', body: lines.join('') });
    }]);
    door.add(message(2100));
    await door.tell();
    await topmost(page, 'message number 2100');
    await page.waitForFunction((n) => document.querySelectorAll('.feed-row').length === n, 594);
    door.add(message(2101));
    await topmost(page, 'message number 2101');
    await inOrder(page);
    assert.equal(door.all.length, seq + 2);
  });

  test('can be paused, and shows afterwards what came meanwhile', async () => {
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused').waitFor();
    door.add(message(3000));
    const before = door.asked.length;
    await page.getByRole('button', { name: 'Go on' }).click();
    await topmost(page, 'message number 3000');
    assert.ok(door.asked.slice(before).some((address) => address === `/events/live?after=${door.all.length - 1}`));
  });

  test('keeps at most 1,000 rows, and the rest can be asked for', async () => {
    door.add(...Array.from({ length: 2600 }, (_, n) => message(10_000 + n)));
    const longest = await watched(page, async () => {
      await topmost(page, 'message number 12599');
    });
    assert.ok(longest < FREEZE_MS, `${longest} ms`);
    console.log(`2,600 events at once: longest task ${longest.toFixed(0)} ms`);
    assert.ok((await rows(page).count()) <= 1000);
    await inOrder(page);
    const oldest = (await texts(page)).at(-1);
    await page.getByRole('button', { name: 'Show older ones' }).click();
    await page.waitForFunction((text) => [...document.querySelectorAll('.feed-what')].at(-1).textContent !== text, oldest);
    await inOrder(page);
  });
});

describe('answers that are none', () => {
  test('are told in place, and asked for again', async () => {
    const door = await Door.opened(browser);
    const { page } = door;
    door.add(...Array.from({ length: 60 }, (_, n) => message(n)));
    const refused = { type: 'about:blank', title: 'this query cannot be', status: 400, detail: '`number` is no number', code: 'query-invalid' };
    door.instead.push(['/events', (route) => route.fulfill({ status: 400, contentType: PROBLEM, json: refused })]);
    await settled(page, `${host.base}/events?q=12`);
    await page.getByRole('alert').getByText('is no number').waitFor();
    await shot(page, 'events-refused');
    door.instead.push(['/events', (route) => route.abort('connectionrefused')]);
    await settled(page, `${host.base}/events`);
    await page.getByRole('alert').getByText('The host does not answer').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await rows(page).first().waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
    door.instead.push(['/events', (route) => route.fulfill({ status: 500, contentType: PROBLEM, json: { title: 'broken', status: 500 } })]);
    await page.getByRole('button', { name: 'Show older ones' }).click();
    await page.getByRole('alert').waitFor();
    assert.equal(await rows(page).count(), 50, 'what was there stays');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.feed-row').length === 60);
    await inOrder(page);
    await page.context().close();
  });
});

test('fits a phone, dark and light, in Turkish and from right to left', async () => {
  for (const [name, options] of Object.entries({
    'phone-light': { locale: 'en-GB', viewport: NARROW, isMobile: true, hasTouch: true },
    'phone-dark-turkish': { locale: 'tr-TR', viewport: NARROW, isMobile: true, colorScheme: 'dark' },
    tablet: { locale: 'tr-TR', viewport: { width: 740, height: 900 } },
    dark: { locale: 'en-GB', colorScheme: 'dark' },
    turkish: { locale: 'tr-TR' },
  })) {
    const door = await Door.opened(browser, options);
    const { page } = door;
    await settled(page, `${host.base}/events`);
    await fits(page, `${name}, empty`);
    await shot(page, `events-empty-${name}`);
    door.add(...samples);
    const failed = samples.findLast(({ status }) => status === 'failed');
    door.deliveries.set(failed.message_id, { message_id: failed.message_id, standing: 'failed', steps: [{ status: 'sent', at: failed.at }, { status: 'failed', at: failed.at }], errors: failed.errors });
    door.add(...[failed, samples.find(({ kind }) => kind === 'opt_out'), samples.find(({ kind }) => kind === 'message')]);
    await settled(page, `${host.base}/events`);
    await page.locator('.feed-open').nth(2).click();
    await page.locator('.way').waitFor();
    if (options.locale === 'tr-TR') {
      await heading(page, 'Olaylar');
      assert.match(await rows(page).nth(2).innerText(), /Durum[\s\S]*başarısız/);
      assert.match(await page.locator('.way').innerText(), /gönderildi[\s\S]*başarısız/);
    }
    await fits(page, name);
    await shot(page, `events-${name}`);
    await page.locator('.way').scrollIntoViewIfNeeded();
    await page.evaluate(() => scrollBy(0, 250));
    await shot(page, `events-${name}-way`);
    await page.evaluate(() => (document.documentElement.dir = 'rtl'));
    await fits(page, `${name}, from right to left`);
    await shot(page, `events-${name}-rtl`);
    await page.context().close();
  }
});
