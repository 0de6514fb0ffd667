// Every page of the panel as people see it: three sizes, light and dark, English and Turkish, and right to left, at a real host
// with people, errors, templates, a campaign that was sent, and what was answered. Each has to fit its screen and complain of
// nothing. With `SHOTS` set, a picture of each is kept there, and a sheet of all pictures of a page to look at.

import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Host, fits, opened, settled } from './panel.mjs';

const SHOTS = process.env.SHOTS;
const SIZES = [
  { width: 360, height: 740 },
  { width: 800, height: 1100 },
  { width: 1440, height: 900 },
];
const PAGES = {
  start: '',
  history: 'imports',
  import: 'imports/i2',
  people: 'profiles',
  person: 'profiles/p1',
  events: 'events',
  templates: 'templates',
  template: 'templates/a1/spring_sale',
  builder: 'templates/new',
  campaigns: 'campaigns',
  campaign: 'campaigns/c1',
  editor: 'campaigns/new',
  settings: 'settings',
  health: 'health',
  connect: 'connect',
  webhooks: 'webhooks',
  team: 'team',
  keys: 'keys',
  audit: 'audit',
  account: 'account',
  steps: 'first-steps',
};
/** How long the campaign may take, in milliseconds: it takes seconds, and both cores may be busy. */
const SENT_MS = 90_000;

let browser, host, locked;

before(async () => {
  browser = await launch();
  host = await Host.start({ args: ['--sandbox'] });
  locked = await Host.start({ args: ['--sign-in'] });
  await filled();
});

after(async () => {
  if (SHOTS) await sheets();
  await browser?.close();
  await host?.remove();
  await locked?.remove();
});

/** People, a file with errors, a campaign that is through, and words of theirs. */
async function filled() {
  const person = (at) => `+9053210${String(10_000 + at)},1,e${at},Kişi ${at},İzmir`;
  const rows = Array.from({ length: 60 }, (_, at) => person(at));
  const options = JSON.stringify({ attributes: ['first_name', 'city'] });
  const header = 'wpNumber,permission,exid,first_name,city\n';
  const imported = async (name, text) => {
    const accepted = await host.post(`/imports?${new URLSearchParams({ name, options })}`, text);
    await host.ended(accepted.import);
  };
  await imported('people of İzmir.csv', `${header}${rows.join('\n')}\n`);
  await imported('a file with errors.csv', `${header}${person(1)}\n12,1,x,A,B\n+905321010002,7,y,A,B\n,1,z,A,B\n`);
  await until(async () => (await host.get('/templates')).templates?.some((one) => one.name === 'spring_sale' && one.sendable));
  const values = {
    first_name: { attribute: { name: 'first_name', default: 'you' } },
    last_day: { text: 'Sunday' },
  };
  const message = { template: 'spring_sale', language: 'en_US', values };
  await host.post('/campaigns', { name: 'Spring sale to İzmir', account: 'a1', messages: [message], by: 'Ayşe' });
  await host.post('/campaigns/c1/preflight', { by: 'Ayşe' });
  await until(async () => (await host.get('/campaigns/c1')).state === 'frozen');
  await host.post('/campaigns/c1/start', { by: 'Ayşe' });
  await until(async () => (await host.get('/campaigns/c1')).state === 'finished');
}

async function until(happened) {
  const end = Date.now() + SENT_MS;
  while (!(await happened())) {
    assert.ok(Date.now() < end, `it did not happen: ${happened}`);
    await new Promise((next) => setTimeout(next, 100));
  }
}

const LOOKS = [
  ...['en-GB', 'tr-TR'].flatMap((locale) => ['light', 'dark'].map((colorScheme) => ({ locale, colorScheme, rtl: false }))),
  { locale: 'en-GB', colorScheme: 'light', rtl: true },
];

for (const { locale, colorScheme, rtl } of LOOKS) {
  for (const viewport of SIZES) {
    const look = [viewport.width, colorScheme, rtl ? 'rtl' : locale.slice(0, 2)].join('-');
    describe(look, () => {
      let page, heard;

      before(async () => {
        ({ page, heard } = await opened(browser, { locale, colorScheme, viewport }));
      });

      after(() => page?.context().close());

      for (const [name, path] of [...Object.entries(PAGES), ['sign-in', undefined]]) {
        test(name, async () => {
          heard.length = 0;
          await settled(page, `${path === undefined ? locked.base : host.base}/${path ?? ''}`);
          if (rtl) await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
          await fits(page, name);
          assert.deepEqual(heard, []);
          if (!SHOTS) return;
          await mkdir(SHOTS, { recursive: true });
          // What lies below three screens says nothing new.
          const all = await page.evaluate(() => document.documentElement.scrollHeight);
          const height = Math.min(all, viewport.height * 3);
          const clip = { x: 0, y: 0, width: viewport.width, height };
          await page.screenshot({ path: join(SHOTS, `${name}--${look}.png`), fullPage: true, clip });
        });
      }
    });
  }
}

/** All pictures of each page side by side. */
async function sheets() {
  const files = (await readdir(SHOTS)).filter((file) => file.includes('--') && !file.startsWith('sheet'));
  const names = new Set(files.map((file) => file.split('--')[0]));
  const page = await browser.newPage({ viewport: { width: 2000, height: 1200 } });
  for (const name of names) {
    const own = files.filter((file) => file.startsWith(`${name}--`)).sort();
    const pictures = await Promise.all(
      own.map(async (file) => {
        const data = (await readFile(join(SHOTS, file))).toString('base64');
        return `<figure><img src="data:image/png;base64,${data}"><figcaption>${file}</figcaption></figure>`;
      }),
    );
    const style = 'body{margin:8px;display:flex;flex-wrap:wrap;gap:8px;align-items:start;background:#888}figure{margin:0}img{height:560px;display:block}';
    await page.setContent(`<style>${style}</style>${pictures.join('')}`);
    await writeFile(join(SHOTS, `sheet-${name}.png`), await page.screenshot({ fullPage: true }));
  }
}
