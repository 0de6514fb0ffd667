// The Rust module, and what becomes of it when it traps: the calls under way are given up, the module is started afresh,
// and the next call finds it as new. Without this a trap would leave it in a state that nobody knows.
import * as engine from '../dist/engine/index.js';

/** Set when the module has trapped and must not be entered again. */
let broken = false;
/** How to give up on each asynchronous call under way. */
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

/** Calls the module; what `work` starts ends with an error if the module traps meanwhile. */
export async function during(work) {
  let giveUpOnThis;
  const trapped = new Promise((_, reject) => underWay.add((giveUpOnThis = reject)));
  try {
    return await Promise.race([at(work), trapped]);
  } finally {
    underWay.delete(giveUpOnThis);
  }
}

/** Calls the module for something that is done when it returns. */
export function at(work) {
  if (broken) {
    engine.__wbg_reset_state();
    broken = false;
  }
  try {
    return work(engine);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) giveUp(error);
    throw error;
  }
}

function giveUp(error) {
  broken = true;
  for (const giveUpOn of underWay) giveUpOn(error);
  underWay.clear();
}
