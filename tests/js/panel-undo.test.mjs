// Taking an import back in the panel, as people meet it: the real host, a real browser.

import assert from 'node:assert/strict';
import { mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Host, figures, fits, heading, opened, settled, shot } from './panel.mjs';

const HEADER = 'exid,wpNumber,permission\n';
const OPEN = 'Take this import back …';
const NARROW = { width: 360, height: 740 };

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

describe('taking an import back', () => {
  let host, page, heard, posts, wrong;
  const asIs = (route) => route.continue();
  /** What becomes of the page's wish. One door for the whole page: one that comes and goes lets some through. */
  let onUndo = asIs;

  before(async () => {
    host = await Host.start();
    wrong = await wrongFile(host);
    ({ page, heard } = await opened(browser, { locale: 'en-GB' }));
    posts = [];
    page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
    await page.route('**/undo', (route) => onUndo(route));
    await settled(page, `${host.base}/imports/${wrong}`);
  });

  after(async () => {
    await page?.context().close();
    await host?.remove();
  });

  test('asks first, in a dialog that the keyboard opens and leaves', async () => {
    const opener = page.getByRole('button', { name: OPEN });
    await opener.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Take this import back?' });
    await dialog.getByText('People whom it created go again.').waitFor();
    await dialog.getByText('wrong.csv').waitFor();
    assert.equal(await focused(page), 'take-back-title', 'reading starts at the question');
    await shot(page, 'undo-dialog');
    // What lies behind cannot be reached: the focus stays in the dialog or goes to the browser.
    const met = [];
    for (let step = 0; step < 6; step += 1) {
      await page.keyboard.press('Tab');
      met.push(await page.evaluate(() => document.activeElement.closest('dialog, main, header')?.tagName ?? 'BODY'));
    }
    assert.ok(!met.includes('MAIN') && !met.includes('HEADER') && met.includes('DIALOG'), met.join(' '));
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await opener.evaluate((button) => button === document.activeElement), true, 'the focus returns');
    assert.deepEqual(posts, []);
  });

  test('wants to know who, and sends nothing before', async () => {
    await page.keyboard.press('Enter');
    const who = page.getByLabel('Who takes it back');
    for (const nobody of ['', '   ']) {
      await who.fill(nobody);
      await page.keyboard.press('Enter');
      assert.equal(await who.evaluate((input) => input.matches(':invalid:focus')), true);
    }
    assert.deepEqual(posts, []);
    await page.getByRole('button', { name: 'Leave it as it is' }).click();
    assert.equal((await host.get(`/imports/${wrong}`)).state, 'committed');
  });

  test('tells what was reversed, removed and kept, and why', async () => {
    await page.getByRole('button', { name: OPEN }).click();
    await page.getByLabel('Who takes it back').fill(' Ayşe ');
    await page.getByLabel('Why').fill('last year’s list');
    await page.keyboard.press('Enter');
    await heading(page, 'This import is taken back');
    assert.equal(await page.locator('dialog[open]').count(), 0);
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1', 'reading goes on with the news');
    await page.locator('[aria-live]', { hasText: 'This import is taken back' }).waitFor({ state: 'attached' });
    const told = await figures(page);
    assert.deepEqual([told['As before'], told.Removed, told['Left as they are']], ['1', '1', '3']);
    const kept = page.locator('.taken-back .notes li');
    assert.deepEqual(
      (await kept.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim()),
      [
        '1 person: a later import changed or confirmed them. p5',
        '1 person: they have opted out since. p2',
        '1 person: the number they had before belongs to somebody who keeps it. p3',
      ],
    );
    assert.match(await page.locator('.taken-back .facts').innerText(), /api:Ayşe\s+Why\s+last year’s list/);
    assert.equal(told.Created, '2', 'what it had done is still told');
    await page.getByRole('heading', { level: 2, name: 'What it had done' }).waitFor();
    assert.equal(await page.getByRole('button', { name: OPEN }).count(), 0);
    assert.equal(posts.length, 1);
    await shot(page, 'undone');
    await page.reload();
    await heading(page, 'This import is taken back');
  });

  test('leads to whoever stayed, and their timelines tell it', async () => {
    await page.getByRole('link', { name: 'p3', exact: true }).click();
    await heading(page, '+905321000016');
    await settled(page, `${host.base}/profiles/p1`);
    const newest = page.locator('.event').first();
    const text = await newest.innerText();
    assert.match(text, /Back to what it was\s+decides today.*Back to\s+Opted out/s);
    assert.match(text, /The import that had changed this was taken back\..*wrong\.csv.*api:Ayşe.*last year’s list/s);
    await shot(page, 'undone-timeline');
    await newest.getByRole('link', { name: 'wrong.csv' }).click();
    await heading(page, 'This import is taken back');
    await settled(page, `${host.base}/profiles/p4`);
    assert.match(await page.locator('.event').first().innerText(), /Profile removed/);
    await shot(page, 'undone-removed');
    // Nobody is named by a number alone: who had it before stands beside it.
    await settled(page, `${host.base}/profiles/p6`);
    assert.match(await page.locator('.event').last().innerText(), /Number had been held by\s+p3/);
  });

  test('an opt-out that was lifted is named where it was', async () => {
    await host.post('/opt-outs', { number: '+905321000001', heard: 'desk' });
    const query = new URLSearchParams({ name: 'signed.csv', override_opt_outs: 'true', reason: 'signed again' });
    const lifted = await host.ended((await host.post(`/imports?${query}`, `${HEADER}t1,+905321000001,1\n`)).import);
    assert.equal(lifted.counts.updated, 1);
    await settled(page, `${host.base}/profiles/p1`);
    assert.match(await page.locator('.event').first().innerText(), /Lifts the person’s own opt-out of/);
    await shot(page, 'lifted-timeline');
  });

  test('the history says so', async () => {
    await settled(page, `${host.base}/imports`);
    const row = page.locator('tbody tr', { hasText: 'wrong.csv' });
    const text = await row.innerText();
    assert.match(text, /taken back/);
    assert.match(text, /1 as before, 1 removed, 3 left as they are\s+api:Ayşe: last year’s list · /);
    await shot(page, 'undone-history');
  });

  test('what somebody else has taken back already is told, and the page shows how it stands', async () => {
    const { import: id } = await host.import('again.csv', `${HEADER}t9,+905321000099,1\n`);
    await settled(page, `${host.base}/imports/${id}`);
    await page.getByRole('button', { name: OPEN }).click();
    await host.post(`/imports/${id}/undo`, { by: 'desk' });
    await page.getByLabel('Who takes it back').fill('Ayşe');
    await page.getByRole('button', { name: 'Take it back', exact: true }).click();
    await page.getByRole('alert').getByText('This import can no longer be taken back').waitFor();
    await shot(page, 'undo-too-late');
    assert.equal(await page.getByRole('button', { name: 'Take it back', exact: true }).count(), 0);
    await page.getByRole('button', { name: 'Close' }).click();
    await heading(page, 'This import is taken back');
    assert.match(await page.locator('.taken-back .facts').innerText(), /api:desk\s+Why\s+not said/);
  });

  test('a host that is away is told in the dialog, and what was typed stays', async () => {
    const { import: id } = await host.import('more.csv', `${HEADER}t8,+905321000088,1\n`);
    await settled(page, `${host.base}/imports/${id}`);
    await page.getByRole('button', { name: OPEN }).click();
    await page.getByLabel('Who takes it back').fill('Ayşe');
    onUndo = (route) => route.abort('connectionrefused');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('alert').getByText('The host does not answer').waitFor();
    onUndo = asIs;
    assert.equal(await page.getByLabel('Who takes it back').inputValue(), 'Ayşe');
    await page.getByRole('button', { name: 'Take it back', exact: true }).click();
    await heading(page, 'This import is taken back');
  });

  test('while the host is at it, the dialog stays and asks once', async () => {
    const { import: id } = await host.import('slow.csv', `${HEADER}t6a,+905321000066,1\n`);
    await settled(page, `${host.base}/imports/${id}`);
    await page.getByRole('button', { name: OPEN }).click();
    await page.getByLabel('Who takes it back').fill('Ayşe');
    let letGo;
    const held = new Promise((done) => (letGo = done));
    onUndo = (route) => held.then(() => route.continue());
    const before = posts.length;
    await page.keyboard.press('Enter');
    const button = page.getByRole('button', { name: 'Taking it back …' });
    await button.waitFor();
    await page.getByRole('progressbar').waitFor();
    await shot(page, 'undo-waiting');
    await button.click({ force: true });
    await page.getByRole('button', { name: 'Leave it as it is' }).click({ force: true });
    for (const key of ['Enter', 'Escape', 'Escape']) await page.keyboard.press(key);
    assert.equal(await page.locator('dialog[open]').count(), 1);
    letGo();
    await heading(page, 'This import is taken back');
    onUndo = asIs;
    assert.equal(posts.length, before + 1);
  });

  test('nothing else was complained about', () => {
    // Two refusals and a lost connection, which the browser notes and the page tells.
    const expected = /status of 409|ERR_CONNECTION_REFUSED/;
    assert.deepEqual(
      heard.filter((line) => !expected.test(line)),
      [],
    );
  });

  test('fits a phone, dark and light, in Turkish and from right to left', async () => {
    const { import: id } = await host.import('turkish.csv', `${HEADER}t7,+905321000077,1\n`);
    for (const [name, options] of Object.entries({
      'phone-light': { locale: 'en-GB', viewport: NARROW, isMobile: true, hasTouch: true },
      'phone-dark-turkish': { locale: 'tr-TR', viewport: NARROW, isMobile: true, colorScheme: 'dark' },
      dark: { locale: 'en-GB', colorScheme: 'dark' },
      turkish: { locale: 'tr-TR' },
    })) {
      const { page, heard } = await opened(browser, options);
      await settled(page, `${host.base}/imports/${id}`);
      await page.getByRole('button', { name: options.locale === 'tr-TR' ? 'Bu aktarımı geri al …' : OPEN }).click();
      await inside(page, name);
      await fits(page, name);
      await shot(page, `undo-${name}`);
      await page.evaluate(() => (document.documentElement.dir = 'rtl'));
      await inside(page, `${name}, from right to left`);
      await shot(page, `undo-${name}-rtl`);
      await page.keyboard.press('Escape');
      for (const path of [`imports/${wrong}`, 'imports', 'profiles/p1']) {
        await settled(page, `${host.base}/${path}`);
        await fits(page, `${name} of ${path}`);
        await shot(page, `undone-${name}-${path.replaceAll('/', '-')}`);
        await page.evaluate(() => (document.documentElement.dir = 'rtl'));
        await fits(page, `${name} of ${path}, from right to left`);
        if (path === `imports/${wrong}`) await shot(page, `undone-${name}-rtl`);
      }
      assert.deepEqual(heard, []);
      await page.context().close();
    }
  });
});

test('while another import is under way, nothing is taken back, and that is told', async () => {
  // Killed long before it can end, and then kept from going on: a folder stands where its file should be.
  let host = await Host.start({ args: ['--batch-rows', '1'] });
  await host.import('first.csv', `${HEADER}t1,+905321000001,1\n`);
  const row = (at) => `u${at},+9053220${String(at).padStart(5, '0')},1\n`;
  const long = HEADER + Array.from({ length: 50_000 }, (_, at) => row(at)).join('');
  const { file } = await host.post('/imports?name=long.csv', long);
  await host.kill();
  const stored = join(host.data, 'uploads', `${file.sha256}.csv`);
  await rename(stored, `${stored}.aside`);
  await mkdir(stored);
  host = await Host.start({ data: host.data });
  const { page } = await opened(browser, { locale: 'en-GB' });
  await settled(page, `${host.base}/imports/i1`);
  await page.getByRole('button', { name: OPEN }).click();
  await page.getByLabel('Who takes it back').fill('Ayşe');
  await page.keyboard.press('Enter');
  const alert = page.getByRole('dialog').getByRole('alert');
  await alert.getByText('Another import is under way').waitFor();
  await alert.getByText('i2 is under way').waitFor();
  await shot(page, 'undo-under-way');
  assert.equal((await host.get('/imports/i1')).state, 'committed');

  // The same file again wakes the host, which goes on where the import stood.
  await rmdir(stored);
  await rename(`${stored}.aside`, stored);
  await host.post('/imports?name=long.csv', long);
  assert.equal((await host.ended('i2')).counts.created, 50_000);
  await page.getByRole('button', { name: 'Take it back', exact: true }).click();
  await heading(page, 'This import is taken back');
  await page.context().close();
  await host.remove();
});

test('what a failed import has changed can be taken back', async () => {
  // Killed on its way, and then its file is gone for good.
  let host = await Host.start({ args: ['--batch-rows', '1'] });
  const row = (at) => `u${at},+9053220${String(at).padStart(5, '0')},1\n`;
  const { file } = await host.post('/imports?name=lost.csv', HEADER + Array.from({ length: 50_000 }, (_, at) => row(at)).join(''));
  while ((await host.get('/imports/i1')).counts.created === 0);
  await host.kill();
  await rm(join(host.data, 'uploads', `${file.sha256}.csv`));
  host = await Host.start({ data: host.data });
  const failed = await host.ended('i1');
  assert.ok(failed.state === 'failed' && failed.counts.created > 0, JSON.stringify(failed));
  const { page } = await opened(browser, { locale: 'en-GB' });
  await settled(page, `${host.base}/imports/i1`);
  assert.equal((await figures(page)).Created, failed.counts.created.toLocaleString('en-GB'));
  await shot(page, 'undo-failed');
  await page.getByRole('button', { name: OPEN }).click();
  await page.getByLabel('Who takes it back').fill('Ayşe');
  await page.keyboard.press('Enter');
  await heading(page, 'This import is taken back');
  assert.equal((await host.get('/profiles')).profiles.length, 0);
  await page.context().close();
  await host.remove();
});

/** Imports a file that should not have been, between two that should, and lets a person speak: one for every ending. */
async function wrongFile(host) {
  const [one, two, three] = ['t1,+905321000001,', 't2,+905321000002,1\n', 't3,+905321000006,1\n'];
  await host.import('first.csv', `${HEADER}${one}2\n${two}${three}`);
  // Changes t1, moves t2 and t3 to other numbers, makes t4 and t5.
  const moved = 't2,+905321000012,1\nt3,+905321000016,1\n';
  const made = 't4,+905321000003,1\nt5,+905321000004,1\n';
  const { import: id } = await host.import('wrong.csv', `${HEADER}${one}1\n${moved}${made}`);
  // Confirms t5, and gives somebody new the number that t3 had.
  await host.import('later.csv', `${HEADER}t5,+905321000004,1\nt6,+905321000006,1\n`);
  await host.post('/opt-outs', { number: '+905321000012', heard: 'desk' });
  return id;
}

/** The id of the element that has the focus. */
function focused(page) {
  return page.evaluate(() => document.activeElement?.id);
}

/** Everything of the dialog is inside the window, and nothing of it is cut off sideways. */
async function inside(page, where) {
  const dialog = page.locator('dialog[open]');
  const box = await dialog.boundingBox();
  const { width, height } = page.viewportSize();
  assert.ok(box.x >= 0 && box.x + box.width <= width, `${where}: ${JSON.stringify(box)}`);
  assert.ok(box.y >= 0 && box.y + box.height <= height, `${where}: ${JSON.stringify(box)}`);
  assert.equal(await dialog.evaluate((element) => element.scrollWidth > element.clientWidth), false, where);
}
