// One person in the panel, in a real browser at a real host: found by anything, told in a sentence, changed, taken away as a
// signed file, printed.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { launch } from './chromium.mjs';
import { BIN, Host, fits, opened, settled, shot } from './panel.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const run = promisify(execFile);
let browser, host, page, heard;

before(async () => {
  browser = await launch();
  host = await Host.start();
  const head = 'exid,email,wpNumber,permission\n';
  await host.import('first.csv', `${head}e-1,a@b.example,+905301112233,1\ne-2,,+905301112255,1\ne-3,,+905301112244,2\n`);
  await host.import('second.csv', `${head}e-2,,+905301112233,1\n`);
  ({ page, heard } = await opened(browser, { locale: 'en-GB' }));
});

after(async () => {
  await browser?.close();
  await host?.remove();
});

async function holds(what, on = page) {
  await fits(on, what);
  await on.evaluate(axe);
  const { violations } = await on.evaluate(() => window.axe.run(document));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120))}`), []);
}

test('people are listed by what they said', async () => {
  await settled(page, `${host.base}/profiles`);
  await page.getByRole('navigation', { name: 'Show' }).getByRole('link', { name: 'Opted out' }).click();
  await page.getByRole('link', { name: '+905301112244' }).waitFor();
  await page.getByRole('link', { name: '+905301112233' }).waitFor({ state: 'detached' });
  assert.ok(page.url().endsWith('/profiles?permission=opt_out'));
  await holds('profiles-filtered');
  await shot(page, 'person-list');
});

test('any identifier leads to the person, in the search and in the address', async () => {
  for (const q of ['e-2', '0090 530 111 22 33', 'p2']) {
    await settled(page, `${host.base}/profiles?q=${encodeURIComponent(q)}`);
    await page.getByRole('link', { name: '+905301112233' }).waitFor();
    await settled(page, `${host.base}/profiles/${encodeURIComponent(q)}`);
    await page.getByRole('heading', { level: 1, name: '+905301112233' }).waitFor();
  }
  await settled(page, `${host.base}/profiles?q=${encodeURIComponent('+90 530 111 22 55')}`);
  await page.getByRole('link', { name: /whoever held it/ }).click();
  await page.getByRole('heading', { name: 'Who has held the number' }).waitFor();
});

test('one sentence says why, and custody says who had it before', async () => {
  await settled(page, `${host.base}/profiles/e-2`);
  await page.getByText(/May be messaged on WhatsApp since .*, because row 1 of second\.csv says so\./).waitFor();
  const custody = page.locator('.custody li');
  assert.deepEqual(await custody.count(), 2);
  assert.match(await custody.nth(0).innerText(), /^p2 .*has it now/);
  assert.match(await custody.nth(1).innerText(), /^p1 .*until .*then p2/);
  await holds('person');
});

test('attributes are set and removed, and the history says by whom', async () => {
  await page.getByLabel('Name', { exact: true }).fill('city');
  await page.getByLabel('Value', { exact: true }).fill('Izmir');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await page.locator('.attributes').getByText('Izmir').waitFor();
  // Somebody else was faster: nothing is overwritten unseen.
  await fetch(`${host.base}/api/v1/profiles/p2/attributes`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ changes: { city: { from: 'Izmir', to: 'Bursa' } } }),
  });
  await page.getByRole('button', { name: 'Remove city' }).click();
  await page.getByText(/changed meanwhile/).waitFor();
  await settled(page, `${host.base}/profiles/p2`);
  await page.getByRole('button', { name: 'Remove city' }).click();
  await page.getByText('None is known.').waitFor();
  await page.getByText('Changed by hand').click();
  await page.getByText('Bursa').first().waitFor();
  await holds('person-edits');
});

test('evidence leaves as a file that verifies, until a byte of it is changed', async () => {
  const waiting = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Evidence, signed' }).click();
  const file = join(host.data, 'pack.json');
  await (await waiting).saveAs(file);
  const verify = ['--data', host.data, 'evidence', 'verify', file];
  assert.match((await run(BIN, verify)).stdout, /^verified: /);
  await writeFile(file, (await readFile(file, 'utf8')).replace('Bursa', 'Ankara'));
  await assert.rejects(run(BIN, verify), (failed) => failed.code === 1 && /edits\/0/.test(failed.stdout));
});

test('the page prints as a sheet of evidence', async () => {
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.person-actions').isVisible(), false);
  assert.equal(await page.locator('.top').isVisible(), false);
  await shot(page, 'person-print');
  await page.emulateMedia({ media: null });
  const pdf = await page.pdf({ format: 'A4' });
  assert.ok(pdf.length > 10_000);
  if (process.env.SHOTS) await writeFile(join(process.env.SHOTS, 'person.pdf'), pdf);
});

test('somebody on the phone says stop', async () => {
  await page.getByRole('button', { name: 'The person says stop …' }).click();
  await page.getByLabel('Who heard it, and how').fill('hotline, Ada');
  await holds('person-opt-out');
  await shot(page, 'person-opt-out');
  await page.getByRole('button', { name: 'Record the opt-out' }).click();
  await page.getByText(/Must not be messaged on WhatsApp since .*, because the person said so\./).waitFor();
  await page.locator('.timeline').getByText(/hotline, Ada/).waitFor();
  await shot(page, 'person-after');
});

for (const [locale, colorScheme, width] of [['tr-TR', 'dark', 360], ['tr-TR', 'light', 1280], ['en-GB', 'dark', 800]]) {
  test(`it holds in ${locale}, ${colorScheme}, ${width} pixels wide`, async () => {
    const other = await opened(browser, { locale, colorScheme, viewport: { width, height: 780 } });
    await settled(other.page, `${host.base}/profiles/p2`);
    await other.page.locator('.custody').waitFor();
    await holds(`person-${width}`, other.page);
    await shot(other.page, `person-${locale}-${colorScheme}-${width}`);
    assert.deepEqual(other.heard, []);
    await other.page.context().close();
  });
}

test('nothing was complained about but what was refused', () => {
  assert.deepEqual(heard.filter((one) => !/409|ERR_ABORTED/.test(one)), []);
});
