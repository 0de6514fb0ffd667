// The npm package in Node.js judges and draws every template as every other shell does.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { TEMPLATE_CODES, lint, preview, templateRules } from 'consentry';

import { templateVectors, written } from './vectors.mjs';

describe('lint', () => {
  for (const { name, input, expected } of templateVectors('lint')) {
    test(name, async () => assert.equal(written(await lint(input)), expected));
  }

  test('takes objects and what is known besides', async () => {
    const template = { name: 'a', language: 'en', category: 'UTILITY', components: [{ type: 'BODY', text: 'All is well.' }] };
    assert.deepEqual(await lint(template), { diagnostics: [] });
    const existing = [{ name: 'a', language: 'en', status: 'APPROVED' }];
    assert.deepEqual((await lint(template, { existing })).diagnostics.map(({ code }) => code), ['name-taken']);
  });
});

describe('preview', () => {
  for (const { name, input, expected } of templateVectors('preview')) {
    test(name, async () => assert.equal(written(await preview(JSON.parse(input))), expected));
  }
});

test('every code about templates is explained', async () => {
  assert.deepEqual((await templateRules()).map(({ code }) => code), [...TEMPLATE_CODES]);
});
