// Every page of the panel before axe-core, in a real browser at a real host with people, templates and a campaign in it:
// light and dark, on a phone and on a desk. Pages with rows of a file are looked at in panel-rows.test.mjs.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Host, fits, opened, settled, shot } from './panel.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SIZES = [
  { width: 360, height: 740 },
  { width: 1440, height: 900 },
];
const PAGES = {
  start: '',
  history: 'imports',
  import: 'imports/i1',
  profiles: 'profiles',
  timeline: 'profiles/p1',
  events: 'events',
  connect: 'connect',
  templates: 'templates',
  template: 'templates/a1/spring_sale',
  builder: 'templates/new',
  campaigns: 'campaigns',
  campaign: 'campaigns/c1',
  editor: 'campaigns/c1/edit',
  settings: 'settings',
  webhooks: 'webhooks',
  health: 'health',
  account: 'account',
  team: 'team',
  keys: 'keys',
  firstSteps: 'first-steps',
  audit: 'audit',
  nowhere: 'nothing-here',
};

let browser, host;

before(async () => {
  browser = await launch();
  host = await Host.start({ args: ['--sandbox'] });
  await host.import('people.csv', 'wpNumber,permission,exid\n+905321010000,1,e0\n+905321010001,2,e1\n');
  const message = { template: 'spring_sale', language: 'en_US' };
  await host.post('/campaigns', { name: 'Spring sale', account: 'a1', messages: [message] });
});

after(async () => {
  await browser?.close();
  await host?.remove();
});

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of SIZES) {
    describe(`${colorScheme}, ${viewport.width} pixels wide`, () => {
      let page, heard;

      before(async () => {
        ({ page, heard } = await opened(browser, { locale: 'en-GB', colorScheme, viewport }));
      });

      after(() => page?.context().close());

      for (const [name, path] of Object.entries(PAGES)) {
        test(name, async () => {
          await settled(page, `${host.base}/${path}`);
          await fits(page, name);
          // Evaluated, because the policy of the page lets no other script in.
          await page.evaluate(axe);
          const { violations } = await page.evaluate(() => window.axe.run(document));
          const told = violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
          );
          assert.deepEqual(told, []);
          assert.deepEqual(heard, []);
          await shot(page, `axe-${name}-${viewport.width}-${colorScheme}`);
        });
      }
    });
  }
}

describe('the header', () => {
  for (const lang of ['en-GB', 'tr-TR']) {
    test(`keeps one row on a phone, ${lang}`, async () => {
      const { page } = await opened(browser, { locale: lang, viewport: SIZES[0] });
      await settled(page, `${host.base}/`);
      const { height } = await page.locator('.top').boundingBox();
      assert.ok(height <= 72, `it is ${height} pixels high`);
      await fits(page, 'start');
      await page.context().close();
    });
  }
});
