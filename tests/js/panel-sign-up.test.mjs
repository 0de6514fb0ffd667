// Meta's own sign-up from the panel: the real host, a real browser, and the stand-in for the dialog on another origin. And
// what the steps of connecting say, in Turkish too.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Host, fits, heading, opened, settled, shot } from './panel.mjs';

const OPEN = 'Sign up with Meta …';

let browser, host;

before(async () => {
  browser = await launch();
  host = await Host.start({ args: ['--sandbox'] });
  await until(async () => (await host.get('/accounts')).accounts.length > 0);
  await forgetAll();
});

after(async () => {
  await host?.remove();
  await browser?.close();
});

/** Looks again until it is so; there is nothing to be told by. */
async function until(happened) {
  const patience = AbortSignal.timeout(15_000);
  while (!(await happened())) {
    patience.throwIfAborted();
    await new Promise((later) => setTimeout(later, 20));
  }
}

/** Nothing is connected. */
async function forgetAll() {
  for (const { account } of (await host.get('/accounts')).accounts) {
    await fetch(`${host.base}/api/v1/accounts/${account}`, { method: 'DELETE' });
  }
}

/** The page for connecting, and what it sends to be signed up. */
async function connecting(locale = 'en-GB') {
  const { page, heard } = await opened(browser, { locale });
  const sent = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/accounts/signup')) sent.push(request.postDataJSON());
  });
  await settled(page, `${host.base}/connect`);
  return { page, heard, sent };
}

/** Opens the dialog; its window. */
async function dialog(page) {
  const opening = page.waitForEvent('popup');
  await page.getByRole('button', { name: OPEN }).click();
  const window = await opening;
  await window.getByRole('button', { name: 'Continue' }).waitFor();
  return window;
}

describe('signing up with Meta', () => {
  test('connects the account that was chosen in the window', async () => {
    const { page, heard, sent } = await connecting();
    await fits(page, 'the page with a sign-up');
    const window = await dialog(page);
    const asked = new URL(window.url());
    assert.equal(asked.origin, host.sandbox);
    assert.equal(asked.searchParams.get('redirect_uri'), `${host.base}/connect/return`);
    await page.getByText('Go on in Meta’s window').waitFor();
    await shot(page, 'sign-up-away');
    await window.getByRole('button', { name: 'Continue' }).click();
    await page.locator('.account.is-new', { hasText: 'Sandbox Shop is connected.' }).waitFor();
    await shot(page, 'sign-up-connected');
    const [{ code, state, ...told }] = sent;
    assert.ok(code.startsWith('AQ') && state === undefined && sent.length === 1);
    assert.deepEqual(told, {
      redirect_uri: `${host.base}/connect/return`,
      waba_id: '102290129340398',
      phone_number_id: '106540352242922',
    });
    if (!window.isClosed()) {
      await heading(window, 'Back from Meta');
      assert.equal(new URL(window.url()).search, '', 'no code stays in an address');
    }
    assert.equal((await host.get('/accounts')).accounts.length, 1);
    assert.deepEqual(heard, []);
    await page.context().close();
    await forgetAll();
  });

  test('finds the account by the token where the window told nothing', async () => {
    const { page, sent } = await connecting();
    const window = await dialog(page);
    // As where a browser keeps the two apart.
    await window.evaluate(() => (window.opener = null));
    await window.getByRole('button', { name: 'Continue' }).click();
    await page.locator('.account.is-new', { hasText: 'Sandbox Shop is connected.' }).waitFor();
    assert.deepEqual(Object.keys(sent[0]).sort(), ['code', 'redirect_uri']);
    await page.context().close();
    await forgetAll();
  });

  test('says so when somebody gives up, and begins again', async () => {
    const { page, sent } = await connecting();
    const window = await dialog(page);
    await window.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('The sign-up was given up.').first().waitFor();
    await shot(page, 'sign-up-cancelled');
    assert.deepEqual(sent, []);
    const again = await dialog(page);
    await page.getByRole('button', { name: 'Stop waiting' }).click();
    await page.getByText('Go on in Meta’s window').waitFor({ state: 'detached' });
    await again.getByRole('button', { name: 'Continue' }).click();
    await again.waitForEvent('close').catch(() => {});
    assert.deepEqual(sent, [], 'nobody waits for it any more');
    await page.context().close();
  });

  test('believes no other origin, and no return that it did not ask for', async () => {
    const { page, sent } = await connecting();
    const window = await dialog(page);
    const message = { type: 'WA_EMBEDDED_SIGNUP', event: 'FINISH', data: { waba_id: '666', phone_number_id: '667' } };
    // From this site itself, which is not Meta.
    await page.evaluate((message) => window.postMessage(JSON.stringify(message), '*'), message);
    // A return to another sign-up, or to none.
    const stray = await page.context().newPage();
    await stray.goto(`${host.base}/connect/return?code=AQstolen&state=guessed`);
    await stray.goto(`${host.base}/connect/return?code=AQstolen`).catch(() => {});
    assert.deepEqual(sent, []);
    await window.evaluate(() => (window.opener = null));
    await window.getByRole('button', { name: 'Continue' }).click();
    await page.locator('.account.is-new', { hasText: 'Sandbox Shop is connected.' }).waitFor();
    assert.equal(sent.length, 1);
    assert.equal(sent[0].waba_id, undefined, 'a stranger’s word on the account');
    assert.ok(sent[0].code !== 'AQstolen');
    await page.context().close();
    await forgetAll();
  });

  test('is not offered where the host has no app for it', async () => {
    const other = await Host.start();
    const { page } = await opened(browser, { locale: 'en-GB' });
    await settled(page, `${other.base}/connect`);
    assert.equal(await page.getByRole('button', { name: OPEN }).count(), 0);
    const headers = (await fetch(`${other.base}/connect`)).headers;
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
    await page.context().close();
    await other.remove();
  });
});

describe('the steps of connecting', () => {
  test('are told in the reader’s language', async () => {
    const { page } = await connecting('tr-TR');
    await page.getByLabel('Sistem kullanıcısı anahtarı').fill('EAAsandboxtoken');
    const said = page.locator('.step-said');
    await said.filter({ hasText: 'Anahtar geçerli, süresi bitmiyor' }).waitFor();
    await said.filter({ hasText: 'Gizli anahtar olmadan istekler kanıt taşımaz' }).waitFor();
    await said.filter({ hasText: 'Sandbox Shop bu anahtarla yönetilebiliyor' }).waitFor();
    await page.getByLabel('Uygulama kimliği').fill('1');
    await page.getByLabel('Uygulama gizli anahtarı').fill('x');
    await said.filter({ hasText: 'Öncekilerden sonra' }).first().waitFor();
    const english = (await said.allInnerTexts()).filter((text) => /\b(the|token|secret|account|after)\b/i.test(text));
    assert.deepEqual(english, []);
    await shot(page, 'connect-checked-tr');
    await page.context().close();
  });
});
