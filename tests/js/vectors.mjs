// The vectors under tests/vectors, and what it means for a shell to agree with them.
//
// A vector is a folder with `input.csv` (or `input.bin`), perhaps `options.json`, and `report.json`: the report
// without what may differ from place to place (who judged, and what the file is called there). The same files are
// compared byte for byte with the native core and with the host's sandboxed engine.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every vector: `{ name, bytes, optionsText, options, expected }`. Throws when there are none. */
export function vectors() {
  const base = join(root, 'tests/vectors/check');
  const folders = (path) =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  const found = folders(base).flatMap((rule) =>
    folders(join(base, rule)).map((name) => read(`${rule}/${name}`, join(base, rule, name))),
  );
  assert.notEqual(found.length, 0, `there are no vectors under ${base}`);
  return found;
}

/** The report as vectors keep it. */
export function comparable({ engine, ...report }) {
  const { name, sha256, ...file } = report.file;
  return `${JSON.stringify({ ...report, file }, null, 2)}\n`;
}

/** Every vector of a verb: `{ name, input, expected }`. */
export function templateVectors(verb) {
  const base = join(root, 'tests/vectors', verb);
  const found = readdirSync(base).flatMap((rule) =>
    readdirSync(join(base, rule)).map((name) => {
      const file = (path) => readFileSync(join(base, rule, name, path), 'utf8');
      return { name: `${rule}/${name}`, input: file('input.json'), expected: file('report.json') };
    }),
  );
  assert.notEqual(found.length, 0, `there are no vectors under ${base}`);
  return found;
}

/** A report about a template as vectors keep it. */
export const written = (report) => `${JSON.stringify(report, null, 2)}\n`;

function read(name, folder) {
  const file = (path) => readFileSync(join(folder, path));
  const optionsText = existsSync(join(folder, 'options.json')) ? file('options.json').toString() : '{}';
  return {
    name,
    bytes: new Uint8Array(file(existsSync(join(folder, 'input.csv')) ? 'input.csv' : 'input.bin')),
    optionsText,
    options: JSON.parse(optionsText),
    expected: file('report.json').toString(),
  };
}
