// What Cloudflare's runtime calls. Everything is answered by the Rust module; this file only makes sure that a
// trap in it costs the requests under way and no later one: they get a problem document instead of waiting for
// ever, the module is started afresh, and the next request finds it as new.
import { WorkerEntrypoint } from 'cloudflare:workers';
import * as engine from '../dist/engine/index.js';

/** Set when the module has trapped and must not be entered again. */
let broken = false;
/** How to give up on each request under way. */
const underWay = new Set();

// The panic hook of the `worker` crate sets `criticalError`. That is the only sign of a panic in asynchronous code:
// the trap itself ends in the runtime, and the promise that was to be the response is never settled.
Object.defineProperty(engine.__worker_init_state(), 'criticalError', {
  get: () => broken,
  set(value) {
    if (value) giveUp(new Error('the module panicked'));
  },
});
// Traps without a panic, such as an exhausted stack.
addEventListener('error', ({ error }) => {
  if (error instanceof WebAssembly.RuntimeError) giveUp(error);
});

export default class extends WorkerEntrypoint {
  async fetch(request) {
    if (broken) {
      engine.__wbg_reset_state();
      broken = false;
    }
    let giveUpOnThis;
    const trapped = new Promise((_, reject) => underWay.add((giveUpOnThis = reject)));
    try {
      return await Promise.race([engine.fetch.call(this, request, this.env, this.ctx), trapped]);
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) giveUp(error);
      console.error('request failed:', error);
      return ourFault();
    } finally {
      underWay.delete(giveUpOnThis);
    }
  }
}

function giveUp(error) {
  broken = true;
  for (const giveUpOn of underWay) giveUpOn(error);
  underWay.clear();
}

function ourFault() {
  const problem = {
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
    detail: 'the request could not be answered; it is our fault, and trying again may help',
    code: 'internal',
  };
  return Response.json(problem, { status: 500, headers: { 'content-type': 'application/problem+json' } });
}
