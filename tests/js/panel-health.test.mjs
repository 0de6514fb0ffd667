// How everything stands, in the panel: a real host whose number people block, a real browser, a phone, the keyboard, axe.

import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Host, fits, opened, settled, shot } from './panel.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { width: 360, height: 740 };
const SCENARIO = `[[number]]
id = "106540352242922"
waba = "102290129340398"
display = "+90 212 555 01 00"
name = "Shop"
quality = "RED"
`;
const scenario = join(tmpdir(), `consentry-health-${process.pid}.toml`);

let browser, host, empty;

before(async () => {
  browser = await launch();
  await writeFile(scenario, SCENARIO);
  host = await Host.start({ args: ['--sandbox', '--scenario', scenario] });
  empty = await Host.start();
});

after(async () => {
  await browser?.close();
  await host?.remove();
  await empty?.remove();
  await rm(scenario, { force: true });
});

test('what needs somebody comes first, says what helps and leads to where it is mended', async () => {
  const { page, heard } = await opened(browser, { locale: 'en-GB', viewport: PHONE });
  await settled(page, `${host.base}/health`);
  // The page looks again by itself: nobody has to reload it once the account is connected.
  await page.getByText('People block or report this number often').first().waitFor();
  const findings = page.locator('.health-findings li');
  assert.match(await findings.first().innerText(), /Act[\s\S]*\+90 212 555 01 00[\s\S]*Send less/);
  await page.getByRole('region', { name: '+90 212 555 01 00' }).getByText('Low').waitFor();
  await fits(page, 'health');
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  assert.deepEqual(violations.map(({ id }) => id), []);
  await shot(page, 'health-phone');
  await findings.first().getByRole('link').focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/campaigns$/);
  assert.deepEqual(heard, []);
  await page.context().close();
});

test('on a phone the tab of this page is in sight', async () => {
  const { page } = await opened(browser, { locale: 'tr-TR', viewport: PHONE });
  for (const path of ['health', 'audit', 'first-steps']) {
    await settled(page, `${host.base}/${path}`);
    const tab = await page.locator('.settings-tabs [aria-current]').boundingBox();
    assert.ok(tab.x >= 0 && tab.x + tab.width <= PHONE.width, `${path}: ${JSON.stringify(tab)}`);
    assert.equal(await page.evaluate(() => window.scrollX), 0);
  }
  await page.context().close();
});

test('where nothing is connected yet, the page says so and is good', async () => {
  const { page, heard } = await opened(browser, { locale: 'tr-TR' });
  await settled(page, `${empty.base}/health`);
  await page.getByRole('heading', { name: 'Kişilerin ve Meta’nın bildirdikleri' }).waitFor();
  await page.getByText('Henüz bir şey gelmedi').waitFor();
  assert.equal(await page.getByRole('heading', { name: 'WhatsApp hesapları' }).count(), 0);
  await shot(page, 'health-empty');
  assert.deepEqual(heard, []);
  await page.context().close();
});
