// The special parts of a template in the builder: samples that are uploaded, codes, offers, cards, names for numbers.
// The real host beside its stand-in for Meta, a real browser.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Host, opened, settled, shot } from './panel.mjs';

/** A red dot. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
  'base64',
);

let browser, host, page, heard;

before(async () => {
  browser = await launch();
  host = await Host.start({ args: ['--sandbox'] });
  while ((await host.get('/accounts')).accounts.length === 0);
  ({ page, heard } = await opened(browser, { locale: 'en-GB' }));
});

after(async () => {
  await page?.context().close();
  await host?.remove();
  await browser?.close();
});

describe('a header', () => {
  before(() => settled(page, `${host.base}/templates/new`));

  test('with a picture wants a sample, takes it to Meta and draws it', async () => {
    await page.getByLabel('Header', { exact: true }).selectOption('IMAGE');
    await page.locator('.finding-notes', { hasText: 'has no' }).first().waitFor();
    await page.getByLabel('Sample for the reviewers').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: PNG });
    await page.locator('small', { hasText: 'The sample is with Meta' }).waitFor();
    assert.match((await document()).components[0].example.header_handle[0], /^4::/);
    await page.locator('img.bubble-media').waitFor();
    assert.equal(await page.locator('img.bubble-media').evaluate((img) => img.decode().then(() => img.naturalWidth)), 1);
    await shot(page, 'builder-picture');
  });

  test('of text has a place for one variable', async () => {
    await page.getByLabel('Header', { exact: true }).selectOption('TEXT');
    await page.getByLabel('Text of the header').fill('Hello');
    await page.locator('.with-button').getByRole('button', { name: 'Add variable' }).click();
    assert.equal(await page.getByLabel('Text of the header').inputValue(), 'Hello {{1}}');
    assert.equal(await page.locator('.with-button').getByRole('button', { name: 'Add variable' }).count(), 0);
    await page.getByLabel('Sample: {{1}} · header').fill('Sam');
    await page.locator('.bubble-title', { hasText: 'Hello Sam' }).waitFor();
    assert.deepEqual((await document()).components[0].example, { header_text: ['Sam'] });
  });
});

test('numbers become names, with their samples', async () => {
  const body = page.locator('.builder-fields textarea').first();
  await body.fill('Dear {{1}}, your order {{2}} has left our shop and will be with you soon.');
  await page.getByLabel('Sample: {{2}} · text').fill('A-7');
  await page.getByLabel('From the profile: {{1}} · text').fill('first_name');
  await page.getByLabel('Variables are').selectOption('NAMED');
  assert.match(await body.inputValue(), /^Dear \{\{value_2\}\}, your order \{\{value_3\}\} has/);
  assert.equal(await page.getByLabel('Sample: {{value_3}} · text').inputValue(), 'A-7');
  assert.equal(await page.getByLabel('From the profile: {{value_2}} · text').inputValue(), 'first_name');
  const name = page.getByLabel('Name: {{value_2}} · text');
  await name.fill('first_name');
  await name.press('Tab');
  assert.match(await body.inputValue(), /^Dear \{\{first_name\}\}, /);
  assert.equal(await page.getByLabel('From the profile: {{first_name}} · text').inputValue(), 'first_name');
  const { parameter_format, components } = await document();
  assert.equal(parameter_format, 'NAMED');
  assert.deepEqual(components[1].example.body_text_named_params, [{ param_name: 'value_3', example: 'A-7' }]);
});

test('a template for codes has its own few choices, and what was written before comes back', async () => {
  const body = page.locator('.builder-fields textarea').first();
  const written = await body.inputValue();
  await page.getByRole('radio', { name: /Authentication/ }).check();
  await page.locator('.bubble', { hasText: 'is your verification code' }).waitFor();
  await page.getByText('Meta writes these words').waitFor();
  await page.getByLabel('Minutes until it expires').fill('95');
  await page.locator('.finding-notes', { hasText: '1 to 90 minutes' }).waitFor();
  await page.getByLabel('Minutes until it expires').fill('5');
  await page.locator('.bubble', { hasText: '5 minutes' }).waitFor();
  await page.getByLabel('How people take the code over').selectOption('ONE_TAP');
  await page.getByLabel('Package name of your app').fill('com.example.app');
  await page.getByLabel('Signature hash of your app').fill('K8aAINcGX71');
  await page.getByLabel('Name', { exact: true }).fill('sign_in');
  await page.locator('.judged.is-fine').waitFor();
  await shot(page, 'builder-code');
  await page.getByRole('radio', { name: /Marketing/ }).check();
  assert.equal(await body.inputValue(), written);
  await page.getByRole('radio', { name: /Authentication/ }).check();
  assert.equal(await page.getByLabel('Minutes until it expires').inputValue(), '5');
  await page.getByRole('radio', { name: /Marketing/ }).check();
});

test('an offer and cards are added, drawn and removed', async () => {
  await page.getByRole('button', { name: 'Add a limited-time offer' }).click();
  await page.getByLabel('Heading of the offer').fill('Ends soon');
  await page.locator('.bubble-offer', { hasText: 'Ends soon' }).waitFor();
  await page.getByRole('button', { name: 'Remove: Limited-time offer' }).click();
  await page.locator('.bubble-offer').waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Add cards to leaf through' }).click();
  const cards = page.locator('.card-list > li');
  await page.getByRole('button', { name: 'Add a card' }).click();
  assert.equal(await cards.count(), 3);
  for (const n of [0, 1, 2]) {
    await cards.nth(n).getByLabel('Text of the card').fill(`Plant ${n + 1}`);
    await cards.nth(n).getByLabel('Add a button').selectOption('QUICK_REPLY');
    await cards.nth(n).getByLabel('Label').fill('More like this');
  }
  await page.locator('.bubble-cards > li').nth(2).getByText('Plant 3').waitFor();
  await page.getByRole('button', { name: 'Move up: Card 3' }).click();
  await page.locator('.bubble-cards > li').nth(1).getByText('Plant 3').waitFor();
  await shot(page, 'builder-cards');
  // The row of cards is reached and scrolled by the keyboard.
  const row = page.locator('.bubble-cards');
  await row.focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => document.querySelector('.bubble-cards').scrollLeft > 0);
  await page.getByRole('button', { name: 'Remove the card: Card 1' }).click();
  assert.equal(await cards.count(), 2);
});

test('the phone is looked at in light and in dark, whatever the panel wears', async () => {
  const phone = page.locator('.phone');
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const bubble = () => page.locator('.bubble').first().evaluate((one) => getComputedStyle(one).backgroundColor);
  const [light, around] = [await bubble(), await paper()];
  await page.getByRole('button', { name: 'Look at it in dark' }).click();
  assert.match(await phone.getAttribute('class'), /is-dark/);
  assert.notEqual(await bubble(), light);
  assert.equal(await paper(), around);
});

test('nothing was complained about', () => assert.deepEqual(heard, []));

/** The document as the builder has it. */
async function document() {
  const box = page.locator('details.options');
  if ((await box.getAttribute('open')) === null) await box.locator('summary').click();
  await page.waitForFunction(() => document.getElementById('document-text').value !== '');
  return JSON.parse(await page.locator('#document-text').inputValue());
}
