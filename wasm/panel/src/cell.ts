// The smallest store there is: one value that components can watch. State that must outlive a page lives in cells.

import { useEffect, useReducer } from 'preact/hooks';

export interface Cell<T> {
  get(): T;
  set(value: T): void;
  subscribe(listener: () => void): () => void;
}

export function cell<T>(initial: T): Cell<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Renders again whenever the cell changes. */
export function useCell<T>(watched: Cell<T>): T {
  const [, again] = useReducer((n: number) => n + 1, 0);
  const seen = watched.get();
  useEffect(() => {
    // The value may have changed between rendering and now.
    if (!Object.is(seen, watched.get())) again(0);
    return watched.subscribe(() => again(0));
  }, [watched]);
  return seen;
}
