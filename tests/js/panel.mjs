// The real host in a folder of its own, and what tests of its panel do again and again.
// `CONSENTRY_BIN` names the host; `SHOTS`, when set, is a folder for pictures of every page.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { complaints } from './chromium.mjs';
import { root } from './vectors.mjs';

export const BIN = process.env.CONSENTRY_BIN ?? join(root, 'target/release/consentry');
const SHOTS = process.env.SHOTS;
/** Longest wait for anything to appear, in milliseconds; generous, because both cores may be busy building. */
const TIMEOUT_MS = 15_000;

/** A host that serves, and its data. */
export class Host {
  /** Where it listens. */
  base;
  /** Where its stand-in for Meta listens, when it was started with one. */
  sandbox;
  /** Its data folder. */
  data;
  #process;

  /** A new one; with `data`, one that goes on where another has ended. */
  static async start({ data, args = [], env = {} } = {}) {
    const host = new Host();
    host.data = data ?? (await mkdtemp(join(tmpdir(), 'consentry-panel-')));
    const open = args.includes('--sign-in') || args.includes('--sandbox') ? [] : ['--no-sign-in'];
    const all = ['serve', '--data', host.data, '--port', '0', ...open, ...args];
    host.#process = spawn(BIN, all, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
    ({ base: host.base, sandbox: host.sandbox } = await addresses(host.#process));
    return host;
  }

  /** Ends it as a power cut would. */
  async kill() {
    const process = this.#process;
    if (process.exitCode !== null || process.signalCode !== null) return;
    const gone = new Promise((ended) => process.once('exit', ended));
    process.kill('SIGKILL');
    await gone;
  }

  /** Ends it and removes its data. */
  async remove() {
    await this.kill();
    await rm(this.data, { recursive: true, force: true });
  }

  /** A document. */
  async get(path) {
    return (await fetch(`${this.base}/api/v1${path}`)).json();
  }

  /** Posts a document, or a text as it is. */
  async post(path, body) {
    const json = typeof body !== 'string';
    const headers = json ? { 'content-type': 'application/json' } : {};
    const sent = { method: 'POST', headers, body: json ? JSON.stringify(body) : body };
    const answer = await fetch(`${this.base}/api/v1${path}`, sent);
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return answer.json();
  }

  /** Imports a file, and waits for the end of that. */
  async import(name, text) {
    const accepted = await this.post(`/imports?${new URLSearchParams({ name })}`, text);
    return this.ended(accepted.import);
  }

  /** The document of an import once it has ended: the host closes its stream of events then. */
  async ended(id) {
    await (await fetch(`${this.base}/api/v1/imports/${id}/events`)).text();
    return this.get(`/imports/${id}`);
  }
}

/** A page of its own; `heard` collects what it complains about. */
export async function opened(browser, options) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  return { page, heard: complaints(page) };
}

/** Waits for the heading; `either` is another wording of it. */
export async function heading(page, name, either = name) {
  const found = page.getByRole('heading', { level: 1, name, exact: true });
  await found.or(page.getByRole('heading', { level: 1, name: either, exact: true })).waitFor();
}

/** The big numbers by their labels. */
export async function figures(page) {
  const labels = await page.locator('.figure dt').allInnerTexts();
  const values = await page.locator('.figure dd').allInnerTexts();
  return Object.fromEntries(labels.map((label, at) => [label, values[at]]));
}

/** Goes there and waits until the host has answered. */
export async function settled(page, address) {
  await page.goto(address);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('.loading').waitFor({ state: 'detached' });
}

/** Nothing sticks out of the window sideways. */
export async function fits(page, where) {
  // The window of a phone grows with what it shows, so that its own width counts.
  const { width } = page.viewportSize();
  const content = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(content <= width, `${where} is ${content} pixels wide on a screen of ${width}`);
}

/** A picture, where pictures are wanted. */
export async function shot(page, name) {
  if (!SHOTS) return;
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}

/** The addresses that the host prints once it listens. */
function addresses(process) {
  return new Promise((found, failed) => {
    let said = '';
    process.stderr.on('data', (chunk) => {
      said += chunk;
      const line = said.match(/listening on (http:\/\/\S+)/);
      if (!line) return;
      const sandbox = said.match(/sandbox of Meta's API on (http:\/\/[^\s,]+)/)?.[1];
      found({ base: line[1].replace(/\/$/, ''), sandbox });
    });
    process.once('error', failed);
    process.once('exit', (code) => failed(new Error(`the host ended with ${code} and said: ${said}`)));
  });
}
