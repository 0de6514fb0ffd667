// One peer in Node: `node peer.mjs SPLITTER LIBRARY FILE` prints what the bench reads. The clock starts once the
// libraries are loaded: how long Node takes to start is not the point.

import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';

import { byAwesome, byGoogle, byLibphonenumberJs, byPattern } from './numbers.mjs';
import { Tally } from './tally.mjs';

const require = createRequire(import.meta.url);
const [splitter, library, path] = process.argv.slice(2);

const libraries = {
  min: async () => byLibphonenumberJs((await import('libphonenumber-js/min')).default),
  max: async () => byLibphonenumberJs((await import('libphonenumber-js/max')).default),
  google: async () => byGoogle(require('google-libphonenumber')),
  awesome: async () => byAwesome((await import('awesome-phonenumber')).parsePhoneNumber),
  regex: async () => byPattern(),
};

const splitters = {
  async papaparse() {
    const { default: papa } = await import('papaparse');
    return (row) => new Promise((complete, error) => {
      let header = true;
      const chunk = ({ data }) => {
        for (const cells of data) {
          if (header) header = false;
          else row(cells);
        }
      };
      papa.parse(createReadStream(path), { chunk, complete, error, skipEmptyLines: true });
    });
  },
  async 'csv-parse'() {
    const { parse } = await import('csv-parse');
    return async (row) => {
      for await (const cells of createReadStream(path).pipe(parse({ from: 2 }))) row(cells);
    };
  },
};

const split = await splitters[splitter]();
const tally = new Tally(await libraries[library]());
const start = performance.now();
await split((cells) => tally.row(cells));
console.log(JSON.stringify(tally.answer((performance.now() - start) / 1000)));
