// A question to the host, as the state of a page: waiting, answered or in trouble.

import { useCallback, useEffect, useState } from 'preact/hooks';

import { troubleFrom, type Trouble } from './trouble.ts';

export interface Asked<T> {
  /** The last answer; it stays while a new one is on its way, so that nothing jumps. */
  answer?: T;
  trouble?: Trouble;
  waiting: boolean;
  again(): void;
}

/** Asks when the page appears and whenever `about` changes. */
export function useAsking<T>(ask: (signal: AbortSignal) => Promise<T>, about: string): Asked<T> {
  const [state, setState] = useState<{ answer?: T; trouble?: Trouble; waiting: boolean }>({ waiting: true });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const asking = new AbortController();
    setState((before) => ({ ...before, waiting: true }));
    ask(asking.signal).then(
      (answer) => {
        if (!asking.signal.aborted) setState({ answer, waiting: false });
      },
      (thrown: unknown) => {
        if (!asking.signal.aborted) setState({ trouble: troubleFrom(thrown), waiting: false });
      },
    );
    return () => asking.abort();
  }, [about, turn]);
  const again = useCallback(() => setTurn((n) => n + 1), []);
  return { ...state, again };
}
