// The page's end of the worker behind the table.

import type { Answers, Ask, Question, Reply } from './talk.ts';

export class Table {
  private readonly worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(why: Error): void }>();
  private asked = 0;

  constructor() {
    this.worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const waiting = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if ('failed' in data) waiting?.reject(new Error(data.failed));
      else waiting?.resolve(data.value);
    };
    this.worker.onerror = (event) => {
      event.preventDefault();
      for (const { reject } of this.waiting.values()) reject(new Error(event.message));
      this.waiting.clear();
    };
  }

  ask<A extends Ask>(ask: A): Promise<Answers[A['ask']]> {
    const id = (this.asked += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.worker.postMessage({ id, ask } satisfies Question);
    });
  }

  /** Lets go of the file. Whoever waits for an answer waits for ever. */
  close(): void {
    this.worker.terminate();
    this.waiting.clear();
  }
}
