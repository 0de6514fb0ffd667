// How fast the edge worker takes webhooks in Cloudflare's own runtime: `cargo xtask bench edge`.
//
// Signed webhooks come over many kept-alive connections at a steady rate, in random order, three in ten of them a second
// time. At the end everything is pulled: nothing may be missing, nothing may be there twice, and the gate must know the
// latest word of everybody. Prints JSON.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';

import { Edge, chance, message, preference, shuffled, signed } from './edge-runtime.mjs';

const seconds = Number(process.argv[2] ?? 30);
const rate = Number(process.argv[3] ?? 1200);
const DUPLICATES = 0.3;
const CONNECTIONS = 64;
const SINGLE = 1000;

const random = chance(20261123);
const edge = new Edge();
try {
  const startUp = await startUpMs();
  await edge.start();
  const [cpu, wait] = await single();
  const load = await underLoad();
  console.log(JSON.stringify({ start_up_ms: startUp, single_cpu_ms: cpu, single_ms: wait, ...load }, null, 2));
} finally {
  await edge.dispose();
}

/** From the first request of a new process to its answer, of several processes; what the runtime itself takes is in it. */
async function startUpMs() {
  const times = [];
  for (let turn = 0; turn < 5; turn++) {
    await edge.start();
    const before = performance.now();
    assert.equal((await edge.ask('/')).status, 200);
    times.push(performance.now() - before);
    await edge.kill();
  }
  return percentiles(times);
}

/** Processor time that one webhook costs the runtime's process, and how long its answer takes, one after the other. */
async function single() {
  const [cpu, wait] = [[], []];
  for (let at = 0; at < SINGLE + 200; at++) {
    const body = message(`wamid.single.${at}`, `hello ${at}`);
    const headers = { 'x-hub-signature-256': signed(body) };
    const [cpuBefore, before] = [cpuMs(edge.pid), performance.now()];
    assert.equal((await edge.tell(body, { headers })).status, 200);
    if (at < 200) continue;
    wait.push(performance.now() - before);
    cpu.push(cpuMs(edge.pid) - cpuBefore);
  }
  return [percentiles(cpu), percentiles(wait)];
}

async function underLoad() {
  const count = seconds * rate;
  const different = Math.round(count / (1 + DUPLICATES));
  const bodies = Array.from({ length: different }, (_, at) => body(at));
  const copies = Array.from({ length: count - different }, () => bodies[random(different)]);
  const all = shuffled([...bodies, ...copies], random).map((text) => ({ text, signature: signed(text) }));

  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS, scheduling: 'fifo' });
  const options = { host: '127.0.0.1', port: edge.port, path: '/webhooks/main', method: 'POST', agent };
  const latencies = [];
  let [next, failed, resent] = [0, 0, 0];
  const [cpuBefore, before] = [cpuMs(edge.pid), performance.now()];
  // Meta sends again what was not answered; so does this.
  const one = async (webhook) => {
    while (!(await answered(webhook))) resent += 1;
  };
  const answered = ({ text, signature }) =>
    new Promise((resolve) => {
      const sent = performance.now();
      const headers = { 'x-hub-signature-256': signature, 'content-length': Buffer.byteLength(text) };
      const request = http.request({ ...options, headers }, (response) => {
        if (response.statusCode !== 200) failed += 1;
        latencies.push(performance.now() - sent);
        response.resume().on('end', () => resolve(true));
      });
      request.on('error', () => resolve(false));
      request.end(text);
    });
  // Each connection takes the next webhook when it is due, or at once when it is late.
  const connection = async () => {
    while (next < all.length) {
      const at = next++;
      const early = (at * 1000) / rate - (performance.now() - before);
      if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
      await one(all[at]);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  assert.equal(failed, 0);
  const took = (performance.now() - before) / 1000;
  const cpu = (cpuMs(edge.pid) - cpuBefore) / count;
  agent.destroy();

  const pulled = [...(await edge.pull('consent')), ...(await edge.pull('rest'))].map(({ event }) => event.id);
  const [unique, expected] = [new Set(pulled), expectedIds(different)];
  const missing = expected.filter((id) => !unique.has(id)).length;
  return {
    webhooks: count, different, resent, seconds: took, rate: count / took, latency_ms: percentiles(latencies), cpu_ms_mean: cpu,
    missing, twice: pulled.length - unique.size, wrong_words: await wrongWords(different),
  };
}

/** One in twenty is a word about marketing messages. */
function body(at) {
  if (at % 20 !== 0) return message(`wamid.load.${at}`, `message ${at}`, { from: person(at) });
  const value = at % 40 === 0 ? 'stop' : 'resume';
  return preference(value, { number: person(at), user: `TR.${at % 1000}`, at: 1_776_000_000 + at });
}

function person(at) {
  return `9053011${String(at % 1000).padStart(5, '0')}`;
}

function expectedIds(different) {
  return Array.from({ length: different }, (_, at) => at).filter((at) => at % 20 !== 0).map((at) => `message:wamid.load.${at}`);
}

/** People of whom the gate believes something else than the latest of what they said. */
async function wrongWords(different) {
  const latest = new Map();
  for (let at = 0; at < different; at += 20) latest.set(`+${person(at)}`, at % 40 === 0);
  const answer = await edge.host({ do: 'gate', numbers: [...latest.keys()] });
  const out = new Set(answer.opted_out.numbers);
  return [...latest].filter(([number, isOut]) => out.has(number) !== isOut).length;
}

/** Time that all threads of a process had, in milliseconds. */
function cpuMs(pid) {
  let sum = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    sum += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]);
  }
  return sum / 1e6;
}

function percentiles(values) {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share) => Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(3));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
