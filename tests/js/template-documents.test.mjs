// What the builder of the panel does to a template: one place changes, everything else stays as it came.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, test } from 'node:test';

import { lint } from 'consentry';

import { root } from './vectors.mjs';

const FILES = ['document', 'components', 'variables'].map((name) => join(root, `wasm/panel/src/template/${name}.ts`));

let folder, documents, components, variables;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'consentry-template-'));
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const options = '--target es2023 --module esnext --moduleResolution bundler --rewriteRelativeImportExtensions --types';
  execFileSync(process.execPath, [tsc, ...options.split(' '), '', '--strict', '--outDir', folder, ...FILES]);
  const load = (name) => import(pathToFileURL(join(folder, `${name}.js`)));
  [documents, components, variables] = await Promise.all(['document', 'components', 'variables'].map(load));
});

after(() => rm(folder, { recursive: true, force: true }));

/** Templates as Meta documents them, among them parts that the builder does not know. */
async function templates() {
  const base = join(root, 'tests/vectors/lint');
  const found = [];
  for (const rule of await readdir(base)) {
    for (const name of await readdir(join(base, rule))) {
      const read = () => JSON.parse(readFileSync(join(base, rule, name, 'input.json'), 'utf8'));
      try {
        const input = read();
        found.push(input.template ?? input);
      } catch {
        // Some inputs are no JSON, on purpose.
      }
    }
  }
  return found.filter((one) => Array.isArray(one?.components));
}

describe('places', () => {
  test('are found and replaced by their pointers', () => {
    const { get, set, insert, remove, move } = documents;
    const document = { a: [{ b: 1 }, { b: 2 }], 'c/d': { '~': 3 } };
    assert.equal(get(document, '/a/1/b'), 2);
    assert.equal(get(document, '/c~1d/~0'), 3);
    for (const nowhere of ['/a/2', '/a/-', '/a/01', '/x/y', '/a/0/b/c']) assert.equal(get(document, nowhere), undefined);
    assert.deepEqual(set(document, '/a/0/b', 9).a, [{ b: 9 }, { b: 2 }]);
    assert.deepEqual(set(document, '/x/y', 1).x, { y: 1 });
    assert.equal(set(document, '', 7), 7);
    assert.deepEqual(set(document, '/a/5/b', 1), document, 'a list is not grown by this');
    assert.deepEqual(insert(document, '/a', 1, 'new').a, [{ b: 1 }, 'new', { b: 2 }]);
    assert.deepEqual(insert({}, '/list', 0, 1), { list: [1] });
    assert.deepEqual(remove(document, '/a/0').a, [{ b: 2 }]);
    assert.deepEqual(remove(document, '/c~1d/~0')['c/d'], {});
    assert.equal(remove(document, '/a/7'), document);
    assert.deepEqual(move(document, '/a', 0, 1).a, [{ b: 2 }, { b: 1 }]);
    assert.equal(move(document, '/a', 0, 2), document);
    assert.deepEqual(document, { a: [{ b: 1 }, { b: 2 }], 'c/d': { '~': 3 } }, 'nothing is changed in place');
  });

  test('are repaired as the engine says', () => {
    const { patched } = documents;
    const add = (path, value) => patched({ a: [1, 2], b: 'x' }, [{ op: 'add', path, value }]);
    assert.deepEqual(add('/b', 'y'), { a: [1, 2], b: 'y' });
    assert.deepEqual(add('/a/1', 9), { a: [1, 9, 2], b: 'x' });
    assert.deepEqual(add('/a/-', 9), { a: [1, 2, 9], b: 'x' });
    assert.deepEqual(add('/a/9', 9), { a: [1, 2], b: 'x' });
  });
});

test('every repair that the engine offers mends what it complains about', async () => {
  let mended = 0;
  for (const template of await templates()) {
    const { diagnostics } = await lint(template);
    for (const { code, path, fix } of diagnostics.filter((one) => one.fix)) {
      const after = await lint(documents.patched(template, fix));
      const same = (one) => one.code === code && one.path === path;
      const fewer = after.diagnostics.filter(same).length < diagnostics.filter(same).length;
      assert.ok(fewer, `${code} at ${path}`);
      mended += 1;
    }
  }
  assert.ok(mended >= 8, `${mended} repairs`);
});

test('what the builder has no fields for stays, whatever is changed beside it', async () => {
  const { set } = documents;
  const { find, withComponent, withoutComponent, others } = components;
  let kept = 0;
  for (const template of await templates()) {
    const unknown = others(template, '/components').map(({ at }) => documents.get(template, at));
    const body = find(template, '/components', 'BODY');
    let changed = body === undefined ? template : set(template, `${body}/text`, 'Other words');
    changed = withComponent(withoutComponent(changed, '/components', 'FOOTER'), '/components', { type: 'HEADER', format: 'LOCATION' });
    const still = others(changed, '/components').map(({ at }) => documents.get(changed, at));
    assert.deepEqual(still, unknown);
    for (const member of Object.keys(template)) if (member !== 'components') assert.deepEqual(changed[member], template[member]);
    kept += unknown.length;
  }
  assert.ok(kept > 0);
});

describe('variables', () => {
  const positional = () => ({
    parameter_format: 'POSITIONAL',
    components: [
      { type: 'HEADER', format: 'TEXT', text: 'Hi {{1}}', example: { header_text: ['Sam'] } },
      { type: 'body', text: 'Order {{2}} of {{1}} and {{1}}', example: { body_text: [['Sam', '7']] } },
      { type: 'BUTTONS', buttons: [{ type: 'URL', text: 'Go', url: 'https://x.example/{{1}}', example: ['a'] }, { type: 'COPY_CODE', example: 'X1' }] },
    ],
  });

  test('are all found, with their keys and examples', () => {
    assert.deepEqual(
      variables.slots(positional()).map(({ key, name, place, example }) => [key, name, place, example]),
      [
        ['header.1', '1', 'header', 'Sam'],
        ['body.2', '2', 'body', '7'],
        ['body.1', '1', 'body', 'Sam'],
        ['button.0', '1', 'button', 'a'],
        ['button.1', '', 'code', 'X1'],
      ],
    );
    const card = { type: 'CAROUSEL', cards: [{ components: [{ type: 'HEADER', format: 'IMAGE' }, { type: 'BODY', text: 'a {{1}}' }] }] };
    assert.deepEqual(variables.slots({ components: [card] }).map(({ key }) => key), ['card.0.header.media', 'card.0.body.1']);
  });

  test('get the next number, or a name that is free', () => {
    assert.equal(variables.nextVariable(positional(), 'a {{1}} {{3}}'), '4');
    assert.equal(variables.nextVariable(positional(), ''), '1');
    const named = { parameter_format: 'named', components: [{ type: 'BODY', text: 'Hi {{first_name}}' }] };
    assert.equal(variables.nextVariable(named, 'Hi {{first_name}}'), 'order_number');
  });

  test('keep examples in the shape that Meta wants', () => {
    const template = positional();
    const at = (key) => variables.slots(template).find((slot) => slot.key === key);
    assert.deepEqual(variables.withExample(template, at('body.2'), '8').components[1].example, { body_text: [['Sam', '8']] });
    assert.deepEqual(variables.withExample(template, at('header.1'), 'Al').components[0].example, { header_text: ['Al'] });
    assert.deepEqual(variables.withExample(template, at('button.0'), 'b').components[2].buttons[0].example, ['b']);
    const shorter = documents.set(template, '/components/1/text', 'Order of {{1}}');
    assert.deepEqual(variables.pruned(shorter, '/components/1', 'body').components[1].example, { body_text: [['Sam']] });
    const none = documents.set(template, '/components/1/text', 'Order');
    assert.equal('example' in variables.pruned(none, '/components/1', 'body').components[1], false);
  });

  test('become names and numbers again, with their examples and where their values come from', () => {
    const sources = { 'body.1': { attribute: 'first_name' }, 'button.0': { default: 'home' } };
    const [named, moved] = variables.reformatted(positional(), sources, 'NAMED');
    assert.equal(named.parameter_format, 'NAMED');
    assert.equal(named.components[1].text, 'Order {{value_2}} of {{value_3}} and {{value_3}}');
    assert.deepEqual(named.components[1].example, {
      body_text_named_params: [
        { param_name: 'value_2', example: '7' },
        { param_name: 'value_3', example: 'Sam' },
      ],
    });
    assert.deepEqual(moved, { 'body.value_3': { attribute: 'first_name' }, 'button.0': { default: 'home' } });
    const [back, movedBack] = variables.reformatted(named, moved, 'POSITIONAL');
    assert.equal(back.components[1].text, 'Order {{1}} of {{2}} and {{2}}');
    assert.deepEqual(back.components[1].example, { body_text: [['7', 'Sam']] });
    assert.deepEqual(movedBack, { 'body.2': { attribute: 'first_name' }, 'button.0': { default: 'home' } });
  });
});
