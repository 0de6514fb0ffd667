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
  const { check, prepare } = await import(join(root, 'wasm/dist/index.js'));
  await prepare();
  const blob = await openAsBlob(path);
  const start = performance.now();
  const { report } = await check(blob);
  return { rows: report.counts.rows, seconds: (performance.now() - start) / 1000, digest: report.digest };
}

/**
 * From the `File` in the page to the report: in a page that had time to get ready, as one that shows a place to drop
 * files has (`seconds`), and in one that had none (`seconds_unprepared`: worker and engine are started as well).
 */
async function inChromium(path) {
  const server = await serve(join(root, 'wasm/dist'));
  try {
    const { seconds: seconds_unprepared } = await inPage(server.url, path, false);
    return { ...(await inPage(server.url, path, true)), seconds_unprepared };
  } finally {
    await server.close();
  }
}

/** In a browser of its own, so that nothing was compiled before. */
async function inPage(url, path, prepared) {
  const browser = await launch();
  try {
    return await judged(await browser.newPage(), url, path, prepared);
  } finally {
    await browser.close();
  }
}

async function judged(page, url, path, prepared) {
  await page.goto(url);
  await page.evaluate(() => {
    const input = document.createElement('input');
    input.type = 'file';
    document.body.append(input);
  });
  await page.locator('input').setInputFiles(path);
  return page.evaluate(async (prepared) => {
    const { check, prepare } = await import('/package/index.js');
    if (prepared) await prepare();
    const [file] = document.querySelector('input').files;
    const since = (start) => (performance.now() - start) / 1000;
    const start = performance.now();
    let findings_seconds;
    const { report } = await check(file, {}, ({ diagnostics }) => {
      if (diagnostics.length > 0) findings_seconds ??= since(start);
    });
    return { rows: report.counts.rows, seconds: since(start), findings_seconds, digest: report.digest };
  }, prepared);
}
