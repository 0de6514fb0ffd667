// The page between a dropped file and its import, with the real host: the table of its rows, mending them, the trial, and
// what is still there after the page was left.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch } from './chromium.mjs';
import { figures, fits, heading, Host, opened, settled, shot } from './panel.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Rows of the large file. */
const MANY = 1_000_000;
/** Frames scrolled through it. */
const FRAMES = 180;
/** What the page may hold of the large file, in bytes; as objects its rows would take several hundred megabytes. */
const HEAP_BYTES_MAX = 64 * 1024 * 1024;
/** Longest a frame may keep the page busy while it scrolls, in milliseconds: sixty of them make a second. */
const FRAME_MS = 1000 / 60;

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

describe('the table', () => {
  let page, heard, posts;

  before(async () => {
    ({ page, heard } = await opened(browser, { locale: 'en-GB' }));
    posts = [];
    page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
    await page.goto(base);
    await choose(page, 'people.csv', people(500));
    await heading(page, '494 of 500 rows are ready to import');
    await page.locator('.rows-row').first().waitFor();
  });

  after(() => page?.context().close());

  test('shows the rows with their verdicts, and draws those in sight only', async () => {
    const rows = await page.locator('.rows-row').count();
    assert.ok(rows > 5 && rows < 40, `${rows} rows are drawn`);
    assert.equal(await page.getByRole('grid').getAttribute('aria-rowcount'), '501');
    assert.match(await page.locator('.rows-row').nth(10).innerText(), /Permission 0 was read as opt-out/);
    await complaintsOfAxe(page, 'the verdict');
    await shot(page, 'rows');
  });

  test('the keyboard goes from one wrong row to the next, and mends it', async () => {
    await page.getByRole('button', { name: 'Next rejected row' }).press('Enter');
    await page.locator('.rows-row.is-error .is-active').waitFor();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    await page.keyboard.press('Enter');
    const input = page.getByLabel('Row 97, wpNumber');
    assert.equal(await input.inputValue(), '0532 1000097');
    await input.fill('+905321230097');
    await page.keyboard.press('Enter');
    await heading(page, '495 of 500 rows are ready to import');
    assert.equal(await page.locator('.rows-row .is-changed').innerText(), '+905321230097');
    await page.getByText('1 row is changed by you').waitFor();
  });

  test('Escape leaves a cell as it was', async () => {
    await page.keyboard.press('x');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.rows-row .is-changed').count(), 1);
  });

  test('rules mend all that are alike', async () => {
    await page.getByLabel('Numbers without a country code are from').selectOption('TR');
    await heading(page, '499 of 500 rows are ready to import');
    await page.getByRole('button', { name: 'Every 0 is an opt-out' }).click();
    await page.locator('.finding', { hasText: 'permission-zero' }).waitFor({ state: 'detached' });
    await page.getByLabel('In the column').selectOption('city');
    await page.getByLabel('Cells that say').fill('Ankara');
    await page.getByLabel('shall say').fill('Bursa');
    await page.getByRole('button', { name: 'Replace in every row' }).click();
    await page.locator('.rows-row .is-changed', { hasText: 'Bursa' }).first().waitFor();
  });

  test('shows rows of one kind, and those with a text', async () => {
    await page.getByLabel('Show', { exact: true }).selectOption('rejected');
    await page.getByText('1 of 500 rows', { exact: true }).waitFor();
    assert.match(await page.locator('.rows-row').innerText(), /call me/);
    await page.getByLabel('Show', { exact: true }).selectOption('all');
    await page.getByLabel('Find in the rows').fill('PERSON77@');
    await page.getByText('1 of 500 rows', { exact: true }).waitFor();
    await page.getByLabel('Find in the rows').fill('nobody at all');
    await page.getByText('No row is like this.').waitFor();
    await page.getByLabel('Find in the rows').fill('');
    await page.getByText('500 rows', { exact: true }).waitFor();
  });

  test('a finding leads to its rows', async () => {
    const finding = page.locator('.finding', { hasText: 'number-country-assumed' });
    await finding.locator('summary').click();
    await finding.getByRole('button', { name: 'Show these rows' }).click();
    await page.getByText('4 of 500 rows', { exact: true }).waitFor();
    await page.getByLabel('Show', { exact: true }).selectOption('all');
  });

  test('every step is taken back, and again', async () => {
    const undo = page.getByRole('button', { name: 'Undo' });
    await undo.click();
    await page.locator('.rows-row', { hasText: 'Bursa' }).first().waitFor({ state: 'detached' });
    await undo.click();
    await page.locator('.finding', { hasText: 'permission-zero' }).waitFor();
    await undo.click();
    await heading(page, '495 of 500 rows are ready to import');
    await undo.click();
    await heading(page, '494 of 500 rows are ready to import');
    assert.equal(await undo.isDisabled(), true);
    await page.getByRole('button', { name: 'Redo' }).click();
    await heading(page, '495 of 500 rows are ready to import');
    await page.getByRole('button', { name: 'Redo' }).click();
    await heading(page, '499 of 500 rows are ready to import');
    assert.deepEqual(posts, [], 'nothing was sent');
  });

  test('the corrected file can be taken home, and only what was changed in it is', async () => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download the corrected file' }).click();
    const file = await download;
    assert.equal(file.suggestedFilename(), 'people-corrected.csv');
    const text = (await file.createReadStream().then((stream) => stream.toArray())).join('');
    assert.equal(text, people(500).replace('0532 1000097', '+905321230097'));
  });

  test('the trial says what would be written, and writes nothing', async () => {
    await page.getByRole('button', { name: 'Try it first' }).click();
    const told = page.locator('.trial .figure');
    await told.first().waitFor();
    assert.match(await told.first().innerText(), /Created\s+499/);
    await complaintsOfAxe(page, 'the trial');
    assert.deepEqual((await host.get('/imports')).imports, []);
    assert.equal((await host.get('/profiles')).total, 0);
    assert.equal(posts.length, 1);
    await shot(page, 'trial');
  });

  test('the corrected file is imported, under its own name and with the same verdict', async () => {
    await page.getByRole('button', { name: 'Import 499 rows' }).click();
    await heading(page, '499 profiles created');
    await page.getByText('Same verdict as in your page').waitFor();
    const [doc] = (await host.get('/imports')).imports;
    assert.deepEqual([doc.file.name, doc.counts.rejected, doc.options.country], ['people-corrected.csv', 1, 'TR']);
  });

  test('the trial shows where people would change', async () => {
    await page.goto(base);
    // The e-mail is one person's, the number another's.
    await choose(page, 'mixed.csv', 'exid,email,wpNumber,permission\n,person2@example.com,+905321000007,1\n');
    await page.getByRole('button', { name: 'Try it first' }).click();
    await page.getByText('Where identifiers disagree').waitFor();
    assert.match(await page.locator('.trial').innerText(), /1 row names more than one known profile/);
  });

  test('nothing was complained about', () => {
    assert.deepEqual(heard, []);
  });
});

describe('what is kept', () => {
  test('what was typed last is in what is sent, however quick somebody is', async () => {
    const { page } = await opened(browser, { locale: 'en-GB' });
    await page.goto(base);
    await choose(page, 'quick.csv', 'wpNumber,permission\n+905307778899,1\ncall me,2\n');
    await page.getByRole('button', { name: 'Next rejected row' }).click();
    await page.locator('.rows-row.is-error .is-active').waitFor();
    await page.keyboard.press('Enter');
    await page.getByLabel('Row 2, wpNumber').fill('+905307778800');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Import \d/ }).click();
    await heading(page, '2 profiles created');
    await page.getByText('Same verdict as in your page').waitFor();
    await page.context().close();
  });

  test('a row that was emptied is none any more: it has no verdict, and the others keep theirs', async () => {
    const { page } = await opened(browser, { locale: 'en-GB' });
    await page.goto(base);
    await choose(page, 'emptied.csv', 'wpNumber,permission\n+905307778811,1\ncall me,2\n+905307778813,0\n+905307778814,2\n');
    await heading(page, '3 of 4 rows are ready to import');
    await page.getByRole('button', { name: 'Next rejected row' }).click();
    await page.locator('.rows-row.is-error .is-active').waitFor();
    for (const key of ['Delete', 'ArrowRight', 'Delete']) await page.keyboard.press(key);
    await heading(page, 'All 3 rows are ready to import');
    const said = page.locator('.rows-row .row-verdict');
    await page.locator('.rows-row.is-error').waitFor({ state: 'detached' });
    assert.deepEqual((await page.locator('.rows-row').count()), 4);
    const rows = await page.locator('.rows-row').allInnerTexts();
    assert.match(rows[0], /Opt-in/);
    assert.doesNotMatch(rows[1], /Opt|number/i);
    assert.match(rows[2], /Permission 0 was read as opt-out/);
    assert.match(rows[3], /Opt-out/);
    assert.equal(await said.count(), 3);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.rows-row.is-error').waitFor();
    await page.context().close();
  });

  test('a header is read like the last time', async () => {
    const { page } = await opened(browser, { locale: 'en-GB' });
    await page.goto(base);
    await choose(page, 'a.csv', 'Phone,reply\n+905301112233,1\n');
    await heading(page, 'This file cannot be used yet');
    await page.getByLabel('Use of the column “Phone”').selectOption('wpNumber');
    await page.getByLabel('Use of the column “reply”').selectOption('permission');
    await heading(page, 'Your one row is ready to import');
    await page.reload();
    await choose(page, 'b.csv', 'Phone,reply\n+905301112234,1\n+905301112235,2\n');
    await page.getByText('Read like the last file with these columns.').waitFor();
    await heading(page, 'All 2 rows are ready to import');
    await page.getByRole('button', { name: 'Read it afresh' }).click();
    await heading(page, 'This file cannot be used yet');
    await page.context().close();
  });

  test('an interrupted upload is told, and goes on with what was said', async () => {
    const { page } = await opened(browser, { locale: 'en-GB' });
    let hold = true;
    await page.route('**/api/v1/imports?*', (route) => (hold ? undefined : route.continue()));
    await page.goto(base);
    // From the disk: the browser knows a file again by its name, size and time.
    const folder = await mkdtemp(join(tmpdir(), 'consentry-later-'));
    const file = join(folder, 'later.csv');
    await writeFile(file, 'wpNumber,permission\n0530 111 22 99,1\n');
    const input = page.locator('input[type=file]');
    await input.setInputFiles(file);
    await page.getByLabel('Numbers without a country code are from').selectOption('TR');
    await page.getByRole('button', { name: 'Import 1 row' }).click();
    await page.getByRole('button', { name: 'Stop sending' }).waitFor();
    await page.reload();
    hold = false;
    await page.getByText('Sending later.csv was interrupted').waitFor();
    await complaintsOfAxe(page, 'the start page with an interrupted upload');
    await input.setInputFiles(file);
    await heading(page, 'Your one row is ready to import');
    await page.getByRole('button', { name: 'Import 1 row' }).click();
    await heading(page, '1 profile created');
    await page.goto(base);
    await page.getByText('Bring your consent list').waitFor();
    assert.equal(await page.getByText('was interrupted').count(), 0);
    await page.context().close();
    await rm(folder, { recursive: true });
  });

  test('a running import is found again', async () => {
    const { page } = await opened(browser, { locale: 'en-GB' });
    const running = { ...(await host.get('/imports')).imports.find(({ file }) => file.name === 'people-corrected.csv'), state: 'applying' };
    await page.route('**/api/v1/imports', (route) => route.fulfill({ json: { imports: [running] } }));
    await page.goto(base);
    await page.getByText('people-corrected.csv is being imported').waitFor();
    await page.getByRole('link', { name: 'Follow it' }).click();
    await heading(page, '499 profiles created');
    await page.context().close();
  });
});

describe('every screen', () => {
  for (const [locale, dir] of [
    ['en-GB', 'ltr'],
    ['tr-TR', 'ltr'],
    ['en-GB', 'rtl'],
  ]) {
    for (const colorScheme of ['light', 'dark']) {
      test(`${locale} ${dir} ${colorScheme} on a phone`, async () => {
        const viewport = { width: 360, height: 740 };
        const { page } = await opened(browser, { locale, colorScheme, viewport, isMobile: true, hasTouch: true });
        await page.goto(base);
        await page.evaluate((dir) => (document.documentElement.dir = dir), dir);
        await choose(page, 'people.csv', people(200));
        await page.locator('.rows-row').first().waitFor();
        await fits(page, 'the verdict');
        await complaintsOfAxe(page, 'the verdict');
        await shot(page, `rows-phone-${locale}-${dir}-${colorScheme}`);
        await page.context().close();
      });
    }
  }

  test('the history', async () => {
    const { page } = await opened(browser, { locale: 'en-GB' });
    await settled(page, `${base}/imports`);
    await complaintsOfAxe(page, 'the history');
    await page.context().close();
  });
});

describe('a million rows', () => {
  let page;

  before(async () => {
    ({ page } = await opened(browser, { locale: 'en-GB' }));
    page.setDefaultTimeout(120_000);
    await page.goto(base);
    await page.locator('input[type=file]').waitFor({ state: 'attached' });
    // Made in the page: a file of this size does not go through the wire of the test.
    await page.evaluate(
      ([source, rows]) => {
        const people = new Function(`return ${source}`)();
        const pieces = [];
        for (let from = 1; from <= rows; from += 50_000) pieces.push(people(50_000, from, from === 1));
        const transfer = new DataTransfer();
        transfer.items.add(new File(pieces, 'many.csv'));
        const input = document.querySelector('input[type=file]');
        input.files = transfer.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));
      },
      [people.toString(), MANY],
    );
    await page.getByText('1,000,000 rows', { exact: true }).waitFor();
    await page.locator('.rows-row').first().waitFor();
  });

  after(() => page?.context().close());

  test('the first and the last are a key away', async () => {
    await page.getByRole('grid').focus();
    await page.keyboard.press('Control+End');
    await page.locator('.rows-row', { hasText: 'c1000000' }).waitFor();
    await page.keyboard.press('Control+Home');
    await page.locator('.rows-row', { hasText: 'person1@example.com' }).waitFor();
  });

  test('the wheel goes row by row', async () => {
    const box = await page.getByRole('grid').boundingBox();
    await page.mouse.move(box.x + 200, box.y + 200);
    await page.mouse.wheel(0, 360);
    await page.locator('.rows-row', { hasText: 'person21@example.com' }).waitFor();
    const first = await page.locator('.rows-row .row-number').first().innerText();
    assert.ok(Number(first) >= 10 && Number(first) <= 12, `row ${first} is the first`);
  });

  test('scrolling leaves every frame its time', async () => {
    const client = await page.context().newCDPSession(page);
    // Time of the page's own thread: other work of the machine is none of it.
    await client.send('Performance.enable', { timeDomain: 'threadTicks' });
    const busy = async () => {
      const { metrics } = await client.send('Performance.getMetrics');
      const of = (name) => metrics.find((metric) => metric.name === name).value;
      return { task: of('TaskDuration') * 1000, heap: of('JSHeapUsedSize') };
    };
    const before = await busy();
    const frames = await page.evaluate(async (frames) => {
      const grid = document.querySelector('.rows-view');
      const times = [];
      let last = performance.now();
      for (let frame = 0; frame < frames; frame += 1) {
        grid.scrollTop += frame % 30 === 29 ? 400_000 : 55;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        times.push(now - last);
        last = now;
      }
      return times.sort((a, b) => a - b);
    }, FRAMES);
    // What the test itself made of the file is none of the table's.
    await client.send('HeapProfiler.collectGarbage');
    const after = await busy();
    // How long frames take depends on what else the machine does; how long the page is at work for one does not.
    const work = (after.task - before.task) / FRAMES;
    const told = `median ${frames[FRAMES / 2].toFixed(1)} ms, 95 of 100 in ${frames[Math.floor(FRAMES * 0.95)].toFixed(1)} ms, busy ${work.toFixed(1)} ms a frame, heap ${Math.round(after.heap / 1e6)} MB`;
    console.log(told);
    assert.ok(work < FRAME_MS, told);
    assert.ok(after.heap < HEAP_BYTES_MAX, told);
  });

  test('one of them is mended', async () => {
    await page.keyboard.press('Control+Home');
    await page.getByRole('button', { name: 'Next rejected row' }).click();
    await page.locator('.rows-row.is-error .is-active').waitFor();
    await page.getByRole('grid').focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    const accepted = (await figures(page)).Accepted.replaceAll(',', '');
    await page.keyboard.press('F2');
    await page.getByLabel('Row 97, wpNumber').fill('+905321230097');
    await page.keyboard.press('Enter');
    await heading(page, `${(Number(accepted) + 1).toLocaleString('en-GB')} of 1,000,000 rows are ready to import`);
  });
});

/** A list with some of what goes wrong; the rows of a longer one are those of a shorter one first. */
function people(rows, from = 1, header = true) {
  let text = header ? 'exid,email,msisdn,wpNumber,permission,city\n' : '';
  for (let at = from; at < from + rows; at += 1) {
    const local = String(1_000_000 + ((at * 7) % 9_000_000));
    const national = `0532 ${1_000_000 + (at % 9_000_000)}`;
    const number = at % 97 === 0 ? national : at % 301 === 0 ? 'call me' : `+90532${local}`;
    const permission = at % 11 === 0 ? 0 : 1 + (at % 2);
    text += `c${at},person${at}@example.com,,${number},${permission},${['İzmir', 'Ankara', 'Köln'][at % 3]}\n`;
  }
  return text;
}

async function choose(page, name, text) {
  await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
}

/** Everything that axe-core finds. Evaluated, because the policy of the page lets no other script in. */
async function complaintsOfAxe(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
  assert.deepEqual(told, [], where);
}
