// The TypeScript types are written by hand beside the Rust ones. What the engine really answers must fit them:
// no key too many, none too few, no null where a key should be left out.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { CODES, check, rules, version } from 'consentry';

import { root, vectors } from './vectors.mjs';

test('answers fit the types', async () => {
  const lines = ["import type { Engine, Report, RuleText } from 'consentry';"];
  for (const [at, vector] of vectors().entries()) {
    const { report } = await check(vector.bytes, { ...vector.options, name: 'people.csv' });
    lines.push(`// ${vector.name}`, `export const report${at} = (${JSON.stringify(report)}) satisfies Report;`);
  }
  lines.push(`export const rules = (${JSON.stringify(await rules())}) satisfies RuleText[];`);
  lines.push(`export const engine = (${JSON.stringify(await version())}) satisfies Engine;`);
  assertCompiles('answers', lines);
});

test('the types are not so wide that anything fits', async () => {
  const [vector] = vectors();
  const { report } = await check(vector.bytes, vector.options);
  const wrong = {
    'a key too many': { ...report, extra: 1 },
    'a null instead of no key': { ...report, file: { ...report.file, name: null } },
    'a key missing': { ...report, digest: undefined },
    'a code that is none': { ...report, codes: { 'no-such-code': 1 } },
  };
  for (const [what, value] of Object.entries(wrong)) {
    const lines = [
      "import type { Report } from 'consentry';",
      '// @ts-expect-error',
      `export const report = (${JSON.stringify(value)}) satisfies Report;`,
    ];
    assertCompiles(what.replaceAll(' ', '-'), lines);
  }
});

test('the codes of the package are the rules of the engine', async () => {
  assert.deepEqual(
    [...CODES],
    (await rules()).map((rule) => rule.code),
  );
});

/** Inside the checkout, so that `consentry` is found as any customer's compiler finds it. */
function assertCompiles(name, lines) {
  const folder = join(root, 'target/consentry/types', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'answers.ts'), `${lines.join('\n')}\n`);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        noEmit: true,
        strict: true,
        exactOptionalPropertyTypes: true,
        module: 'nodenext',
        target: 'es2023',
        types: [],
        lib: ['es2023', 'dom', 'dom.iterable'],
      },
      files: ['answers.ts'],
    }),
  );
  try {
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['--project', folder], { encoding: 'utf8' });
  } catch (failed) {
    assert.fail(`${name}: the TypeScript compiler says\n${failed.stdout}${failed.stderr}`);
  }
}
