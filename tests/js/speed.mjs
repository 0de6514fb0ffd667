// How fast the npm package judges a file: `node tests/js/speed.mjs node|chromium FILE`. Prints JSON.

import { openAsBlob } from 'node:fs';
import { join } from 'node:path';

import { launch } from './chromium.mjs';
import { serve } from './static.mjs';
import { root } from './vectors.mjs';

const [where, path] = process.argv.slice(2);
const measured = where === 'chromium' ? await inChromium(path) : await inNode(path);
console.log(JSON.stringify(measured));

async function inNode(path) {
  const { check, version } = await import(join(root, 'wasm/dist/index.js'));
  await version();
  const blob = await openAsBlob(path);
  const start = performance.now();
  const { report } = await check(blob);
  return { rows: report.counts.rows, seconds: (performance.now() - start) / 1000, digest: report.digest };
}

/** From the `File` in the page to the report, the start of the worker and the engine included. */
async function inChromium(path) {
  const server = await serve(join(root, 'wasm/dist'));
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.evaluate(() => {
      const input = document.createElement('input');
      input.type = 'file';
      document.body.append(input);
    });
    await page.locator('input').setInputFiles(path);
    return await page.evaluate(async () => {
      const { check } = await import('/package/index.js');
      const [file] = document.querySelector('input').files;
      const start = performance.now();
      const { report } = await check(file);
      return { rows: report.counts.rows, seconds: (performance.now() - start) / 1000, digest: report.digest };
    });
  } finally {
    await browser.close();
    await server.close();
  }
}
