// The panel as a person uses it: the real host, a real browser, one file from the drop to its timeline.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Host, figures, fits, heading, opened, settled, shot } from './panel.mjs';
import { root } from './vectors.mjs';

let host, base, browser;

before(async () => {
  host = await Host.start();
  base = host.base;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await host?.remove();
});

describe('the way of a file', () => {
  let page, heard, posts, sample;

  before(async () => {
    ({ page, heard } = await opened(browser, { locale: 'en-GB' }));
    posts = [];
    // Listening from the start, because the browser takes a moment to hand file choosers over.
    page.on('filechooser', () => {});
    page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
    sample = await (await fetch(`${base}/api/v1/sample`)).text();
  });

  after(() => page?.context().close());

  test('people without a file find the way to one', async () => {
    await page.goto(`${base}/profiles`);
    await page.getByText('Nobody is here yet').waitFor();
    await page.getByRole('link', { name: 'Import a file' }).click();
    await page.getByRole('heading', { level: 1, name: 'Bring your consent list' }).waitFor();
    await shot(page, 'start');
  });

  test('the keyboard reaches the drop zone', async () => {
    await page.getByRole('button', { name: /Drop your CSV or Excel file here/ }).focus();
    const chooser = page.waitForEvent('filechooser');
    await page.keyboard.press('Enter');
    await chooser;
  });

  test('a dropped file has its verdict before anything is sent', async () => {
    await drop(page, 'sample.csv', sample);
    await heading(page, 'All 3 rows are ready to import');
    await page.getByText('The file has not left your computer').waitFor();
    assert.deepEqual(await figures(page), {
      Rows: '3',
      Accepted: '3',
      Rejected: '0',
      'With a warning': '2',
      'Opt-in': '2',
      'Opt-out': '1',
    });
    await page.locator('.finding', { hasText: 'permission-zero' }).locator('summary').click();
    const place = page.locator('.finding', { hasText: 'permission-zero' }).locator('tbody tr');
    assert.deepEqual((await place.locator('td').allInnerTexts()).slice(0, 5), ['2', '3', 'permission', '0', '2']);
    assert.equal(await page.locator('.finding', { hasText: 'number-unassigned' }).count(), 1);
    assert.deepEqual(posts, []);
    await shot(page, 'verdict');
  });

  test('reading it differently is judged again at once', async () => {
    await page.getByText('Read it differently').click();
    await page.getByLabel('Values of the permission column').selectOption('1 yes, 0 no');
    await page.locator('.finding', { hasText: 'permission-zero' }).waitFor({ state: 'detached' });
    assert.equal((await figures(page))['With a warning'], '1');
    await page.getByLabel('Values of the permission column').selectOption('1 yes, 2 no');
    await page.locator('.finding', { hasText: 'permission-zero' }).waitFor();
    assert.deepEqual(posts, []);
  });

  test('the import creates three profiles, and the host agrees with the page', async () => {
    await page.getByRole('button', { name: 'Import 3 rows' }).click();
    await heading(page, '3 profiles created');
    assert.match(page.url(), /\/imports\/i\d+$/);
    assert.equal(posts.length, 1);
    assert.deepEqual(await figures(page), {
      Created: '3',
      Updated: '0',
      Unchanged: '0',
      'Opt-out kept': '0',
      Rejected: '0',
      'Numbers moved': '0',
    });
    await page.getByText('Same verdict as in your page').waitFor();
    await shot(page, 'result');
  });

  test('the same file again is answered with the earlier import', async () => {
    await page.getByRole('link', { name: 'Import another file' }).click();
    await drop(page, 'sample.csv', sample);
    await page.getByRole('button', { name: 'Import 3 rows' }).click();
    await heading(page, 'This file is already imported');
    await shot(page, 'already-imported');
    await page.getByRole('link', { name: 'See that import' }).click();
    await heading(page, '3 profiles created');
  });

  test('the history lists it', async () => {
    await page.getByRole('link', { name: 'History', exact: true }).first().click();
    await page.getByText('3 created, 0 updated, 0 rejected').waitFor();
    assert.equal(await page.locator('tbody tr').count(), 1);
    await shot(page, 'history');
  });

  test('the profiles are there, and a number in another spelling finds its own', async () => {
    await page.getByRole('link', { name: 'Profiles', exact: true }).click();
    await page.getByText('3 people').waitFor();
    assert.equal(await page.locator('tbody tr').count(), 3);
    assert.deepEqual(await page.locator('tbody .badge').allInnerTexts(), ['Opted in', 'Opted out', 'Opted in']);
    await shot(page, 'profiles');
    await page.getByRole('searchbox').fill('0090 530 111 22 33');
    await page.keyboard.press('Enter');
    await page.getByText('1 person matches').waitFor();
    assert.equal(await page.locator('tbody tr').count(), 1);
  });

  test('the timeline says why', async () => {
    await page.getByRole('link', { name: '+905301112233' }).click();
    await heading(page, '+905301112233');
    await page.getByText('May be messaged on WhatsApp').waitFor();
    const event = page.locator('.event');
    assert.equal(await event.count(), 1);
    assert.match(await event.innerText(), /Opted in.*a new profile.*sample\.csv, row 1, line 2/s);
    await shot(page, 'timeline');
  });

  test('what cannot be used is said with its cure, and nothing is offered for import', async () => {
    await page.goto(base);
    await drop(page, 'phones.csv', 'Phone,reply\n+905301112233,1\n');
    await heading(page, 'This file cannot be used yet');
    await page.locator('.finding', { hasText: 'column-missing' }).first().waitFor();
    assert.equal(await page.getByRole('button', { name: /^Import \d/ }).count(), 0);
    await shot(page, 'refused');
  });

  test('saying what its columns mean makes it usable', async () => {
    await page.getByLabel('Use of the column “Phone”').selectOption('wpNumber');
    await page.getByLabel('Use of the column “reply”').selectOption('permission');
    await heading(page, 'Your one row is ready to import');
  });

  test('rejected rows can be taken home', async () => {
    await page.goto(base);
    const cells = JSON.parse(await readFile(join(root, 'tests/fixtures/safe-cells.json'), 'utf8'));
    const quoted = (cell) => `"${cell.replaceAll('"', '""')}"`;
    const bad = cells.map(([cell]) => `call me,1,${quoted(cell)}\n`).join('');
    await drop(page, 'mixed.csv', `wpNumber,permission,exid\n+905301112233,1,a\n${bad}`);
    await heading(page, `1 of ${cells.length + 1} rows is ready to import`, `1 of ${cells.length + 1} rows are ready to import`);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: `Download ${cells.length} rejected rows` }).click();
    const file = await download;
    assert.equal(file.suggestedFilename(), 'mixed-rejected.csv');
    const text = (await file.createReadStream().then((stream) => stream.toArray())).join('');
    assert.match(text, /call me/);
    assert.match(text, /number-not-digits/);
    // A spreadsheet takes none of them for a formula.
    const lines = text.trimEnd().split('\n').slice(1);
    assert.equal(lines.length, cells.length);
    for (const [at, [cell, safe]] of cells.entries()) {
      assert.ok(lines[at].includes(`,${safe.includes('"') || safe.includes(',') ? quoted(safe) : safe}`), `${cell} became ${lines[at]}`);
    }
  });

  test('an Excel workbook is judged here and imported as it is', async () => {
    const workbook = await readFile(join(root, 'tests/fixtures/published-sample.xlsx'));
    await page.goto(base);
    await drop(page, 'people.xlsx', workbook);
    await heading(page, 'All 3 rows are ready to import');
    await page.getByRole('button', { name: 'Import 3 rows' }).click();
    await page.getByText('Same verdict as in your page').waitFor();
    const { imports } = await (await fetch(`${base}/api/v1/imports`)).json();
    const { state, file, counts } = imports.find(({ file }) => file.name === 'people.xlsx');
    assert.deepEqual([state, file.bytes, counts.unchanged], ['committed', workbook.length, 3]);
  });

  test('a workbook that is none is refused with its cure', async () => {
    await page.goto(base);
    await drop(page, 'people.xlsx', 'PK\u0003\u0004 and so on');
    await heading(page, 'This file cannot be used yet');
    await page.locator('.finding', { hasText: 'encoding-unreadable' }).first().waitFor();
  });

  test('nothing was complained about', () => {
    assert.deepEqual(heard, []);
  });
});

describe('every page', () => {
  const PATHS = ['/', '/imports', '/imports/i1', '/profiles', '/profiles/p1', '/nowhere'];

  test('fits a phone', async () => {
    const { page, heard } = await opened(browser, {
      locale: 'en-GB',
      viewport: { width: 360, height: 740 },
      isMobile: true,
      hasTouch: true,
    });
    for (const path of PATHS) {
      await settled(page, base + path);
      await fits(page, path);
      await shot(page, `phone${path.replaceAll('/', '-')}`);
    }
    await page.goto(base);
    await page.getByRole('button', { name: 'Try it with the sample' }).click();
    await heading(page, 'All 3 rows are ready to import');
    await fits(page, 'the verdict');
    await shot(page, 'phone-verdict');
    assert.deepEqual(heard, []);
    await page.context().close();
  });

  test('is dark where the system is, until somebody chooses', async () => {
    const { page, heard } = await opened(browser, { locale: 'en-GB', colorScheme: 'dark' });
    const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await settled(page, `${base}/`);
    const dark = await paper();
    await shot(page, 'dark-start');
    await page.getByRole('button', { name: 'Use the light theme' }).click();
    const light = await paper();
    assert.notEqual(light, dark);
    await page.reload();
    assert.equal(await paper(), light, 'the choice stays');
    assert.deepEqual(heard, []);
    await page.context().close();
  });

  test('speaks Turkish to those who do', async () => {
    const { page, heard } = await opened(browser, { locale: 'tr-TR' });
    await settled(page, `${base}/`);
    await heading(page, 'İzin listenizi getirin');
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'tr');
    await page.getByRole('button', { name: 'Örnekle deneyin' }).click();
    await heading(page, '3 satırın tümü içe aktarılmaya hazır');
    await page.locator('.finding', { hasText: 'İzin 0, ret olarak okundu' }).waitFor();
    await shot(page, 'turkish-verdict');
    await page.getByRole('button', { name: 'English' }).click();
    await heading(page, 'All 3 rows are ready to import');
    assert.deepEqual(heard, []);
    await page.context().close();
  });

  test('keeps its words when the host is away', async () => {
    const { page } = await opened(browser, { locale: 'en-GB' });
    // One door from the beginning: one that is put up later lets some requests through.
    let away = false;
    await page.route('**/api/**', (route) => (away ? route.abort('connectionrefused') : route.continue()));
    await settled(page, `${base}/`);
    away = true;
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await page.getByRole('alert').getByText('The host does not answer').waitFor();
    await shot(page, 'host-away');
    away = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('tbody tr').first().waitFor();
    await page.context().close();
  });
});

/** Drops a file on the page as a mouse would. */
async function drop(page, name, content) {
  const dataTransfer = await page.evaluateHandle(
    ([name, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name));
      return transfer;
    },
    [name, Buffer.from(content).toString('base64')],
  );
  const zone = page.locator('.drop');
  await zone.dispatchEvent('dragenter', { dataTransfer });
  await page.getByText('Let go to check this file').waitFor();
  await zone.dispatchEvent('drop', { dataTransfer });
}
