// The time as pages tell it: "3 minutes ago" must not stay on a page that is left open.

import { useEffect } from 'preact/hooks';

import { cell, useCell } from '../cell.ts';

/** How often what has been told is told anew, in milliseconds. */
const TICK_MS = 20_000;

const ticks = cell(0);
let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** Draws again from time to time. */
export function useNow(): void {
  useCell(ticks);
  useEffect(() => {
    watchers += 1;
    if (watchers === 1) timer = setInterval(() => ticks.set(ticks.get() + 1), TICK_MS);
    return () => {
      watchers -= 1;
      if (watchers === 0) clearInterval(timer);
    };
  }, []);
}
