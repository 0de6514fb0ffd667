// The frame around the pages: the menu of a phone, what a role is offered, right to left, and that nothing jumps.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Host, fits, heading, opened, settled, shot } from './panel.mjs';
import { root } from './vectors.mjs';

const SIZES = [
  { width: 360, height: 740 },
  { width: 800, height: 900 },
  { width: 1280, height: 860 },
];
const PAGES = [
  '', 'imports', 'imports/i1', 'profiles', 'profiles/p1', 'events', 'connect', 'templates', 'templates/a1/spring_sale', 'templates/new',
  'campaigns', 'campaigns/c1', 'campaigns/c1/edit', 'campaigns/c1/edit?step=go', 'settings', 'webhooks', 'team', 'keys', 'audit',
  'account', 'first-steps',
];
/** Most that a page may jump while it loads, as browsers measure it. */
const SHIFT_MAX = 0.02;
/** Longest time from a press to the next picture, in milliseconds. */
const PRESS_MS = 100;

let browser, host;

before(async () => {
  browser = await launch();
  host = await Host.start({ args: ['--sandbox'] });
  await host.import('people.csv', 'wpNumber,permission,exid\n+905321010000,1,e0\n+905321010001,2,e1\n');
  await host.post('/campaigns', { name: 'Spring sale', account: 'a1', messages: [{ template: 'spring_sale', language: 'en_US' }] });
});

after(async () => {
  await browser?.close();
  await host?.remove();
});

test('the menu of a phone has every page, by keyboard, and gives the focus back', async () => {
  const { page, heard } = await opened(browser, { locale: 'en-GB', viewport: SIZES[0] });
  await settled(page, host.base);
  const button = page.getByRole('button', { name: 'Menu' });
  await button.focus();
  await page.keyboard.press('Enter');
  const menu = page.getByRole('dialog', { name: 'All pages' });
  await menu.waitFor();
  await shot(page, 'frame-menu');
  await page.keyboard.press('Escape');
  await menu.waitFor({ state: 'hidden' });
  assert.equal(await button.evaluate((element) => element === document.activeElement), true);
  await page.keyboard.press('Enter');
  await menu.getByRole('link', { name: 'API keys' }).focus();
  await page.keyboard.press('Enter');
  await heading(page, 'API keys');
  await menu.waitFor({ state: 'hidden' });
  const tabs = page.getByRole('navigation', { name: 'Settings' });
  assert.equal(await tabs.locator('[aria-current=page]').innerText(), 'API keys');
  assert.deepEqual(heard, []);
  await page.context().close();
});

test('a viewer is offered nothing that changes anything', async () => {
  const { page } = await opened(browser, { locale: 'en-GB' });
  // The host lets everybody do everything here; the page is told otherwise, as it is told of a viewer.
  const session = { state: 'signed_in', person: { email: 'eve@example.com', name: 'Eve' }, rights: ['look'], is_new: false };
  await page.route('**/api/v1/session', (route) => route.fulfill({ json: session }));
  const forbidden = /^(Stop everything|New campaign|New template|Get the newest from Meta|Delete|Edit|Add a language|To another language|Take .* back|Forget|Connect|Check now|Start|Send a campaign|Write a message|Write it once more|Invite|Make )/;
  for (const path of PAGES.filter((one) => !['team', 'keys', 'audit', 'account'].includes(one))) {
    await settled(page, `${host.base}/${path}`);
    const offered = await page.locator('main :is(button, a.button):visible').allInnerTexts();
    assert.deepEqual(offered.filter((text) => forbidden.test(text.trim())), [], path);
  }
  await settled(page, `${host.base}/settings`);
  const links = await page.getByRole('main').getByRole('link').allInnerTexts();
  assert.deepEqual(links, ['Health', 'WhatsApp', 'Webhooks', 'My account', 'First steps']);
  await settled(page, `${host.base}/connect`);
  await page.getByText('Admin can do this.').waitFor();
  await page.context().close();
});

test('the roles that pages name are those that the host lets in', async () => {
  const source = await readFile(join(root, 'wasm/panel/src/rights.ts'), 'utf8');
  const docs = await readFile(join(root, 'docs/access.md'), 'utf8');
  const table = docs.split('\n').filter((line) => line.startsWith('| '));
  const cells = (line) => line.split('|').slice(1, -1).map((cell) => cell.trim());
  const head = cells(table.find((line) => line.startsWith('| right |')));
  const said = [...source.matchAll(/^  '?([a-z-]+)'?: \[([^\]]*)\],$/gm)];
  assert.ok(said.length >= 11);
  for (const [, right, roles] of said) {
    const row = cells(table.find((line) => line.startsWith(`| \`${right}\` |`)));
    const those = head.filter((_, at) => at > 1 && at < head.length - 1 && row[at] === '✓');
    assert.deepEqual(roles.replaceAll("'", '').split(', '), those, right);
  }
});

test('nothing sticks out or lies upon something else from right to left', async () => {
  for (const viewport of SIZES) {
    const { page } = await opened(browser, { locale: 'en-GB', viewport });
    for (const path of PAGES) {
      await settled(page, `${host.base}/${path}`);
      await page.evaluate(() => (document.documentElement.dir = 'rtl'));
      await fits(page, `${path} from right to left`);
      // What sticks out at the start of such a page makes it no wider for a browser: it is cut off.
      const out = await page.evaluate(() =>
        [...document.querySelectorAll('main :is(h1, h2, p, a, button, input, select, td, th)')]
          .filter((element) => !element.closest('.unseen, .list thead, dialog') && element.checkVisibility())
          // What scrolls by itself may hold more than it shows.
          .filter((element) => {
            for (let around = element; around !== document.body; around = around.parentElement) {
              if (['auto', 'scroll'].includes(getComputedStyle(around).overflowX)) return false;
            }
            return true;
          })
          .filter((element) => {
            const { left, right, width } = element.getBoundingClientRect();
            return width > 1 && (left < -1 || right > innerWidth + 1);
          })
          .map((element) => element.outerHTML.slice(0, 100)),
      );
      assert.deepEqual(out, [], `${path} at ${viewport.width}`);
      const crossed = await page.evaluate(() => {
        const boxes = [...document.querySelectorAll('.top > *, .top > .pages > *, .actions > *')]
          .filter((element) => element.checkVisibility() && getComputedStyle(element).position !== 'fixed' && !element.matches('dialog, .pages'))
          .map((element) => [element, element.getBoundingClientRect()])
          .filter(([, box]) => box.width > 1);
        return boxes.flatMap(([one, a], at) =>
          boxes.slice(at + 1)
            .filter(([other, b]) => one.parentElement === other.parentElement && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
            .map(([other]) => `${one.outerHTML.slice(0, 60)} × ${other.outerHTML.slice(0, 60)}`));
      });
      assert.deepEqual(crossed, [], `${path} at ${viewport.width}`);
      await shot(page, `rtl-${viewport.width}-${path.replace(/\W+/g, '-')}`);
    }
    await page.context().close();
  }
});

test('no page jumps while it loads', async () => {
  const told = [];
  for (const viewport of [SIZES[0], SIZES[2]]) {
    const { page } = await opened(browser, { locale: 'en-GB', viewport });
    await page.addInitScript(() => {
      window.jumps = [];
      new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries()) {
          window.jumps.push({ value, of: sources.map(({ node }) => (node?.outerHTML ?? node?.textContent ?? '').slice(0, 80)) });
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    for (const path of PAGES) {
      await settled(page, `${host.base}/${path}`);
      await page.waitForLoadState('networkidle').catch(() => {});
      const jumps = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(window.jumps)))));
      const sum = jumps.reduce((all, { value }) => all + value, 0);
      if (sum > SHIFT_MAX) told.push(`${path || 'start'} at ${viewport.width}: ${sum} ${JSON.stringify(jumps)}`);
    }
    await page.context().close();
  }
  assert.deepEqual(told, []);
});

test('a press is answered within a tenth of a second on the main path', async () => {
  const { page } = await opened(browser, { locale: 'en-GB' });
  await page.addInitScript(() => {
    window.presses = [];
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries()) window.presses.push({ name, duration });
    }).observe({ type: 'event', durationThreshold: 16, buffered: true });
  });
  await settled(page, host.base);
  await page.getByRole('button', { name: 'Try it with the sample' }).click();
  await page.getByRole('button', { name: /^Import \d+ rows$/ }).waitFor();
  for (const name of ['History', 'Profiles', 'Templates', 'Campaigns', 'Settings', 'Import']) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
  }
  const presses = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(window.presses), 200))));
  // The middle of them: one press while both cores build says nothing about the page.
  const sorted = presses.map(({ duration }) => duration).sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  assert.ok(middle <= PRESS_MS, `${middle} ms: ${JSON.stringify(presses)}`);
  await page.context().close();
});
