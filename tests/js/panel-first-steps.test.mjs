// From nothing to the report of a sent campaign in the sandbox, with the keyboard alone and nothing but the next button.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Host, fits, heading, opened, settled, shot } from './panel.mjs';

/** How long a person may need for all of it, in milliseconds; a machine needs less. */
const WHOLE_WAY_MS = 300_000;
/** Longest review of the sandbox, and the end of a small campaign, in milliseconds; both cores may be busy. */
const SLOW_MS = 60_000;
/** More presses of Tab than this, and nobody finds the button. */
const TABS_MAX = 40;

const english = {
  sample: 'Take the sample',
  import: 'Import 3 rows',
  make: 'Make a message for them',
  sendWith: /^Send a campaign with it/,
  check: 'Check now',
  start: 'Start',
  over: 'You have sent your first campaign.',
};
const turkish = {
  sample: 'Örneği al',
  import: '3 satırı içe aktar',
  make: 'Onlar için mesaj hazırla',
  sendWith: /^Bununla kampanya gönder/,
  check: 'Şimdi denetle',
  start: 'Başlat',
  over: 'İlk kampanyanızı gönderdiniz.',
};

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

for (const [locale, width] of [['en-GB', 1280], ['tr-TR', 360]]) {
  describe(`the first campaign, ${locale}, ${width} pixels wide, by keyboard`, () => {
    const words = locale === 'en-GB' ? english : turkish;
    let host, page, heard, presses, began;

    before(async () => {
      host = await Host.start({ args: ['--sandbox'] });
      ({ page, heard } = await opened(browser, { locale, viewport: { width, height: 800 } }));
      presses = 0;
      began = Date.now();
      // With the keyboard alone: whatever a mouse does is no part of this.
      await page.addInitScript(() => addEventListener('pointerdown', () => document.body.setAttribute('data-pointer', ''), true));
    });

    after(async () => {
      await page?.context().close();
      await host?.remove();
    });

    /** Goes on with Tab until what is wanted has the focus, and presses it. */
    async function press(wanted) {
      await wanted.waitFor({ timeout: SLOW_MS });
      for (let tabs = 0; !(await wanted.evaluate((element) => element === document.activeElement)); tabs += 1) {
        assert.ok(tabs < TABS_MAX, `${await wanted.innerText()} is too far away for the keyboard`);
        await page.keyboard.press('Tab');
      }
      presses += 1;
      await page.keyboard.press('Enter');
    }

    const picture = (name) => shot(page, `first-${name}-${width}`);

    test('people come in', async () => {
      await settled(page, host.base);
      const steps = page.locator('.first-steps');
      assert.equal(await steps.locator('.is-done').count(), 1, 'the sandbox is connected');
      await picture('home');
      await press(steps.getByRole('button', { name: words.sample }));
      await press(page.getByRole('button', { name: words.import }));
      await page.locator('.import-page > .actions > .primary').waitFor();
      await fits(page, 'the import');
      await picture('import');
    });

    test('a message is made and approved', async () => {
      await press(page.getByRole('button', { name: words.make }));
      await page.waitForURL(/\/templates\/a1\/first_hello$/);
      await page.locator('.in-review').or(page.getByRole('link', { name: words.sendWith })).first().waitFor();
      await picture('review');
    });

    test('a campaign with it is filled in, checked and started', async () => {
      await press(page.getByRole('link', { name: words.sendWith }));
      await page.waitForURL(/\/campaigns\/c1\/edit/);
      await picture('filled-in');
      await press(page.getByRole('button', { name: words.check }));
      await press(page.getByRole('button', { name: words.start, exact: true }));
      await page.getByRole('dialog').getByRole('textbox').waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.type('Ada');
      presses += 1;
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/campaigns\/c1$/);
    });

    test('its report comes, and the way is over', async () => {
      await page.locator('.funnel').waitFor({ timeout: SLOW_MS });
      await page.getByText(words.over).waitFor({ timeout: SLOW_MS });
      await picture('report');
      assert.ok(Date.now() - began < WHOLE_WAY_MS);
      assert.ok(presses <= 7, `it took ${presses} buttons`);
      const { campaigns } = await host.get('/campaigns');
      assert.deepEqual(campaigns.map(({ state }) => state), ['finished']);
      assert.equal(campaigns[0].stand.waiting, 0);
      assert.equal(await page.locator('body[data-pointer]').count(), 0);
      await settled(page, host.base);
      await page.locator('.drop').waitFor();
      assert.equal(await page.locator('.first-steps').count(), 0, 'what is done goes away');
    });

    test('nothing was complained about', () => assert.deepEqual(heard, []));
  });
}

describe('the first steps', () => {
  let host, page;

  before(async () => {
    host = await Host.start({ args: ['--sandbox'] });
    ({ page } = await opened(browser, { locale: 'en-GB' }));
  });

  after(async () => {
    await page?.context().close();
    await host?.remove();
  });

  test('can be hidden, stay hidden, and come back from the settings', async () => {
    await settled(page, host.base);
    await page.getByRole('button', { name: 'Hide the first steps' }).click();
    await page.locator('.first-steps').waitFor({ state: 'detached' });
    await settled(page, host.base);
    await page.locator('.drop').waitFor();
    assert.equal(await page.locator('.first-steps').count(), 0);
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('main').getByRole('link', { name: 'First steps' }).click();
    await heading(page, 'First steps');
    await page.getByRole('button', { name: 'Show them on the start page again' }).click();
    await settled(page, host.base);
    await page.locator('.first-steps').waitFor();
  });

  test('know what the host knows, whoever did it', async () => {
    await host.import('people.csv', 'wpNumber,permission\n+905321010000,1\n');
    await settled(page, host.base);
    assert.equal(await page.locator('.first-steps .is-done').count(), 2);
    await page.getByRole('button', { name: 'Make a good message' }).waitFor();
  });
});

describe('without an account at Meta', () => {
  test('the first step is to connect one', async () => {
    const host = await Host.start();
    const { page } = await opened(browser, { locale: 'en-GB' });
    await settled(page, host.base);
    await page.locator('.first-next').getByRole('link', { name: 'Connect WhatsApp' }).click();
    await heading(page, 'Connect WhatsApp');
    await page.context().close();
    await host.remove();
  });
});
