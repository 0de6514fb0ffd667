// Which country a number belongs to. The engine knows; numbering plans are not kept a second time here. It is asked in
// its worker, one number after another, and answers are remembered while they are likely to be wanted again.

import { check } from 'consentry';
import { useEffect, useState } from 'preact/hooks';

const REMEMBERED_MAX = 5000;

const known = new Map<string, Promise<string | undefined>>();
let line: Promise<unknown> = Promise.resolve();

/** Two letters; `undefined` before the engine has answered, and for numbers of no country. */
export function useCountry(number: string | undefined): string | undefined {
  const [country, setCountry] = useState<string>();
  useEffect(() => {
    setCountry(undefined);
    if (number === undefined) return;
    let isWanted = true;
    void countryOf(number).then((found) => isWanted && setCountry(found));
    return () => {
      isWanted = false;
    };
  }, [number]);
  return country;
}

function countryOf(number: string): Promise<string | undefined> {
  const before = known.get(number);
  if (before) return before;
  const asked = line.then(() => ask(number));
  line = asked;
  known.set(number, asked);
  const [oldest] = known.keys();
  if (known.size > REMEMBERED_MAX && oldest !== undefined) known.delete(oldest);
  return asked;
}

async function ask(number: string): Promise<string | undefined> {
  try {
    const { report } = await check(new Blob([`wpNumber,permission\n${number},1\n`]));
    return Object.keys(report.regions)[0];
  } catch {
    known.delete(number); // Without an engine the number stands alone.
    return undefined;
  }
}
