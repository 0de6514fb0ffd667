// Which country a number belongs to. The engine knows; numbering plans are not kept a second time here. It is asked in
// its worker, and answers are remembered while they are likely to be wanted again.

import { check } from 'consentry';
import { useEffect, useState } from 'preact/hooks';

const REMEMBERED_MAX = 5000;
/** Numbers of one question. */
const TOGETHER_MAX = 500;
/** Numbers that begin alike in so many characters are asked for together: their country is the same as a rule. */
const ALIKE_CHARS = 4;

const known = new Map<string, string | undefined>();
/** Whoever waits for the country of a number, those who came first in front. */
const waiting = new Map<string, Set<() => void>>();
let isAsking = false;

/** Two letters; `undefined` before the engine has answered, and for numbers of no country. */
export function useCountry(number: string | undefined): string | undefined {
  const [, again] = useState(0);
  useEffect(() => {
    if (number === undefined || known.has(number)) return;
    const told = () => again((n) => n + 1);
    const others = waiting.get(number) ?? new Set();
    waiting.set(number, others.add(told));
    void askAll();
    return () => {
      others.delete(told);
      if (others.size === 0 && waiting.get(number) === others) waiting.delete(number);
    };
  }, [number]);
  return number === undefined ? undefined : known.get(number);
}

async function askAll(): Promise<void> {
  if (isAsking) return;
  isAsking = true;
  while (waiting.size > 0) {
    const [first, ...others] = waiting.keys();
    if (first === undefined) break;
    const start = first.slice(0, ALIKE_CHARS);
    const alike = [first, ...others.filter((number) => number.startsWith(start))];
    await ask(alike.slice(0, TOGETHER_MAX));
  }
  isAsking = false;
}

/** Several of one country, or one: a report counts countries and does not say whose they are. */
async function ask(numbers: readonly string[]): Promise<void> {
  const rows = numbers.map((number) => `${number},1\n`).join('');
  const answer = await check(new Blob([`wpNumber,permission\n${rows}`])).catch(() => undefined);
  const regions = Object.keys(answer?.report.regions ?? {});
  const isOne = regions.length === 1 && answer?.report.counts.accepted === numbers.length;
  if (answer && !isOne && numbers.length > 1) {
    for (const number of numbers) await ask([number]);
    return;
  }
  // Without an engine numbers stand alone.
  for (const number of numbers) tell(number, isOne ? regions[0] : undefined);
}

function tell(number: string, country: string | undefined): void {
  known.set(number, country);
  const [oldest] = known.keys();
  if (known.size > REMEMBERED_MAX && oldest !== undefined) known.delete(oldest);
  const told = waiting.get(number) ?? [];
  waiting.delete(number);
  for (const one of told) one();
}
