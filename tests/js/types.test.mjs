// The TypeScript types are written by hand beside the Rust ones. What the engine really answers must fit them:
// no key too many, none too few, no null where a key should be left out. The same holds for the panel's types of what
// the host answers.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { CODES, TEMPLATE_CODES, check, lint, preview, rules, templateRules, version } from 'consentry';

import { Host } from './panel.mjs';
import { root, templateVectors, vectors } from './vectors.mjs';

const PANEL_TYPES = '../../../../wasm/panel/src/api/documents.ts';

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

test('answers about templates fit the types', async () => {
  const lines = ["import type { LintReport, PreviewReport, TemplateRuleText } from 'consentry';"];
  const fits = (type, document) =>
    lines.push(`export const answer${lines.length} = (${JSON.stringify(document)}) satisfies ${type};`);
  for (const { input } of templateVectors('lint')) fits('LintReport', await lint(input));
  for (const { input } of templateVectors('preview')) fits('PreviewReport', await preview(JSON.parse(input)));
  fits('TemplateRuleText[]', await templateRules());
  assert.deepEqual((await templateRules()).map(({ code }) => code), [...TEMPLATE_CODES]);
  assertCompiles('templates', lines);
});

test('what the host answers fits the types of the panel', async () => {
  const host = await Host.start();
  const file = (rows) => `exid,wpNumber,permission\n${rows}`;
  const query = (name) => `/imports?${new URLSearchParams({ name, override_opt_outs: 'true', reason: 'signed' })}`;
  const lines = [`import type { ImportDoc, ProfilesPage, Timeline } from '${PANEL_TYPES}';`];
  const fits = (type, document) => {
    lines.push(`export const answer${lines.length} = (${JSON.stringify(document)}) satisfies ${type};`);
    return document;
  };
  try {
    await host.import('first.csv', file('7,+905301112233,2\n8,+905301112255,1\n9,call me,1\n'));
    await host.post('/opt-outs', { number: '+905301112233', heard: 'desk' });
    fits('ImportDoc', await host.post(query('lifted.csv'), file('7,+905301112233,1\n')));
    await host.ended('i2');
    await host.import('moved.csv', file('8,+905301112233,1\n10,+905301112244,1\n11,+905301112266,1\n'));
    await host.import('later.csv', file('10,+905301112244,1\n'));
    await host.post('/imports/i3/undo', { by: 'desk', reason: 'the wrong file' });
    fits('ImportDoc', await host.import('unusable.csv', 'exid\n7\n'));
    const { imports } = fits('{ imports: ImportDoc[] }', await host.get('/imports'));
    for (const { import: id } of imports) fits('ImportDoc', await host.get(`/imports/${id}`));
    const { undo } = await host.get('/imports/i3');
    assert.deepEqual([undo.reversed, undo.removed, undo.kept_profiles.length], [2, 1, 1]);
    const seen = new Set();
    for (const of of ['p1', 'p2', 'p3', 'p4', '+905301112233', '+442071234567']) {
      const { events } = fits('Timeline', await host.get(`/explain?${new URLSearchParams({ of })}`));
      for (const event of events) [event.source.kind, ...Object.keys(event)].forEach((key) => seen.add(key));
    }
    for (const key of ['file', 'person', 'undo', 'lost_to', 'taken_from', 'lifted_opt_out_of']) {
      assert.ok(seen.has(key), `${key} was not met`);
    }
    fits('ProfilesPage', await host.get('/profiles?limit=1'));
  } finally {
    await host.remove();
  }
  assertCompiles('host', lines);
});

test('what the host answers about accounts and templates fits the types of the panel', async () => {
  const host = await Host.start({ args: ['--sandbox'] });
  const types = PANEL_TYPES.replace('documents.ts', 'templates.ts');
  const lines = [`import type { Account, MetaRefusal, Step, Sync, TemplateDoc } from '${types}';`];
  const fits = (type, document) => {
    lines.push(`export const answer${lines.length} = (${JSON.stringify(document)}) satisfies ${type};`);
    return document;
  };
  try {
    let accounts = [];
    while (accounts.length === 0) ({ accounts } = await host.get('/accounts'));
    const [{ account }] = fits('Account[]', accounts);
    for (const token of ['nonsense', 'EAAsandboxtoken']) {
      fits('{ steps: Step[] }', await host.post('/accounts/check', { token }));
    }
    await host.post('/templates/sync', {});
    await (await fetch(`${host.base}/api/v1/templates/sync/events`)).text();
    const path = `/templates/${account}/spring_sale`;
    const template = { category: 'MARKETING', components: [{ type: 'BODY', text: 'Our shop is open again.' }] };
    const body = JSON.stringify({ template, values: { 'body.1': { attribute: 'city', default: 'here' } } });
    const headers = { 'content-type': 'application/json' };
    const kept = await fetch(`${host.base}/api/v1${path}/en_US/draft`, { method: 'PUT', headers, body });
    fits('TemplateDoc', await kept.json());
    fits('{ versions: TemplateDoc[]; name: string }', await host.get(path));
    fits('{ templates: TemplateDoc[]; sync: Sync }', await host.get('/templates'));
    const fault = JSON.stringify({ route: 'POST *', code: 368 });
    await fetch(`${host.sandbox}/_sandbox/faults`, { method: 'POST', body: fault });
    const refused = await fetch(`${host.base}/api/v1${path}/en_US/submit`, { method: 'POST', headers, body: '{}' });
    fits('MetaRefusal', (await refused.json()).meta);
  } finally {
    await host.remove();
  }
  assertCompiles('templates', lines);
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
        allowImportingTsExtensions: true,
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
