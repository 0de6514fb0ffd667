// The verdicts on all rows: four bytes each, however many there are.

import { CODES } from './codes.js';
import type { RuleText, Verdict, Verdicts } from './types.js';

/** Bytes that the engine gives for one row. */
const WORD_BYTES = 8;
/** The permission stands in the two highest bits of a word. */
const PERMISSION_SHIFT = 30;
const CODES_MASK = (1 << PERMISSION_SHIFT) - 1;
/** Rows there is room for at first. */
const ROWS_MIN = 4096;

/** Gathers the verdicts as the engine gives them. */
export class Verdicted {
  private of = new Uint32Array(ROWS_MIN);
  private rows = 0;
  private readonly places = new Map<number, number>();
  private readonly words: [low: number, high: number][] = [];

  /** Takes the next rows, as `Checker.takeVerdicts` gives them. */
  add(bytes: Uint8Array): void {
    const words = new Uint32Array(bytes.slice().buffer);
    const more = bytes.byteLength / WORD_BYTES;
    this.room(more);
    // Rows like the one before are the rule.
    let [lastLow, lastHigh, place] = [-1, -1, 0];
    for (let at = 0; at < words.length; at += 2) {
      const low = words[at]!;
      const high = words[at + 1]!;
      if (low !== lastLow || high !== lastHigh) {
        place = this.place(low, high);
        [lastLow, lastHigh] = [low, high];
      }
      this.of[this.rows] = place;
      this.rows += 1;
    }
  }

  /** All of them. */
  all(rules: readonly RuleText[]): Verdicts {
    const errors = new Set<string>(rules.filter(({ severity }) => severity === 'error').map(({ code }) => code));
    const kinds = this.words.map(([low, high]): Verdict => {
      const codes = CODES.filter((_, bit) => (bit < 32 ? low >>> bit : (high & CODES_MASK) >>> (bit - 32)) & 1);
      const permission = high >>> PERMISSION_SHIFT;
      return {
        ...(permission === 1 ? { permission: 'in' } : permission === 2 ? { permission: 'out' } : {}),
        rejected: codes.some((code) => errors.has(code)),
        codes,
      };
    });
    return { of: this.of.slice(0, this.rows), kinds };
  }

  private place(low: number, high: number): number {
    // The permission moves down to the codes, of which there are fewer than 50: what a number can hold exactly.
    const key = ((high & CODES_MASK) * 4 + (high >>> PERMISSION_SHIFT)) * 2 ** 32 + low;
    let place = this.places.get(key);
    if (place === undefined) {
      place = this.words.length;
      this.places.set(key, place);
      this.words.push([low, high]);
    }
    return place;
  }

  private room(more: number): void {
    if (this.rows + more <= this.of.length) return;
    const wider = new Uint32Array(Math.max(this.of.length * 2, this.rows + more));
    wider.set(this.of.subarray(0, this.rows));
    this.of = wider;
  }
}
