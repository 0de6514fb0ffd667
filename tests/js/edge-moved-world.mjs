// What is put between the edge worker and its runtime, before the worker is there: a clock that can be set and a module
// that traps when it is told to. Nothing of the worker itself is replaced.

let shiftMs = 0;
const traps = new Map();

/** From now on the clock is that far from the machine's. */
export function shift(ms) {
  shiftMs = ms;
}

/** The next so many calls of that function of the module trap. */
export function trap(name, times) {
  traps.set(name, times);
}

const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + shiftMs);
    else super(...parts);
  }
  static now() {
    return RealDate.now() + shiftMs;
  }
};

const RealInstance = WebAssembly.Instance;
WebAssembly.Instance = function (module, imports) {
  const exports = { ...new RealInstance(module, imports).exports };
  for (const [name, call] of Object.entries(exports)) {
    if (typeof call !== 'function') continue;
    exports[name] = (...parts) => {
      const left = traps.get(name) ?? 0;
      traps.set(name, left - 1);
      if (left > 0) throw new WebAssembly.RuntimeError('unreachable');
      return call(...parts);
    };
  }
  return { exports };
};
