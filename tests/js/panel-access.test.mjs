// Signing in, in a real browser at a real host: the first link, the account, people, keys, the audit, signing out.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

import { launch } from './chromium.mjs';
import { BIN, opened, shot } from './panel.mjs';

const PASSWORD = 'correct horse battery';
let host, data, base, link, browser, page, heard, secret;

before(async () => {
  data = await mkdtemp(join(tmpdir(), 'consentry-access-'));
  host = spawn(BIN, ['serve', '--sign-in', '--data', data, '--port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  for await (const line of createInterface({ input: host.stderr })) {
    if (line.includes('#welcome=')) link = line.trim();
    base = line.match(/^listening on (\S+)/)?.[1];
    if (base) break;
  }
  host.stderr.resume();
  browser = await launch();
  ({ page, heard } = await opened(browser, { locale: 'en-GB' }));
});

after(async () => {
  await browser?.close();
  host?.kill('SIGKILL');
  await rm(data, { recursive: true, force: true });
});

/** The code of an authenticator app, written down once more from RFC 6238. */
function code(of, steps = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...of].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const sum = createHmac('sha1', key).update(step).digest();
  return String((sum.readUInt32BE(sum[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

test('without a link, the panel says how the first account is made', async () => {
  await page.goto(base);
  await page.getByRole('heading', { name: 'Nobody can sign in yet' }).waitFor();
  assert.equal(await page.getByRole('navigation').count(), 0);
});

test('the first link makes the first account', async () => {
  await page.goto(link);
  await page.getByRole('img', { name: /QR code/ }).waitFor();
  assert.ok(!page.url().includes('welcome'), 'the token stays in no history');
  await shot(page, 'access-welcome');
  secret = (await page.locator('.app-secret').textContent()).replaceAll(' ', '').trim();
  await page.getByLabel('E-mail address').fill('ada@example.com');
  await page.getByLabel('Name', { exact: true }).fill('Ada');
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByLabel('The code it shows now').fill(code(secret));
  await page.getByRole('button', { name: 'Make my account' }).click();
  await page.getByRole('heading', { name: 'Keep these somewhere safe' }).waitFor();
  const codes = (await page.locator('.once pre').textContent()).trim().split('\n');
  assert.equal(codes.length, 10);
  await shot(page, 'access-recovery');
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
});

test('people are invited, and keys are made', async () => {
  await page.goto(`${base}/team`);
  const invite = page.locator('form', { has: page.getByRole('heading', { name: 'Invite somebody' }) });
  await invite.getByLabel('E-mail address').fill('eve@example.com');
  await invite.getByLabel('Name', { exact: true }).fill('Eve');
  await invite.getByRole('button', { name: 'Invite somebody' }).click();
  await page.getByText('#welcome=').waitFor();
  await page.getByText('invited', { exact: true }).waitFor();
  await shot(page, 'access-team');
  await page.goto(`${base}/keys`);
  const make = page.locator('form', { has: page.getByRole('heading', { name: 'Make a key' }) });
  await make.getByLabel('What it is for').fill('crm');
  await make.getByRole('button', { name: 'Make a key' }).click();
  const key = (await page.getByText(/^ck_/).textContent()).trim();
  const answer = await fetch(`${base}/api/v1/imports`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal(answer.status, 200);
  await shot(page, 'access-keys');
});

test('the audit tells of it and is intact', async () => {
  await page.goto(`${base}/audit`);
  await page.getByText('invited somebody').waitFor();
  await page.getByRole('button', { name: 'Verify it' }).click();
  await page.getByText(/All 3 notes are as they were written/).waitFor();
  await shot(page, 'access-audit');
});

test('a viewer who opens a page of admins by its address is told calmly who may, and asks the host nothing', async () => {
  const link = await page.evaluate(async () => {
    const headers = { 'content-type': 'application/json', 'x-consentry-page': '1' };
    const body = JSON.stringify({ email: 'vera@example.com', name: 'Vera', roles: ['viewer'] });
    return (await (await fetch('/api/v1/people', { method: 'POST', headers, body })).json()).link;
  });
  const { page: hers, heard: complaints } = await opened(browser, { locale: 'en-GB' });
  await hers.goto(link);
  const own = (await hers.locator('.app-secret').textContent()).replaceAll(' ', '').trim();
  await hers.getByLabel('New password').fill(PASSWORD);
  await hers.getByLabel('The code it shows now').fill(code(own));
  await hers.getByRole('button', { name: 'Make my account' }).click();
  await hers.getByRole('button', { name: 'I have kept them' }).click();
  await hers.getByRole('navigation', { name: 'Pages' }).waitFor();
  for (const path of ['team', 'keys', 'audit']) {
    await hers.goto(`${base}/${path}`);
    await hers.getByRole('heading', { level: 1, name: 'This page is not for your role' }).waitFor();
    await hers.locator('.who-may').waitFor();
    assert.equal(await hers.getByRole('alert').count(), 0, path);
  }
  await shot(hers, 'access-may-not');
  for (const path of ['settings', 'health', 'webhooks', 'connect', 'account']) {
    await hers.goto(`${base}/${path}`);
    await hers.getByRole('heading', { level: 1 }).waitFor();
    await hers.locator('.loading').waitFor({ state: 'detached' });
    assert.equal(await hers.getByRole('alert').count(), 0, path);
  }
  assert.deepEqual(complaints, []);
  await hers.context().close();
});

test('signing out and in again, with the keyboard alone', async () => {
  await page.goto(`${base}/account`);
  await page.getByText('this browser').waitFor();
  await shot(page, 'access-account');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByLabel('E-mail address').focus();
  await page.keyboard.type('ada@example.com');
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Tab');
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await page.getByText('That did not work').waitFor();
  await shot(page, 'access-sign-in');
  await page.getByLabel('Code from your app').fill(code(secret, 1));
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
});

test('in Turkish, on a phone', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole('button', { name: 'Türkçe' }).click();
  for (const path of ['team', 'keys', 'audit', 'account']) {
    await page.goto(`${base}/${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.ok(!wide, `${path} is wider than a phone`);
    await shot(page, `access-${path}-tr-phone`);
  }
  // A wrong password and what no session was asked for are answers, not faults of ours.
  assert.deepEqual(
    heard.filter((one) => !/401|Unauthorized/.test(String(one))),
    [],
  );
});
