// The npm package in headless Chromium: in its worker, under the strict policy, judging as every other shell does.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { complaints, launch } from './chromium.mjs';
import { serve } from './static.mjs';
import { comparable, root, vectors } from './vectors.mjs';

let server, browser, page, heard;

before(async () => {
  server = await serve(join(root, 'wasm/dist'));
  browser = await launch();
  page = await browser.newPage();
  heard = complaints(page);
  await page.goto(server.url);
});

after(async () => {
  await browser?.close();
  await server?.close();
});

describe('in the worker', () => {
  for (const vector of vectors()) {
    test(vector.name, async () => {
      const report = await judgedInThePage(vector.bytes, vector.options);
      assert.equal(comparable(report), vector.expected);
    });
  }
});

test('a file has its name, the engine its hash', async () => {
  const [vector] = vectors();
  const report = await judgedInThePage(vector.bytes, vector.options);
  assert.equal(report.file.name, 'people.csv');
  assert.match(report.engine.sha256, /^[0-9a-f]{64}$/);
});

test('an option that cannot be is told by its name', async () => {
  const error = await page.evaluate(async () => {
    const { check } = await import('/package/index.js');
    return check(new Uint8Array(), { country: 'nowhere' }).catch(({ code, option }) => ({ code, option }));
  });
  assert.deepEqual(error, { code: 'option-invalid', option: 'country' });
});

test('the work was done by a worker, and nothing was complained about', async () => {
  assert.equal(page.workers().length, 1, 'one worker stays for the next check');
  assert.deepEqual(heard, []);
});

/** The bytes go over as base64, because what is passed to a page is JSON. */
function judgedInThePage(bytes, options) {
  return page.evaluate(
    async ({ base64, options }) => {
      const { check } = await import('/package/index.js');
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      return (await check(new File([bytes], 'people.csv'), options)).report;
    },
    { base64: Buffer.from(bytes).toString('base64'), options },
  );
}
