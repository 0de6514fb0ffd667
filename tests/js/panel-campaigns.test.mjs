// A campaign in the panel, from nothing to its report, as people meet it: the real host beside its stand-in for Meta, a real
// browser.

import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Host, fits, heading, opened, settled, shot as picture } from './panel.mjs';

const NARROW = { width: 360, height: 740 };
const NAME = 'Spring sale to Izmir';
/** People of the files, by file and by where they are. */
const IZMIR = 150;
const BERLIN = 20;
const FAIR = 30;
/** How long a campaign may take, in milliseconds: at its pace it takes a few seconds, and both cores may be busy. */
const SENT_MS = 90_000;
/** Everybody who can be reached is reached, and reads at once. */
const SCENARIO = `seed = 7
[people]
absent = 0.0
experiment = 0.0
deliver = 1.0
read = 0.7
answer = 0.0
stop_word = 0.0
stop = 0.0
sent_ms = [10, 50]
delivered_ms = [20, 100]
read_ms = [50, 300]
[[person]]
number = "+905321010003"
fails = 131026
[[person]]
number = "+905321010004"
fails = 131026
`;

let browser, host, page, heard;
const scenario = join(tmpdir(), `consentry-campaign-${process.pid}.toml`);

before(async () => {
  browser = await launch();
  await writeFile(scenario, SCENARIO);
  host = await Host.start({ args: ['--sandbox', '--scenario', scenario] });
  await until(async () => (await host.get('/templates')).templates?.some(({ sendable }) => sendable));
  await people();
  ({ page, heard } = await opened(browser, { locale: 'en-GB' }));
});

after(async () => {
  await page?.context().close();
  await host?.remove();
  await browser?.close();
  await rm(scenario, { force: true });
});

describe('writing a campaign', () => {
  test('begins with a way to the first one', async () => {
    await settled(page, `${host.base}/campaigns`);
    await page.getByRole('heading', { name: 'No campaign yet' }).waitFor();
    await shot('campaigns-empty');
    await page.getByRole('link', { name: 'New campaign' }).click();
    await heading(page, 'New campaign');
  });

  test('offers templates that can be sent, and says why others cannot', async () => {
    const picks = page.locator('.pick-list > li');
    await picks.first().waitFor();
    const barred = picks.filter({ hasText: 'win_back' });
    assert.equal(await barred.getByRole('button').isDisabled(), true);
    assert.match(await barred.innerText(), /rejected[\s\S]*Meta rejected it/);
    await page.getByPlaceholder('Name, words or language').fill('spring');
    assert.equal(await picks.count(), 2);
    await shot('campaign-pick');
    await page.getByLabel('Name of the campaign').fill(NAME);
    await page.getByLabel('Your name').fill('Ayşe');
    await picks.getByRole('button', { name: /English/ }).click();
    await page.waitForFunction(() => document.activeElement.textContent === 'Another template');
    await page.waitForURL(/\/campaigns\/c1\/edit/);
    await page.locator('.keeping-said', { hasText: 'Saved' }).waitFor();
  });

  test('shows the message with the values of a real person', async () => {
    const first = page.getByLabel('Attribute: {{first_name}} · text');
    assert.equal(await first.inputValue(), 'first_name', 'an attribute of the same name is taken by itself');
    await page.getByLabel('With the values of').selectOption({ label: '+905321010002 · e2' });
    await page.locator('.bubble .filled', { hasText: 'Kişi 2' }).waitFor();
    await last().getByRole('button', { name: 'Same for all' }).click();
    await page.getByLabel('Text: {{last_day}} · text').fill('Sunday');
    await page.locator('.bubble .filled', { hasText: 'Sunday' }).waitFor();
    await page.getByRole('searchbox', { name: 'Find a person' }).fill('e5');
    await page.keyboard.press('Enter');
    await page.locator('.bubble .filled.is-missing', { hasText: 'first_name' }).waitFor();
    await shot('campaign-compose');
  });

  test('tries a second message against the first, in equal shares', async () => {
    await page.getByRole('button', { name: 'Try another message against it' }).click();
    const second = page.locator('.builder-part').nth(2);
    await second.getByRole('button', { name: /^order_confirmation.*English/ }).click();
    await second.getByLabel(/^Attribute: \{\{1\}\}/).first().selectOption('first_name');
    await second.getByLabel(/^If there is none: \{\{1\}\}/).first().fill('you');
    await second.getByRole('button', { name: 'Same for all' }).nth(1).click();
    await second.getByLabel(/^Text: \{\{2\}\}/).fill('A-1043');
    await page.locator('.bubble-button.is-missing', { hasText: 'Track order' }).waitFor();
    await second.getByRole('button', { name: 'Same for all' }).nth(2).click();
    await second.getByLabel('Text: {{1}} · end of the address').fill('A-1043');
    assert.equal(await page.getByLabel('Share: Message A').inputValue(), '50');
    await page.getByLabel('Share: Message A').fill('70');
    await page.getByText('Together 120 %').waitFor();
    await page.getByLabel('Share: Message B').fill('30');
    await page.getByText('Together 100 %').waitFor();
    await shot('campaign-ab');
  });

  test('says when, how fast and when to stop', async () => {
    await page.getByRole('button', { name: 'Next: Delivery' }).click();
    await page.getByLabel('At a time', { exact: true }).check();
    await page.getByLabel('Starts at', { exact: true }).waitFor();
    await page.getByLabel('By the clock of: Starts at').selectOption('Europe/Istanbul');
    await page.getByLabel('Write to nobody at night').check();
    await page.getByLabel('Not too often to one person').check();
    await shot('campaign-delivery');
    await page.getByLabel('At once, when it is started').check();
    await page.getByLabel('Write to nobody at night').uncheck();
    await page.getByLabel('So many a second').check();
    await page.getByLabel('Messages a second, over all numbers').fill('25');
    await saved();
    const { definition } = await host.get('/campaigns/c1');
    assert.deepEqual(definition.pace, { messages_per_s: 25 });
    assert.deepEqual(definition.cap, { messages: 2, days: 7 });
    assert.equal(definition.schedule, undefined);
  });

  test('counts the people while conditions are written, by keyboard alone', async () => {
    await page.getByRole('button', { name: 'Next: Audience' }).click();
    const count = page.locator('.big-count');
    await count.getByText(`${IZMIR + BERLIN + FAIR}`, { exact: true }).waitFor();
    await page.getByLabel('Add a condition: To whom').selectOption('country');
    const country = page.getByRole('combobox', { name: 'Country' });
    await country.focus();
    await page.keyboard.type('turk');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('.word', { hasText: 'Türkiye' }).or(page.locator('.word', { hasText: 'Turkey' })).waitFor();
    await page.keyboard.press('Escape');
    await count.getByText(`${IZMIR + FAIR}`, { exact: true }).waitFor();
    await page.getByLabel('Add a condition: To whom').selectOption('attribute');
    await page.getByLabel('Attribute', { exact: true }).selectOption('city');
    await page.getByRole('combobox', { name: 'Values', exact: true }).fill('izmir');
    await page.keyboard.press('Enter');
    await count.getByText(`${IZMIR}`, { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Any of them' }).click();
    await count.getByText(`${IZMIR + FAIR}`, { exact: true }).waitFor();
    await page.getByLabel('Add a condition: But not to').selectOption('import');
    await page.getByRole('combobox', { name: 'Import' }).fill('fair');
    await page.keyboard.press('Enter');
    await count.getByText(`${IZMIR}`, { exact: true }).waitFor();
    await shot('campaign-audience');
  });

  test('saves conditions under a name, takes them up again, and gives the people as a file', async () => {
    await page.getByPlaceholder('Name of a segment').fill('Turkey or Izmir');
    await page.getByRole('button', { name: 'Save as a segment' }).click();
    await page.getByRole('button', { name: 'Take “Turkey or Izmir”' }).waitFor();
    await page.getByRole('button', { name: 'Remove: Import' }).click();
    await page.locator('.big-count').getByText(`${IZMIR + FAIR}`, { exact: true }).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as CSV' }).click(),
    ]);
    assert.equal(file.suggestedFilename(), `${NAME}.csv`);
    await saved();
  });
});

describe('checking and going', () => {
  test('looks at everybody, and names who would not get it', async () => {
    await page.getByRole('button', { name: 'Next: Check and go' }).click();
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.locator('.verdict-line').waitFor();
    const all = IZMIR + FAIR;
    const said = await page.locator('.verdict-line').innerText();
    assert.match(said, new RegExp(`^Of ${all} people, \\d+ would not get it`));
    const missing = page.locator('.finding.is-error', { hasText: 'no value' });
    await missing.locator('tbody tr').first().waitFor();
    const plan = (await host.get('/campaigns/c1')).plan;
    assert.equal(plan.people, all);
    await page.locator('.preflight').getByText(`${plan.sha256.slice(0, 8)}…`).waitFor();
    await shot('campaign-preflight');
    const [file] = await Promise.all([page.waitForEvent('download'), missing.getByRole('link', { name: /^Download all/ }).click()]);
    assert.match(file.suggestedFilename(), /\.csv$/);
  });

  test('sends one to somebody who said yes, and to nobody else', async () => {
    const to = page.getByLabel('Number, e-mail, ExID or phone');
    await to.fill('o1');
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByRole('alert').waitFor();
    await shot('campaign-test-refused');
    await to.fill('e1');
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.locator('.clean', { hasText: 'Sent to +905321010001' }).waitFor();
  });

  test('starts exactly that plan', async () => {
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: /^Send to \d+ people\?$/ });
    assert.equal(await dialog.getByLabel('Your name').inputValue(), 'Ayşe');
    await shot('campaign-start');
    await dialog.getByRole('button', { name: 'Start' }).click();
    await page.waitForURL(/\/campaigns\/c1$/);
    await heading(page, `${NAME} running`);
  });

  test('pauses at once and goes on where it stopped', async () => {
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause this campaign?' });
    await dialog.getByLabel('Why').fill('one moment');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await page.locator('.why-paused', { hasText: 'one moment' }).waitFor();
    await shot('campaign-paused');
    const { stand } = await host.get('/campaigns/c1');
    assert.ok(stand.waiting > 0, 'it was paused on its way');
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await heading(page, `${NAME} running`);
  });

  test('everything stops with one button', async () => {
    await page.getByRole('button', { name: 'Stop everything' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop everything' }).click();
    await heading(page, `${NAME} paused`);
    await settled(page, `${host.base}/campaigns`);
    await page.locator('tbody tr', { hasText: NAME }).getByText('paused').waitFor();
    await shot('campaigns-paused');
    await page.getByRole('link', { name: NAME }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await heading(page, `${NAME} running`);
    await page.locator('.funnel').waitFor();
    await shot('campaign-running');
  });

  test('ends with a report that tells all of it', async () => {
    const title = page.getByRole('heading', { level: 1, name: `${NAME} finished` });
    await title.waitFor({ timeout: SENT_MS });
    const { plan } = await host.get('/campaigns/c1');
    const step = (name) => page.locator('.funnel tr', { hasText: name }).locator('b');
    await page.waitForFunction((n) => document.querySelectorAll('.funnel b')[3]?.textContent === String(n), plan.sendable - 2);
    assert.equal(await step('Planned').innerText(), String(plan.sendable));
    await page.locator('.failures li', { hasText: '131026' }).getByRole('link', { name: 'Who' }).waitFor();
    await page.locator('.chart .line').first().waitFor({ state: 'attached' });
    await page.locator('.comparison tbody tr').nth(1).waitFor();
    await page.locator('.breakdown', { hasText: 'crm.csv' }).waitFor();
    await page.getByText('As a table').click();
    await page.locator('.chart tbody tr').first().waitFor();
    await shot('campaign-report');
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.exports-list').getByRole('link', { name: 'Failed' }).click()]);
    assert.match(file.suggestedFilename(), /\.csv$/);
  });

  test('can be written once more', async () => {
    await page.getByRole('button', { name: 'Write it once more' }).click();
    await page.waitForURL(/\/campaigns\/c2\/edit/);
    await page.locator('.chosen-template').first().waitFor();
  });
});

test('every page fits phones and desks, in light and in dark, in English and in Turkish', async () => {
  const pages = ['', '/new', '/c2/edit', '/c2/edit?step=delivery', '/c2/edit?step=audience', '/c2/edit?step=go', '/c1'];
  for (const [width, locale, colorScheme] of [[360, 'tr-TR', 'light'], [900, 'en-GB', 'dark'], [1400, 'tr-TR', 'dark']]) {
    const viewport = width === NARROW.width ? NARROW : { width, height: 900 };
    const other = await opened(browser, { viewport, locale, colorScheme });
    for (const path of pages) {
      await settled(other.page, `${host.base}/campaigns${path}`);
      const part = other.page.locator(path.includes('audience') ? '.big-count b' : path === '/c1' ? '.funnel' : 'h1');
      await part.first().waitFor();
      await fits(other.page, `campaigns${path} at ${width}`);
      await picture(other.page, `campaigns-${width}-${locale}-${path.replace(/\W+/g, '-')}`);
    }
    await other.page.context().close();
    assert.deepEqual(other.heard, []);
  }
});

test('nothing was complained about', () => {
  // The answer to a test send without consent is an error, and is meant to be.
  assert.deepEqual(heard.filter((one) => !/status of 4\d\d/.test(one)), []);
});

/** Two files of people, one of whom has no name, and one person who said no. */
async function people() {
  const options = JSON.stringify({ attributes: ['city', 'first_name'] });
  const rows = ['exid,wpNumber,permission,city,first_name'];
  for (let n = 0; n < IZMIR; n += 1) rows.push(`e${n},+9053210${10_000 + n},1,Izmir,${n === 5 ? '' : `Kişi ${n}`}`);
  for (let n = 0; n < BERLIN; n += 1) rows.push(`d${n},+49151123451${10 + n},1,Berlin,Hans ${n}`);
  rows.push('o1,+905321099999,2,Izmir,Nobody');
  const query = new URLSearchParams({ name: 'crm.csv', options });
  await host.ended((await host.post(`/imports?${query}`, `${rows.join('\n')}\n`)).import);
  const fair = Array.from({ length: FAIR }, (_, n) => `f${n},+9053220${20_000 + n},1`);
  const { counts } = await host.import('fair.csv', `exid,wpNumber,permission\n${fair.join('\n')}\n`);
  assert.equal(counts.created, FAIR);
}

function last() {
  return page.locator('.variable-list > li').last();
}

/** A picture of the whole page from its top. */
async function shot(name) {
  await page.evaluate(() => scrollTo(0, 0));
  await picture(page, name);
}

async function saved() {
  await page.locator('.keeping-said', { hasText: /^Saved$/ }).waitFor();
}

async function until(isSo) {
  for (const end = Date.now() + 15_000; Date.now() < end; ) {
    if (await isSo()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`it did not happen: ${isSo}`);
}
