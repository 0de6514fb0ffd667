// The npm package in headless Chromium: in its worker, under the strict policy, judging as every other shell does.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { complaints, launch } from './chromium.mjs';
import { serve } from './static.mjs';
import { comparable, root, templateVectors, vectors, written } from './vectors.mjs';

let server, browser, page, heard, asked;

before(async () => {
  server = await serve(join(root, 'wasm/dist'));
  browser = await launch();
  page = await browser.newPage();
  heard = complaints(page);
  asked = [];
  page.context().on('request', (request) => asked.push(new URL(request.url()).pathname));
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

describe('templates in the worker', () => {
  for (const verb of ['lint', 'preview']) {
    test(verb, async () => {
      const all = templateVectors(verb);
      const answers = await page.evaluate(
        async ([verb, inputs]) => {
          const consentry = await import('/package/index.js');
          const ask = { lint: (input) => consentry.lint(input), preview: (input) => consentry.preview(JSON.parse(input)) };
          const answers = [];
          for (const input of inputs) answers.push(await ask[verb](input));
          return answers;
        },
        [verb, all.map(({ input }) => input)],
      );
      all.forEach(({ name, expected }, at) => assert.equal(written(answers[at]), expected, name));
    });
  }
});

test('both answers about a template come with one question', async () => {
  const inputs = templateVectors('preview').map(({ input }) => input);
  const answers = await page.evaluate(async (inputs) => {
    const { judge, lint, preview } = await import('/package/index.js');
    const answers = [];
    for (const request of inputs.map((input) => JSON.parse(input))) {
      answers.push([await judge(request), { lint: await lint(request.template), preview: await preview(request) }]);
    }
    return answers;
  }, inputs);
  assert.ok(answers.length > 0);
  answers.forEach(([both, each], at) => assert.deepEqual(both, each, inputs[at]));
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

describe('packed files', () => {
  const fixture = (name) => readFileSync(join(root, 'tests/fixtures', name));
  const plain = vectors().find(({ name }) => name === 'permission-zero/published-sample');
  const unpacking = () => asked.filter((path) => path.endsWith('/unpack_bg.wasm')).length;

  test('plain text does not load what opens them', async () => {
    const fresh = await browser.newPage();
    const paths = [];
    fresh.context().on('request', (request) => paths.push(new URL(request.url()).pathname));
    await fresh.goto(server.url);
    await judgedInThePage(plain.bytes, {}, fresh);
    assert.ok(paths.some((path) => path.endsWith('/consentry_bg.wasm')), paths.join());
    assert.ok(!paths.some((path) => path.includes('/unpack')), paths.join());
    await fresh.close();
  });

  for (const name of ['published-sample.xlsx', 'published-sample.csv.gz']) {
    test(name, async () => {
      const bytes = fixture(name);
      const report = await judgedInThePage(bytes, {});
      const expected = JSON.parse(plain.expected);
      assert.equal(report.file.bytes, bytes.length);
      assert.deepEqual(JSON.parse(comparable(report)), {
        ...expected,
        file: { ...expected.file, bytes: bytes.length },
      });
      assert.ok(unpacking() <= 1, 'loaded once for all of them');
    });
  }

  test('a workbook that was cut off', async () => {
    const report = await judgedInThePage(fixture('published-sample.xlsx').subarray(0, -9), {});
    assert.deepEqual([report.refused, report.codes], [true, { 'encoding-unreadable': 1 }]);
    assert.match(report.diagnostics[0].message, /cut off on its way/);
  });
});

describe('prepared', () => {
  /** What `act` gives, in a page of its own, where 40,000 rows wait to be judged; `heard` is what the page complained. */
  async function inFreshPage(act) {
    const fresh = await browser.newPage();
    const heard = complaints(fresh);
    await fresh.goto(server.url);
    await fresh.evaluate(() => {
      const rows = Array.from({ length: 40_000 }, (_, at) => `+90530${String(at).padStart(7, '0')},${at % 500 ? 1 : 7}\n`);
      globalThis.file = new File([`wpNumber,permission\n${rows.join('')}`], 'people.csv');
    });
    const given = await fresh.evaluate(act);
    const workers = fresh.workers().length;
    await fresh.close();
    return { given, workers, heard };
  }
  const unprepared = () =>
    inFreshPage(async () => (await (await import('/package/index.js')).check(file)).report.digest);

  test('a check is the same, whether it waits or not', async () => {
    const ready = await inFreshPage(async () => {
      const { check, prepare } = await import('/package/index.js');
      await prepare();
      return (await check(file)).report.digest;
    });
    const overtaking = await inFreshPage(async () => {
      const { check, prepare } = await import('/package/index.js');
      const prepared = prepare();
      const { report } = await check(file);
      await prepared;
      return report.digest;
    });
    const { given: expected } = await unprepared();
    for (const it of [ready, overtaking]) assert.deepEqual(it, { given: expected, workers: 1, heard: [] });
  });

  test('who stops a check finds a worker ready for the next one', async () => {
    const { given, workers } = await inFreshPage(async () => {
      const { check, prepare } = await import('/package/index.js');
      await prepare();
      const stop = new AbortController();
      const stopped = check(file, { signal: stop.signal }, () => stop.abort(new Error('enough')));
      const why = await stopped.catch(({ message }) => message);
      const { report } = await check(file);
      return [why, report.counts.rows];
    });
    assert.deepEqual([given, workers], [['enough', 40_000], 1]);
  });

  test('the first findings come before the file ends', async () => {
    const { given } = await inFreshPage(async () => {
      const { check } = await import('/package/index.js');
      let first;
      const { report } = await check(new Blob([file, await file.slice(20).text()]), {}, (progress) => (first ??= progress));
      return [first.diagnostics.length > 0, first.rows > 0 && first.rows < report.counts.rows];
    });
    assert.deepEqual(given, [true, true]);
  });

  test('what cannot be loaded is told by the check, not by the preparation', async () => {
    const context = await browser.newContext();
    const fresh = await context.newPage();
    await context.route('**/consentry_bg.wasm', (route) => route.fulfill({ status: 404, body: '' }));
    await fresh.goto(server.url);
    const told = await fresh.evaluate(async () => {
      const { check, prepare } = await import('/package/index.js');
      await prepare();
      return check(new Uint8Array()).catch(({ message }) => message);
    });
    assert.match(told, /could not be loaded.*404/);
    await context.close();
  });
});

test('the work was done by a worker, and nothing was complained about', async () => {
  assert.equal(page.workers().length, 1, 'one worker stays for the next check');
  assert.deepEqual(heard, []);
});

/** The bytes go over as base64, because what is passed to a page is JSON. */
function judgedInThePage(bytes, options, there = page) {
  return there.evaluate(
    async ({ base64, options }) => {
      const { check } = await import('/package/index.js');
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      return (await check(new File([bytes], 'people.csv'), options)).report;
    },
    { base64: Buffer.from(bytes).toString('base64'), options },
  );
}
