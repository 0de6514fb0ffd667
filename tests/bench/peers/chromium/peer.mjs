// papaparse and libphonenumber-js/max in a page, from a `File` to the report: what an importer in the browser does
// today. `node peer.mjs FILE` prints what the bench reads; `CHROMIUM` names the browser.

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { launch } from '../../../js/chromium.mjs';
import { serve } from '../../../js/static.mjs';

const node = fileURLToPath(new URL('../node', import.meta.url));
const require = createRequire(`${node}/`);
const [path] = process.argv.slice(2);
// The minified files that their authors mean for pages.
const scripts = [
  require.resolve('papaparse/papaparse.min.js'),
  `${dirname(require.resolve('libphonenumber-js/package.json'))}/bundle/libphonenumber-max.js`,
];

const server = await serve(node);
const browser = await launch();
try {
  const page = await browser.newPage();
  await page.goto(server.url);
  for (const script of scripts) {
    const source = script.slice(node.length + 1);
    await page.evaluate((url) => new Promise((done, failed) => {
      const element = document.createElement('script');
      Object.assign(element, { src: url, onload: done, onerror: failed });
      document.head.append(element);
    }), `/package/${source}`);
  }
  await page.evaluate(() => {
    const input = document.createElement('input');
    input.type = 'file';
    document.body.append(input);
  });
  await page.locator('input').setInputFiles(path);
  const answer = await page.evaluate(async () => {
    const { Tally } = await import('/package/tally.mjs');
    const { byLibphonenumberJs } = await import('/package/numbers.mjs');
    const [file] = document.querySelector('input').files;
    const start = performance.now();
    const tally = new Tally(byLibphonenumberJs(window.libphonenumber.default ?? window.libphonenumber.parsePhoneNumber));
    await new Promise((complete, error) => {
      let header = true;
      const chunk = ({ data }) => {
        for (const cells of data) {
          if (header) header = false;
          else tally.row(cells);
        }
      };
      window.Papa.parse(file, { chunk, complete, error, skipEmptyLines: true });
    });
    return tally.answer((performance.now() - start) / 1000);
  });
  console.log(JSON.stringify(answer));
} finally {
  await browser.close();
  await server.close();
}
