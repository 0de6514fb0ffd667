// Signing in with the business's own provider: a real host, a real browser, and a provider that tells the truth or lies.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, beforeEach, test } from 'node:test';

import { launch } from './chromium.mjs';
import { BIN, opened, shot } from './panel.mjs';

const SECRET = 'a secret with & and = in it';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });

let provider, issuer, host, data, base, browser;
/** What the provider does, by test. */
let acts;
/** Codes it gave, with what they are for. */
const given = new Map();

beforeEach(() => {
  acts = { keys: [published(rsa, 'r1')], email: 'ada@example.com', subject: '7', claims: {}, sign: (message) => rs256(message, rsa), head: { alg: 'RS256', kid: 'r1' } };
});

before(async () => {
  provider = createServer(answer);
  await new Promise((listening) => provider.listen(0, '127.0.0.1', listening));
  issuer = `http://127.0.0.1:${provider.address().port}`;
  data = await mkdtemp(join(tmpdir(), 'consentry-provider-'));
  for (const name of ['ada', 'eve']) {
    await run('user', 'invite', `${name}@example.com`, '--role', 'admin', '--data', data);
  }
  await serve();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  host?.kill('SIGKILL');
  provider?.close();
  provider?.closeAllConnections();
  await rm(data, { recursive: true, force: true });
});

test('whoever was invited comes in by the provider, and never types a password', async () => {
  const { page, heard } = await opened(browser, { locale: 'en-GB' });
  await page.goto(base);
  await shot(page, 'provider-sign-in');
  await page.getByRole('button', { name: `Sign in with ${new URL(issuer).host}` }).click();
  await page.getByRole('link', { name: 'I am Ada' }).click();
  await page.getByRole('navigation').waitFor();
  assert.equal(page.url(), `${base}/`, 'the code stays in no history');
  await page.goto(`${base}/team`);
  await page.getByText('ada@example.com').first().waitFor();
  assert.deepEqual(heard, []);
  const cookies = await page.context().cookies();
  assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]), [['consentry', true, 'Strict']]);
  await page.context().close();
});

test('whom nobody invited is told so, in words', async () => {
  acts.email = 'mallory@example.com';
  const { page } = await opened(browser, { locale: 'tr-TR' });
  await page.goto(base);
  await page.getByRole('button', { name: /ile giriş yap/ }).click();
  await page.getByRole('link', { name: 'I am Ada' }).click();
  await page.getByText('Henüz kimse sizi davet etmedi').waitFor();
  await page.getByText('mallory@example.com').waitFor();
  await shot(page, 'provider-not-invited');
  await page.context().close();
});

test('who gives up at the provider may begin again', async () => {
  const { page } = await opened(browser, { locale: 'en-GB' });
  await page.goto(base);
  await page.getByRole('button', { name: /Sign in with/ }).click();
  await page.getByRole('link', { name: 'I give up' }).click();
  await page.getByText('The provider let nobody in').waitFor();
  await page.getByRole('button', { name: /Sign in with/ }).click();
  await page.getByRole('link', { name: 'I am Ada' }).click();
  await page.getByRole('navigation').waitFor();
  await page.context().close();
});

test('keys of both kinds, and new ones, are taken', async () => {
  assert.equal((await come()).status, 200);
  acts.keys = [published(rsa, 'r1'), published(ec, 'e1')];
  acts.head = { alg: 'ES256', kid: 'r1' };
  acts.sign = es256;
  assert.equal((await come()).status, 502, 'the kind of a key does not follow from what a token says');
  // The host has not heard of this key yet: it asks again, though not all the time.
  await serve();
  acts.head = { alg: 'ES256', kid: 'e1' };
  assert.equal((await come()).status, 200);
});

test('lies are not believed', async () => {
  const now = Math.floor(Date.now() / 1000);
  const lies = {
    'another key': { sign: (message) => rs256(message, other) },
    'no signature': { head: { alg: 'none' }, sign: () => Buffer.alloc(0) },
    'the public key as a secret': {
      head: { alg: 'HS256', kid: 'r1' },
      sign: (message) => createHmac('sha256', rsa.publicKey.export({ type: 'spki', format: 'pem' })).update(message).digest(),
    },
    'another hash': { head: { alg: 'RS512', kid: 'r1' } },
    'another issuer': { claims: { iss: 'https://id.example' } },
    'another server': { claims: { aud: 'other' } },
    'another question': { claims: { nonce: 'other' } },
    'no question': { claims: { nonce: undefined } },
    'of yesterday': { claims: { exp: now - 86_400, iat: now - 90_000 } },
    'an address nobody verified': { claims: { email_verified: false } },
    'an address nobody speaks of': { claims: { email_verified: undefined } },
  };
  for (const [name, lie] of Object.entries(lies)) {
    acts = { keys: [published(rsa, 'r1')], email: 'ada@example.com', subject: '7', claims: {}, sign: (message) => rs256(message, rsa), head: { alg: 'RS256', kid: 'r1' }, ...lie };
    // Each from a start of its own: what failed is counted.
    await serve();
    const answer = await come();
    assert.equal(answer.status, 502, name);
    assert.equal(answer.cookie, undefined, name);
  }
});

test('an address that changes hands at the provider lets nobody in', async () => {
  assert.equal((await come({ email: 'eve@example.com', subject: '8' })).status, 200);
  assert.equal((await come({ email: 'eve@example.com', subject: '9' })).status, 409);
  assert.equal((await come({ email: 'eve@example.com', subject: '8' })).status, 200);
  await run('user', 'reset', 'eve@example.com', '--data', data);
  assert.equal((await come({ email: 'eve@example.com', subject: '9' })).status, 200);
});

test('nobody comes back in another browser, twice, or with what was not asked for', async () => {
  const { kept, state, code } = await leave();
  assert.equal((await back('', state, code)).status, 409);
  assert.equal((await back((await leave()).kept, state, code)).status, 409);
  assert.equal((await back(kept, `${state}x`, code)).status, 409);
  assert.equal((await back(kept, state, 'made up')).status, 502);
  assert.equal((await back(kept, state, code)).status, 200);
  assert.equal((await back(kept, state, code)).status, 502, 'a code works once');
});

test('whoever guesses has to wait', async () => {
  const { kept, state } = await leave();
  const statuses = [];
  for (let at = 0; at < 40; at += 1) statuses.push((await back(kept, state, `guess ${at}`)).status);
  assert.ok(statuses.includes(429), statuses.join(' '));
  await serve();
});

test('the audit tells who came in, and who was turned away', async () => {
  const { cookie } = await come();
  const answer = await fetch(`${base}/api/v1/audit`, { headers: { cookie } });
  const notes = (await answer.json()).notes.filter((note) => note.verb === 'session.sign-in');
  assert.ok(notes.some((note) => note.who === 'ada@example.com' && note.result === 'done'));
  assert.ok(notes.some((note) => note.who === 'mallory@example.com' && note.result === 'refused'));
});

/** Everything that a browser does, without one. */
async function come(as = {}) {
  Object.assign(acts, as);
  const { kept, state, code } = await leave();
  return back(kept, state, code);
}

async function leave() {
  const answer = await fetch(`${base}/api/v1/session/provider`, { method: 'POST' });
  assert.equal(answer.status, 200, await answer.clone().text());
  const kept = answer.headers.getSetCookie()[0].split(';')[0];
  const { location } = await answer.json();
  const page = await fetch(location);
  assert.equal(page.status, 200);
  const link = new URL((await page.text()).match(/href="([^"]*code=[^"]*)"/)[1].replaceAll('&amp;', '&'));
  return { kept, state: link.searchParams.get('state'), code: link.searchParams.get('code') };
}

async function back(kept, state, code) {
  const answer = await fetch(`${base}/api/v1/session/provider/arrive`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: kept },
    body: JSON.stringify({ state, code }),
  });
  await answer.text();
  const cookie = answer.headers.getSetCookie().find((one) => one.startsWith('consentry='));
  return { status: answer.status, cookie: cookie?.split(';')[0] };
}

/** The provider. */
async function answer(request, response) {
  const url = new URL(request.url, issuer);
  const json = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (url.pathname === '/.well-known/openid-configuration') {
    return json(200, { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` });
  }
  if (url.pathname === '/favicon.ico') return response.writeHead(204).end();
  if (url.pathname === '/keys') return json(200, { keys: acts.keys });
  if (url.pathname === '/authorize') {
    const asked = Object.fromEntries(url.searchParams);
    assert.equal(asked.response_type, 'code');
    assert.equal(asked.client_id, 'consentry');
    assert.match(asked.scope, /\bopenid\b/);
    assert.equal(asked.redirect_uri, `${base}/sign-in/return`);
    assert.equal(asked.code_challenge_method, 'S256');
    const code = randomUUID();
    given.set(code, asked);
    const to = (query) => `${asked.redirect_uri}?${new URLSearchParams({ state: asked.state, ...query })}`.replaceAll('&', '&amp;');
    return response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<title>Provider</title><a href="${to({ code })}">I am Ada</a> <a href="${to({ error: 'access_denied' })}">I give up</a>`);
  }
  const body = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
  const asked = given.get(body.get('code'));
  const basic = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString().split(':').map(decodeURIComponent);
  const verified = asked && createHash('sha256').update(body.get('code_verifier')).digest('base64url') === asked.code_challenge;
  if (!verified || basic[0] !== 'consentry' || basic[1] !== SECRET || body.get('redirect_uri') !== asked.redirect_uri) {
    return json(400, { error: 'invalid_grant' });
  }
  given.delete(body.get('code'));
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: acts.subject, aud: 'consentry', iat: now, exp: now + 300, nonce: asked.nonce, email: acts.email, email_verified: true, ...acts.claims };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const message = `${part(acts.head)}.${part(claims)}`;
  return json(200, { access_token: 'x', token_type: 'Bearer', id_token: `${message}.${acts.sign(message).toString('base64url')}` });
}

function published({ publicKey }, kid) {
  return { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' };
}

function rs256(message, { privateKey }) {
  return sign('sha256', Buffer.from(message), privateKey);
}

function es256(message) {
  return sign('sha256', Buffer.from(message), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
}

/** Starts the host, or starts it again: what it counted and what it knew of the provider is forgotten. */
async function serve() {
  if (host) {
    const gone = new Promise((ended) => host.once('exit', ended));
    host.kill('SIGKILL');
    await gone;
  }
  const port = base ? new URL(base).port : '0';
  const args = ['serve', '--data', data, '--port', port, '--oidc-issuer', issuer, '--oidc-client-id', 'consentry'];
  host = spawn(BIN, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, CONSENTRY_OIDC_CLIENT_SECRET: SECRET } });
  for await (const line of createInterface({ input: host.stderr })) {
    base = line.match(/^listening on (\S+)/)?.[1] ?? base;
    if (line.startsWith('listening on')) break;
  }
  host.stderr.resume();
}

async function run(...args) {
  const child = spawn(BIN, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise((ended) => child.once('exit', ended));
  assert.equal(code, 0, args.join(' '));
}
