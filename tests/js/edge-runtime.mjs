// The edge worker in Cloudflare's own runtime, as a process that can be killed and started again on the same storage.
//
// miniflare does more than that and hides the process; here what counts is the moment at which it dies.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import readline from 'node:readline';

import { root } from './vectors.mjs';

const workerd = createRequire(createRequire(import.meta.url).resolve('miniflare'))('workerd').default;

/** What wrangler.toml declares: what is tested is what is deployed. */
const declared = (pattern) => wrangler.match(pattern)?.[1] ?? assert.fail(`wrangler.toml has no ${pattern}`);
const wrangler = readFileSync(join(root, 'edge-worker/wrangler.toml'), 'utf8');
export const deployed = {
  compatibilityDate: declared(/^compatibility_date = "(.+)"/m),
  namespace: declared(/^\[\[durable_objects\.bindings\]\]\nname = "(.+)"/m),
  className: declared(/^new_sqlite_classes = \["(.+)"\]/m),
  limit: declared(/^\[\[ratelimits\]\]\nname = "(.+)"/m),
};
assert.equal(deployed.className, declared(/^class_name = "(.+)"/m));

/** Two of everything, so that each can be the one that is on its way out. */
export const secrets = {
  app: ['test_app_secret', 'the app secret after it'],
  handover: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_c2Vjb25kIHNlY3JldCBvZiB0aGUgaG9zdA=='],
  verify: 'a token that Meta shows',
};
export const tenants = {
  main: { app_secrets: secrets.app, verify_token: secrets.verify, handover_secrets: secrets.handover, stop_words: ['basta'] },
  other: { app_secrets: ['another app'], verify_token: 'another token', handover_secrets: ['whsec_YW5vdGhlciBzZWNyZXQgb2YgYSBob3N0'] },
};

export class Edge {
  #folder = mkdtempSync(join(tmpdir(), 'consentry-edge-'));
  #process;
  #sockets = new WeakSet();
  #agent = new http.Agent({ keepAlive: true, maxSockets: 64, scheduling: 'fifo' });

  /** `isMoved` puts the worker among what tests/js/edge-moved.mjs says: a clock that can be set, and traps. */
  constructor(bindings = {}, { isMoved = false } = {}) {
    const texts = { CONSENTRY_TENANTS: JSON.stringify(tenants), ...bindings };
    mkdirSync(join(this.#folder, 'storage'));
    for (const file of ['index.js', 'index_bg.wasm']) {
      symlinkSync(join(root, 'edge-worker/dist', file), join(this.#folder, file));
    }
    const bound = Object.entries(texts).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`);
    const modules = ['index.js'];
    if (isMoved) {
      for (const file of ['edge-moved.mjs', 'edge-moved-world.mjs']) symlinkSync(join(root, 'tests/js', file), join(this.#folder, file));
      modules.unshift('edge-moved.mjs', 'edge-moved-world.mjs');
    }
    writeFileSync(join(this.#folder, 'config.capnp'), config(modules, bound));
  }

  async start() {
    assert.equal(this.#process, undefined);
    // Whoever knows the address finds it there again.
    const address = this.port === undefined ? [] : [`--socket-addr=http=127.0.0.1:${this.port}`];
    this.#process = spawn(workerd, ['serve', '--experimental', '--control-fd=3', ...address, 'config.capnp'], {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    // Whoever ends before it is disposed of must not leave it behind.
    process.once('exit', this.#end);
    this.said = '';
    for (const stream of [this.#process.stdout, this.#process.stderr]) stream.on('data', (text) => (this.said += text));
    for await (const line of readline.createInterface(this.#process.stdio[3])) {
      const { event, port } = JSON.parse(line);
      if (event === 'listen') {
        this.port = port;
        return this;
      }
    }
    throw new Error(`workerd did not start: ${this.said}`);
  }

  #end = () => this.#process?.kill('SIGKILL');

  get pid() {
    return this.#process.pid;
  }

  /** The process dies at once, whatever it was doing. */
  async kill() {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#end();
    await gone;
    process.off('exit', this.#end);
    this.#process = undefined;
  }

  async dispose() {
    if (this.#process) await this.kill();
    this.#agent.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** `{ status, headers, text }`; throws when the connection broke. */
  async ask(path, init = {}) {
    for (;;) {
      const { answer, error, isOldConnection } = await this.#asked(path, init);
      if (answer) return answer;
      // The runtime hung up in the very moment in which a kept connection was used again: nothing was asked yet.
      if (!isOldConnection) throw error;
    }
  }

  #asked(path, { method = 'GET', headers = {}, body }) {
    return new Promise((resolve) => {
      const request = http.request({ host: '127.0.0.1', port: this.port, path, method, agent: this.#agent });
      const broken = (error) => resolve({ error, isOldConnection: request.reusedSocket && request.res === null });
      request.on('socket', (socket) => this.#listenTo(socket));
      request.on('error', broken).on('response', (response) => {
        const pieces = [];
        response
          .on('data', (piece) => pieces.push(piece))
          .on('error', broken)
          .on('end', () => {
            resolve({ answer: { status: response.statusCode, headers: response.headers, text: Buffer.concat(pieces).toString() } });
          });
      });
      for (const [name, value] of Object.entries(headers)) request.setHeader(name, value);
      if (body !== undefined && headers['transfer-encoding'] === undefined) request.setHeader('content-length', Buffer.byteLength(body));
      request.end(body);
    });
  }

  /** A connection may break when its answer is already there, and nobody asks it for another. */
  #listenTo(socket) {
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    socket.on('error', () => {});
  }

  /** A webhook as Meta sends it. */
  tell(body, { tenant = 'main', secret = secrets.app[0], headers = { 'x-hub-signature-256': signed(body, secret) } } = {}) {
    return this.ask(`/webhooks/${tenant}`, { method: 'POST', headers, body });
  }

  /** A question as a host asks it; the answer's signature is looked at as well. */
  async host(ask, { tenant = 'main', secret = secrets.handover[0], at = Math.floor(Date.now() / 1000) } = {}) {
    const body = JSON.stringify(ask);
    const id = randomBytes(8).toString('hex');
    const headers = { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': handSigned(secret, id, at, body) };
    const answer = await this.ask(`/inbox/${tenant}`, { method: 'POST', headers, body });
    if (answer.status !== 200) return answer;
    const said = answer.headers;
    assert.equal(said['webhook-id'], id);
    assert.equal(said['webhook-signature'], handSigned(secret, id, said['webhook-timestamp'], answer.text));
    return { status: 200, ...JSON.parse(answer.text) };
  }

  /** Everything that waits in a lane. */
  async pull(lane, options) {
    const events = [];
    for (let after = 0; ; after = events.at(-1).seq) {
      const answer = await this.host({ do: 'pull', lane, after, limit: 1000 }, options);
      assert.equal(answer.status, 200);
      events.push(...answer.events);
      if (answer.events.length === 0) return events;
    }
  }
}

/** `X-Hub-Signature-256` of a body. */
export const signed = (body, secret = secrets.app[0]) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** `webhook-signature` of a message between host and edge. */
export function handSigned(secret, id, at, body) {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
}

/** Numbers that look like chance and are the same each time. */
export function chance(seed) {
  let state = seed >>> 0 || 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The same things in another order. */
export function shuffled(things, random) {
  const list = [...things];
  for (let at = list.length - 1; at > 0; at--) {
    const other = random(at + 1);
    [list[at], list[other]] = [list[other], list[at]];
  }
  return list;
}

/** A webhook with one message in it. */
export function message(id, text, { from = '905301112233', user, at = 1_776_000_000 } = {}) {
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '15550001111', phone_number_id: '1001' },
    contacts: [{ profile: { name: 'Ayşe' }, wa_id: from, ...(user && { user_id: user }) }],
    messages: [{ from, ...(user && { from_user_id: user }), id, timestamp: String(at), type: 'text', text: { body: text } }],
  };
  return webhook('messages', value);
}

/** A webhook in which somebody stops or resumes marketing messages by WhatsApp's own button. */
export function preference(value, { number, user, at }) {
  const said = { ...(number && { wa_id: number }), ...(user && { user_id: user }), category: 'marketing_messages', value, detail: 'test', timestamp: at };
  return webhook('user_preferences', { messaging_product: 'whatsapp', metadata: { phone_number_id: '1001' }, user_preferences: [said] });
}

function webhook(field, value) {
  return JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '2002', changes: [{ field, value }] }] });
}

function config(modules, bindings) {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "edge", worker = .edge),
    (name = "storage", disk = (path = "storage", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "edge")],
);
const edge :Workerd.Worker = (
  modules = [
    ${modules.map((name) => `(name = "${name}", esModule = embed "${name}")`).join(', ')},
    (name = "index_bg.wasm", wasm = embed "index_bg.wasm"),
  ],
  compatibilityDate = "${deployed.compatibilityDate}",
  bindings = [${bindings.join(', ')}, (name = "${deployed.namespace}", durableObjectNamespace = "${deployed.className}")],
  durableObjectNamespaces = [(className = "${deployed.className}", uniqueKey = "consentry-inbox", enableSql = true)],
  durableObjectStorage = (localDisk = "storage"),
);
`;
}
