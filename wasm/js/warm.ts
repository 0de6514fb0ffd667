// Makes the engine fast before it is needed: engines compile WebAssembly carelessly at first, and well what they have
// seen at work. The work is a list of people who do not exist. What it comes to is nobody's verdict.

import { breathe } from './judge.js';
import type { Loaded } from './load.js';

/** Rows judged in all. With half of them Chromium still compiles during the first real check. */
const ROWS = 24_000;
/** Rows judged before somebody else may have the thread: a few milliseconds. */
const ROWS_AT_ONCE = 1_000;
/** Numbers in the spellings that files are full of, each to be completed with digits, and some that are wrong. */
const SPELLINGS = [
  ['+90532', 7],
  ['+447700', 6],
  ['+1602', 7],
  ['4915726', 6],
  ['+55 11 9', 8],
  ['+33 6 12 ', 6],
  ['+91 98', 8],
  ['0090 541 ', 7],
  ['+9', 3],
  ['', 0],
] as const;
const WRONG = 2;

/** Judges people who do not exist, until it is enough or `wanted` says that real ones have come. */
export async function warm({ Checker }: Loaded, wanted: () => boolean): Promise<void> {
  const checker = new Checker({}, {});
  const encoder = new TextEncoder();
  try {
    checker.feed(encoder.encode('exid,email,msisdn,wpNumber,permission\n'));
    for (let at = 0; at < ROWS && !wanted(); at += ROWS_AT_ONCE) {
      checker.feed(encoder.encode(rows(at)));
      checker.progress();
      await breathe();
    }
    if (!wanted()) checker.finish();
  } finally {
    checker.free();
  }
}

function rows(from: number): string {
  let text = '';
  for (let at = from; at < from + ROWS_AT_ONCE; at += 1) {
    // Three in a hundred are wrong, as in files of businesses.
    const right = SPELLINGS.length - WRONG;
    const [spelling, digits] = SPELLINGS[at % 33 === 0 ? right + (at % WRONG) : at % right]!;
    const number = digits === 0 ? '' : spelling + String((at * 7919) % 10 ** digits).padStart(digits, '0');
    const email = at % 3 === 0 ? '' : `nobody.${at}@example.com`;
    text += `${at},${email},${at % 4 === 0 ? number : ''},${number},${1 + (at % 2)}\n`;
  }
  return text;
}
