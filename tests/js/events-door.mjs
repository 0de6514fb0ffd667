// The door between a page of events and its host: hundreds of events in a second, connections that break, and answers
// that are none. Whatever is not about events goes on to the real host.

import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { opened } from './panel.mjs';
import { root } from './vectors.mjs';

export const PROBLEM = 'application/problem+json';

/** The door of one page: what it answers about events in the host's place. */
export class Door {
  /** Every event there is, oldest first. */
  all = [];
  deliveries = new Map();
  status = { events: 0, consent_waits: 0, rest_waits: 0 };
  /** Addresses that were asked. */
  asked = [];
  /** Whoever listens waits here for more. */
  #listening = [];
  /** Answers in place of the usual ones, by the end of the path, once each. */
  instead = [];

  static async opened(browser, options = { locale: 'en-GB' }) {
    const door = new Door();
    Object.assign(door, await opened(browser, options));
    await door.page.route(/\/api\/v1\/(events|deliveries)/, (route) => door.#answer(route));
    return door;
  }

  add(...events) {
    for (const event of events) {
      const seq = this.all.length + 1;
      const received_at = new Date(Date.now() - 1000).toISOString();
      this.all.push({ seq, received_at, done: true, event: { id: `x:${seq}`, lane: 'rest', raw: {}, ...event } });
    }
    this.status = { ...this.status, events: this.all.length, last_received_at: this.all.at(-1)?.received_at };
  }

  /** Tells those who listen what came, and closes their streams, as a host that ends does. */
  async tell() {
    while (this.#listening.length === 0) await this.page.waitForTimeout(10);
    await Promise.all(this.#listening.splice(0).map((route) => this.#stream(route)));
  }

  /** Breaks every stream; whoever comes back meets these answers first. */
  async cut(...instead) {
    while (this.#listening.length === 0) await this.page.waitForTimeout(10);
    this.instead.push(...instead);
    await Promise.all(this.#listening.splice(0).map((route) => route.abort('connectionreset')));
  }

  #answer(route) {
    const url = new URL(route.request().url());
    this.asked.push(url.pathname.replace('/api/v1', '') + url.search);
    const at = this.instead.findIndex(([end]) => url.pathname.endsWith(end));
    if (at >= 0) return this.instead.splice(at, 1)[0][1](route, url);
    if (url.pathname.endsWith('/status')) return route.fulfill({ json: this.status });
    if (url.pathname.endsWith('/live')) return this.#live(route, url);
    if (url.pathname.includes('/deliveries/')) {
      const told = this.deliveries.get(decodeURIComponent(url.pathname.split('/').at(-1)));
      const none = { status: 404, contentType: PROBLEM, json: { title: 'nothing was told', status: 404 } };
      return route.fulfill(told ? { json: told } : none);
    }
    const limit = Number(url.searchParams.get('limit'));
    const before = Number(url.searchParams.get('before') ?? Infinity);
    const found = this.#found(url).filter(({ seq }) => seq < before).reverse();
    const events = found.slice(0, limit);
    return route.fulfill({ json: { events, ...(found.length > limit && { next: events.at(-1).seq }) } });
  }

  #live(route, url) {
    const after = Number(url.searchParams.get('after'));
    if (this.#found(url).some(({ seq }) => seq > after)) return this.#stream(route);
    this.#listening.push(route);
  }

  #stream(route) {
    const url = new URL(route.request().url());
    const after = Number(url.searchParams.get('after'));
    const news = this.#found(url).filter(({ seq }) => seq > after);
    const lines = news.map((entry) => `id: ${entry.seq}\nevent: event\ndata: ${JSON.stringify(entry)}\n\n`);
    return route.fulfill({ contentType: 'text/event-stream', body: lines.join('') || ':\n\n' });
  }

  #found({ searchParams }) {
    const kinds = searchParams.get('kind')?.split(',');
    const fits = (name, value) => !searchParams.has(name) || searchParams.get(name) === value;
    return this.all.filter(
      ({ event }) =>
        (!kinds || kinds.includes(event.kind)) &&
        fits('number', event.number) && fits('user_id', event.user_id) && fits('message_id', event.message_id),
    );
  }
}

/** Somebody writes. */
export const message = (n, more) => ({
  kind: 'message',
  at: new Date(Date.now() - 5000).toISOString(),
  number: `+9053211${String(n).padStart(5, '0')}`,
  message_id: `wamid.in${n}`,
  type: 'text',
  text: `message number ${n}`,
  ...more,
});

/** A picture of what is in sight, where pictures are wanted: rows further down are not drawn before they come near. */
export async function shot(page, name) {
  if (!process.env.SHOTS) return;
  await mkdir(process.env.SHOTS, { recursive: true });
  await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`) });
}

/** Every row is there once, the newest first, with none missing between. */
export async function inOrder(page) {
  const seqs = await page.locator('.feed-who').evaluateAll((all) => all.map(({ id }) => Number(id.split('-')[1])));
  for (let at = 1; at < seqs.length; at += 1) assert.equal(seqs[at], seqs[at - 1] - 1, `after row ${at}`);
}

/** Waits until the newest row says so; looking at the others would cost the page time that is being measured. */
export async function topmost(page, text) {
  await page.waitForFunction((text) => document.querySelector('.feed-what')?.textContent === text, text);
}

/** How long the page could not answer, at worst, while `meanwhile` happened; in milliseconds. */
export async function watched(page, meanwhile) {
  await page.evaluate(() => {
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
    }).observe({ entryTypes: ['longtask'] });
  });
  await meanwhile();
  return page.evaluate(() => window.longest);
}

/** Every event of every sample of a webhook. */
export async function samplesOfWebhooks() {
  const folder = join(root, 'tests/vectors/webhook');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const all = await Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))));
  return all.flatMap(({ events }) => events ?? []);
}
