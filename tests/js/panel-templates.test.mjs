// Connecting an account and writing templates in the panel, as people meet it: the real host beside its stand-in for
// Meta, a real browser.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Host, fits, heading, opened, settled, shot } from './panel.mjs';

const NARROW = { width: 360, height: 740 };
/** What the sandbox is entered with, as its page says. */
const TOKEN = 'EAAsandboxtoken';
const APP = { id: '634974688087057', secret: 'sandbox-app-secret' };

let browser, host, page, heard;
/** What becomes of the page's drafts. One door for the whole page: one that comes and goes lets some through. */
let onDraft = (route) => route.continue();

before(async () => {
  browser = await launch();
  host = await Host.start({ args: ['--sandbox'] });
  await until(async () => (await host.get('/accounts')).accounts.length > 0);
  ({ page, heard } = await opened(browser, { locale: 'en-GB' }));
  await page.route('**/draft', (route) => onDraft(route));
});

after(async () => {
  await page?.context().close();
  await host?.remove();
  await browser?.close();
});

describe('connecting an account', () => {
  test('the sandbox is connected by itself, and can be forgotten', async () => {
    await settled(page, `${host.base}/templates`);
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('main').getByRole('link', { name: 'WhatsApp', exact: true }).click();
    await heading(page, 'Connect WhatsApp');
    const account = page.locator('.account');
    await account.getByRole('heading', { name: 'Sandbox Shop' }).waitFor();
    assert.match(await account.innerText(), /sandbox[\s\S]*can send[\s\S]*\+1 555-078-3881/);
    await shot(page, 'connect-connected');
    await account.getByRole('button', { name: 'Forget: Sandbox Shop' }).click();
    const dialog = page.getByRole('dialog', { name: 'Forget Sandbox Shop?' });
    await shot(page, 'connect-forget');
    await dialog.getByRole('button', { name: 'Forget' }).click();
    await account.waitFor({ state: 'detached' });
    assert.deepEqual((await host.get('/accounts')).accounts, []);
  });

  test('without an account, the templates and the builder lead there', async () => {
    await settled(page, `${host.base}/templates/new`);
    await heading(page, 'Connect WhatsApp first');
    await settled(page, `${host.base}/templates`);
    await page.getByRole('heading', { name: 'Connect WhatsApp first' }).waitFor();
    await shot(page, 'templates-not-connected');
    await page.getByRole('link', { name: 'Connect an account' }).click();
    await heading(page, 'Connect WhatsApp');
  });

  test('every step is told in plain words as the person goes, before anything is kept', async () => {
    await page.getByLabel('System user token').fill('nonsense');
    const step = (name) => page.locator('.step', { has: page.getByRole('heading', { name: new RegExp(`^${name}`) }) });
    await page.locator('.step.is-failed', { hasText: 'System user token' }).waitFor();
    const button = page.getByRole('button', { name: 'Connect', exact: true });
    assert.equal(await button.isEnabled(), false);
    await shot(page, 'connect-failed');
    await page.getByLabel('System user token').fill(TOKEN);
    await step('Token').locator('.step-said', { hasText: 'The token is good' }).waitFor();
    await step('App').locator('.step-said', { hasText: 'ithout the app secret' }).waitFor();
    await page.getByLabel('App id').fill(APP.id);
    await page.getByLabel('App secret').fill(APP.secret);
    await page.locator('.step.is-ok', { hasText: 'the secret is its own' }).waitFor();
    await shot(page, 'connect-checked');
    assert.deepEqual((await host.get('/accounts')).accounts, []);
    await button.click();
    await page.locator('.account.is-new', { hasText: 'Sandbox Shop is connected.' }).waitFor();
    // Reading goes on with the news.
    await page.waitForFunction(() => document.activeElement.textContent === 'Sandbox Shop');
    assert.equal((await host.get('/accounts')).accounts.length, 1);
  });
});

describe('the list of templates', () => {
  test('has one line for a name, its languages side by side, and filters', async () => {
    await settled(page, `${host.base}/templates`);
    const names = page.locator('.template-list > li');
    await names.first().waitFor();
    const sale = names.filter({ hasText: 'spring_sale' });
    assert.match(await sale.innerText(), /Arabic[\s\S]*in review[\s\S]*English \(United States\)[\s\S]*approved/);
    const all = await names.count();
    await page.getByRole('button', { name: /^rejected/ }).click();
    assert.deepEqual(await names.locator('.row-link').allInnerTexts(), ['win_back']);
    await page.getByRole('button', { name: /^All/ }).click();
    await page.getByLabel('Find a template').fill('garden');
    assert.deepEqual(await names.locator('.row-link').allInnerTexts(), ['spring_sale']);
    await page.getByLabel('Find a template').fill('');
    assert.equal(await names.count(), all);
    await shot(page, 'templates');
  });

  test('is pulled anew, with the outcome told', async () => {
    await page.getByRole('button', { name: 'Get the newest from Meta' }).click();
    await page.locator('.sync-line').getByText(/\d+ templates: \d+ new, \d+ changed, \d+ gone/).waitFor();
  });

  test('leads to every language of a template, drawn beside each other', async () => {
    await page.getByRole('link', { name: 'spring_sale' }).click();
    await heading(page, 'spring_sale');
    await page.locator('.version .bubble').nth(1).waitFor();
    const [arabic, english] = await page.locator('.version').all();
    assert.equal(await arabic.locator('.chat').getAttribute('dir'), 'rtl');
    assert.match(await english.locator('.bubble').innerText(), /Hello Sarah, everything in our garden/);
    assert.match(await arabic.innerText(), /Meta reviews it/);
    assert.equal(await arabic.getByRole('link', { name: /^Edit/ }).count(), 0, 'what Meta would refuse is not offered');
    await shot(page, 'template');
    await settled(page, `${host.base}/templates/${await accountId()}/win_back`);
    await page.locator('.rejected').waitFor();
    await shot(page, 'template-rejected');
  });
});

describe('writing a template', () => {
  test('shows it on a phone as it is typed, and what Meta would refuse beside its field', async () => {
    await settled(page, `${host.base}/templates/new`);
    await heading(page, 'New template');
    await page.locator('.bubble').waitFor();
    await page.getByRole('radio', { name: /Utility/ }).check();
    await page.getByLabel('Name', { exact: true }).fill('Order Shipped');
    await page.locator('.finding-notes', { hasText: 'small letters' }).waitFor();
    await shot(page, 'builder-name-refused');
    await page.locator('.field', { has: page.locator('#at-name') }).getByRole('button', { name: 'Fix it' }).click();
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'order_shipped');

    const text = body();
    await text.pressSequentially('Your order ');
    await page.getByRole('button', { name: 'Add variable' }).click();
    assert.equal(await text.inputValue(), 'Your order {{1}}');
    assert.equal(await text.evaluate((area) => area === document.activeElement), true, 'writing goes on');
    await page.locator('.judged', { hasText: 'Meta would refuse' }).waitFor();
    await page.locator('.finding-notes', { hasText: 'ends with a variable' }).waitFor();
    assert.equal(await text.getAttribute('aria-invalid'), 'true');
    assert.equal(await page.locator('.bubble .filled.is-missing').innerText(), '{{1}}', 'a missing value is seen');
    assert.equal(await page.getByRole('button', { name: 'Submit for approval' }).isEnabled(), false);
    await shot(page, 'builder-refused');

    await text.press('End');
    await text.pressSequentially(' has left our shop and will be with you by tomorrow evening.');
    await text.evaluate((area) => area.setSelectionRange(5, 10));
    await page.getByRole('button', { name: 'Bold' }).click();
    assert.match(await text.inputValue(), /^Your \*order\* \{\{1\}\} has left/);
    await page.locator('.bubble strong', { hasText: /^order$/ }).waitFor();
    await page.getByLabel('Sample: {{1}} · text').fill('A-1043');
    await page.locator('.bubble .filled', { hasText: 'A-1043' }).waitFor();
    await page.locator('.judged.is-fine').waitFor();
    await page.getByLabel('From the profile: {{1}} · text').fill('order_number');
    await page.getByLabel('Default: {{1}} · text').fill('of today');
    await shot(page, 'builder');
  });

  test('mends a number that is missing with one click', async () => {
    const text = body();
    const before = await text.inputValue();
    await text.fill(before.replace('{{1}}', '{{3}}'));
    await page.locator('.finding-notes', { hasText: '1, 2, 3' }).waitFor();
    await text.locator('xpath=ancestor::div[@class="field"]').getByRole('button', { name: 'Fix it' }).click();
    assert.equal(await text.inputValue(), before);
  });

  test('draws buttons, and takes another order from the keyboard', async () => {
    const add = page.getByLabel('Add a button');
    for (const [kind, label] of [
      ['QUICK_REPLY', 'Thanks'],
      ['URL', 'Follow it'],
      ['PHONE_NUMBER', 'Call us'],
      ['QUICK_REPLY', 'Stop'],
    ]) {
      await add.selectOption(kind);
      await page.locator('.one-button').last().getByLabel('Label').fill(label);
    }
    const buttons = page.locator('.one-button');
    await buttons.nth(1).getByLabel('Address').fill('https://shop.example/follow/');
    await buttons.nth(1).getByRole('button', { name: 'Variable at the end' }).click();
    await buttons.nth(2).getByLabel('Number with country code').fill('+905301112233');
    await page.locator('.finding-notes', { hasText: 'mixed' }).waitFor();
    const up = buttons.nth(3).getByRole('button', { name: /^Move up/ });
    await up.focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement.closest('.one-button')?.previousElementSibling?.querySelector('input').value === 'Follow it');
    await page.keyboard.press('Enter');
    await page.locator('.finding-notes', { hasText: 'mixed' }).waitFor({ state: 'detached' });
    const labels = await page.locator('.one-button input:first-of-type').evaluateAll((all) => all.map((input) => input.value));
    assert.deepEqual(labels.filter((label) => /^[A-Z]/.test(label)), ['Thanks', 'Stop', 'Follow it', 'Call us']);
    await page.getByLabel('Sample: {{1}} · end of the address').fill('A-1043');
    await page.getByRole('button', { name: 'See all options' }).click();
    assert.deepEqual(await page.locator('.bubble-all li').allInnerTexts(), ['Thanks', 'Stop', 'Follow it', 'Call us']);
    await shot(page, 'builder-buttons');
    for (const name of [/^Remove the button: 4/, /^Remove the button: 3/]) await page.getByRole('button', { name }).click();
    await page.locator('.judged.is-fine').waitFor();
  });

  test('turns round for a language that runs from right to left', async () => {
    const language = page.getByRole('combobox', { name: 'Language' });
    await language.fill('Arabic (Eg');
    await page.keyboard.press('Enter');
    assert.equal(await language.inputValue(), 'Arabic (Egypt) (ar_EG)');
    await page.locator('.chat[dir=rtl]').waitFor();
    assert.equal(await body().getAttribute('dir'), 'rtl');
    await shot(page, 'builder-arabic');
    await language.fill('en_GB');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    assert.equal(await language.inputValue(), 'English (United Kingdom) (en_GB)');
  });

  test('survives that somebody looks something up meanwhile', async () => {
    const before = await body().inputValue();
    await page.getByRole('link', { name: 'Profiles' }).click();
    await heading(page, 'Profiles');
    await page.goBack();
    await heading(page, 'New template');
    assert.equal(await body().inputValue(), before);
    assert.equal(await page.getByLabel('Default: {{1}} · text').inputValue(), 'of today');
  });

  test('is quick: from the key to the picture', async () => {
    const took = await page.evaluate(async () => {
      const area = document.querySelector('textarea');
      const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;
      const all = [];
      const kept = area.value;
      for (let n = 0; n < 60; n += 1) {
        const bubble = document.querySelector('.bubble-text');
        const seen = new Promise((done) => {
          const watch = new MutationObserver(() => {
            if (!bubble.textContent.includes(`key ${n};`)) return;
            watch.disconnect();
            done(performance.now());
          });
          watch.observe(bubble, { childList: true, characterData: true, subtree: true });
        });
        const began = performance.now();
        set.call(area, `${kept} key ${n};`);
        area.dispatchEvent(new InputEvent('input', { bubbles: true }));
        all.push((await seen) - began);
      }
      set.call(area, kept);
      area.dispatchEvent(new InputEvent('input', { bubbles: true }));
      return all.sort((a, b) => a - b);
    });
    const at = (share) => took[Math.floor(took.length * share)].toFixed(1);
    console.log(`from key to picture: median ${at(0.5)} ms, 90 % ${at(0.9)} ms, slowest ${took.at(-1).toFixed(1)} ms`);
  });
});

describe('a draft', () => {
  test('is saved, found again, and saved by itself from then on', async () => {
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.locator('.keeping-said', { hasText: 'Draft saved' }).waitFor();
    const account = await accountId();
    await settled(page, `${host.base}/templates/${account}/order_shipped`);
    await page.locator('.version', { hasText: 'draft' }).waitFor();
    await page.getByRole('link', { name: /^Edit/ }).click();
    await heading(page, 'order_shipped, British English', 'order_shipped, English (United Kingdom)');
    assert.equal(await page.getByLabel('Default: {{1}} · text').inputValue(), 'of today');
    const text = await body().inputValue();
    await body().fill(`${text} Thank you!`);
    await until(async () => (await draft()).template.components[0].text.endsWith('Thank you!'));
    await page.locator('.keeping-said', { hasText: 'Draft saved' }).waitFor();
  });

  test('keeps what the builder does not know', async () => {
    const stands = await draft();
    const unknown = { type: 'SOMETHING_NEW', inside: { deep: [1, { of: 'it' }] } };
    const template = { ...stands.template, degrees_of_freedom_spec: { a: 1 }, components: [...stands.template.components, unknown] };
    await put({ template, values: stands.values, version: stands.version });
    await page.reload();
    await page.getByRole('heading', { name: 'Kept as it is' }).waitFor();
    await shot(page, 'builder-kept');
    await body().fill((await body().inputValue()).replace(' Thank you!', ' Thank you.'));
    await until(async () => (await draft()).template.components[0].text.endsWith('Thank you.'));
    const after = (await draft()).template;
    assert.deepEqual(after.components.at(-1), unknown);
    assert.deepEqual(after.degrees_of_freedom_spec, { a: 1 });
    await page.locator('.kept-parts').getByRole('button', { name: 'Remove' }).click();
    await until(async () => (await draft()).template.components.every(({ type }) => type !== 'SOMETHING_NEW'));
  });

  test('that somebody else has changed meanwhile is not written over unasked', async () => {
    const told = page.getByRole('alert').getByText('Somebody else has changed this meanwhile');
    /** Somebody else saves, then this page wants to. */
    const both = async (theirs, mine) => {
      const { template, values, version } = await draft();
      await put({ template: { ...template, theirs }, values, version });
      await body().fill(mine);
      await told.waitFor();
      assert.equal((await draft()).template.theirs, theirs);
      assert.equal(await body().inputValue(), mine, 'what was typed stays');
    };
    const before = await body().inputValue();
    await both(1, `${before} Lost.`);
    await shot(page, 'builder-overtaken');
    await page.getByRole('button', { name: 'Show what was saved' }).click();
    await page.waitForFunction((text) => document.querySelector('.builder-fields textarea').value === text, before);
    const mine = `${before} Mine.`;
    await both(2, mine);
    await page.getByRole('button', { name: 'Save mine over it' }).click();
    await until(async () => (await draft()).template.components[0].text === mine);
    await page.locator('.keeping-said', { hasText: 'Draft saved' }).waitFor();
  });

  test('cannot be saved while the host is away, which is told, and nothing typed is lost', async () => {
    onDraft = (route) => route.abort('connectionrefused');
    const mine = `${await body().inputValue()} More.`;
    await body().fill(mine);
    await page.getByRole('alert').getByText('The host does not answer').waitFor();
    onDraft = (route) => route.continue();
    assert.equal(await body().inputValue(), mine);
    await page.getByRole('button', { name: 'Save draft' }).click();
    await until(async () => (await draft()).template.components[0].text === mine);
  });

  test('is written as the document itself by whoever wants that', async () => {
    await page.locator('details.options summary').click();
    const area = page.getByLabel('Exactly what Meta gets. What you change here changes everywhere.');
    await page.waitForFunction(() => document.getElementById('document-text').value !== '');
    const document = JSON.parse(await area.inputValue());
    await area.fill('{ "name": ');
    await page.getByText('This cannot be read yet:').waitFor();
    document.components[0].text = document.components[0].text.replace(' Mine. More.', '');
    await area.fill(JSON.stringify(document));
    assert.match(await body().inputValue(), /Thank you\.$/);
    await page.locator('details.options summary').click();
  });
});

describe('a template at Meta', () => {
  test('is submitted, reviewed, and approved', async () => {
    await page.getByRole('button', { name: 'Submit for approval' }).click();
    await heading(page, 'order_shipped');
    const version = page.locator('.version');
    await version.getByText('in review').waitFor();
    await version.getByText(/Meta reviews it/).waitFor();
    await shot(page, 'template-pending');
    const advanced = await fetch(`${host.sandbox}/_sandbox/advance`, {
      method: 'POST',
      body: JSON.stringify({ ms: 24 * 3600 * 1000 }),
    });
    assert.ok(advanced.ok);
    await page.getByRole('link', { name: 'Templates' }).first().click();
    await page.getByRole('button', { name: 'Get the newest from Meta' }).click();
    await page.locator('.template-list > li', { hasText: 'order_shipped' }).getByText('approved').waitFor();
    await shot(page, 'templates-approved');
  });

  test('is carried over into another language', async () => {
    await page.getByRole('link', { name: 'order_shipped' }).click();
    await page.getByRole('link', { name: /^To another language/ }).click();
    await heading(page, 'order_shipped in another language');
    const language = page.getByRole('combobox', { name: 'Language' });
    await language.fill('en_GB');
    assert.equal(await page.getByRole('option', { name: /en_GB/ }).count(), 0, 'a language that it has is not offered');
    await language.fill('Turkish');
    await page.keyboard.press('Enter');
    await body().fill('*Siparişiniz* {{1}} yola çıktı, yarın akşama kadar sizde olur. Teşekkürler.');
    await page.locator('.judged', { hasText: /Nothing|should take/ }).waitFor();
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.locator('.keeping-said', { hasText: 'Draft saved' }).waitFor();
    await settled(page, `${host.base}/templates/${await accountId()}/order_shipped`);
    await page.locator('.version .bubble').nth(1).waitFor();
    assert.equal(await page.locator('.version').count(), 2);
    await shot(page, 'template-two-languages');
  });

  test('tells what Meta refuses, in its words and in plain ones', async () => {
    const fault = { route: 'POST message_templates', code: 368 };
    const set = await fetch(`${host.sandbox}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(fault) });
    assert.ok(set.ok, await set.text());
    await page.getByRole('link', { name: 'Edit: Turkish' }).click();
    await page.getByRole('button', { name: 'Submit for approval' }).click();
    await page.getByRole('alert').getByText('Meta has refused it').waitFor();
    await shot(page, 'builder-meta-refused');
    await page.goBack();
    await page.locator('.version .bubble').nth(1).waitFor();
  });

  test('is deleted only by whoever types its name', async () => {
    const turkish = page.locator('.version', { hasText: 'Turkish' });
    await turkish.getByRole('button', { name: 'Delete: Turkish' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete it in Turkish?' });
    const button = dialog.getByRole('button', { name: 'Delete' });
    assert.equal(await button.isEnabled(), false);
    await dialog.getByLabel('To be sure, type its name: order_shipped').fill('order_shipped');
    await shot(page, 'template-delete');
    await button.click();
    await turkish.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Delete: / }).click();
    await page.getByLabel('To be sure, type its name: order_shipped').fill('order_shipped');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.locator('.version').getByText(/deleted|being deleted|gone at Meta/).first().or(page.getByRole('alert')).waitFor();
    await shot(page, 'template-deleted');
  });
});

test('nothing else was complained about', () => {
  // Refusals and a lost connection, which the browser notes and the page tells.
  const refused = /status of (409|422)|ERR_CONNECTION_REFUSED/;
  assert.deepEqual(heard.filter((line) => !refused.test(line)), []);
});

test('fits a phone, dark and light, in Turkish and from right to left', async () => {
  const account = await accountId();
  for (const [name, options] of Object.entries({
    'phone-light': { locale: 'en-GB', viewport: NARROW, isMobile: true, hasTouch: true },
    'phone-dark-turkish': { locale: 'tr-TR', viewport: NARROW, isMobile: true, colorScheme: 'dark' },
    dark: { locale: 'en-GB', colorScheme: 'dark' },
    turkish: { locale: 'tr-TR' },
  })) {
    const { page, heard } = await opened(browser, options);
    for (const path of ['connect', 'templates', `templates/${account}/spring_sale`, 'templates/new', `templates/${account}/spring_sale/edit?language=en_US`]) {
      await settled(page, `${host.base}/${path}`);
      const kind = path.replace(`/${account}`, '').replaceAll(/\W+/g, '-');
      if (path === 'templates/new') await full(page);
      if (path.startsWith('templates/')) await page.locator('.bubble').first().waitFor();
      await fits(page, `${name} of ${path}`);
      await shot(page, `${kind}-${name}`);
      await page.evaluate(() => (document.documentElement.dir = 'rtl'));
      await fits(page, `${name} of ${path}, from right to left`);
      await shot(page, `${kind}-${name}-rtl`);
    }
    assert.deepEqual(heard, []);
    await page.context().close();
  }
});

/** Everything the builder has fields for, and long words. */
async function full(page) {
  const card = (n) => ({
    components: [
      { type: 'HEADER', format: 'IMAGE', example: { header_handle: ['4::a'] } },
      { type: 'BODY', text: `Plant number ${n}` },
      { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'More like this' }, { type: 'URL', text: 'Shop', url: 'https://shop.example/{{1}}' }] },
    ],
  });
  const document = {
    name: 'everything',
    language: 'en',
    category: 'MARKETING',
    components: [
      { type: 'HEADER', format: 'TEXT', text: 'Hello {{1}}' },
      { type: 'LIMITED_TIME_OFFER', limited_time_offer: { text: 'Ends soon', has_expiration: true } },
      { type: 'BODY', text: `Dear *{{1}}*, _all_ of ~this~ is \`here\`.\n\n- one\n- two\n> ${'long'.repeat(40)}\nBye for now, see you.` },
      { type: 'FOOTER', text: 'Plants for everybody' },
      { type: 'BUTTONS', buttons: ['One', 'Two', 'Three', 'Four'].map((text) => ({ type: 'QUICK_REPLY', text })) },
      { type: 'CAROUSEL', cards: [card(1), card(2), card(3)] },
      { type: 'SOMETHING_NEW', words: 'long'.repeat(60) },
    ],
  };
  await page.locator('details.options summary').click();
  await page.locator('#document-text').fill(JSON.stringify(document));
  await page.locator('.bubble-cards').waitFor();
  await page.locator('.bubble-button[aria-expanded]').click();
  await page.locator('.judged li').first().waitFor();
}

/** The text of the message. */
function body() {
  return page.locator('.builder-fields textarea').first();
}

async function accountId() {
  return (await host.get('/accounts')).accounts[0].account;
}

/** The draft as the host has it. */
async function draft() {
  const { versions } = await host.get(`/templates/${await accountId()}/order_shipped`);
  return versions.find(({ language }) => language === 'en_GB').draft;
}

async function put(body) {
  const path = `/templates/${await accountId()}/order_shipped/en_GB/draft`;
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${host.base}/api/v1${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${answer.status}`);
}

/** Waits for something that the host does by itself. */
async function until(isSo) {
  for (const end = Date.now() + 15_000; Date.now() < end; ) {
    if (await isSo()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`it did not happen: ${isSo}`);
}
