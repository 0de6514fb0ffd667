// The module worker of a page: keeps the engine off the main thread, so that the page never stutters.

import { answer, prepare } from './answer.js';
import { flatten } from './failure.js';
import type { Answer, Request } from './talk.js';

// Seen from inside, the worker's scope has the members that a `Worker` has seen from outside.
const page = globalThis as unknown as Worker;

// This is set before anything is awaited; messages that arrive earlier would be lost.
page.onmessage = async ({ data }: MessageEvent<Request>) => {
  const tell = (message: Answer) => page.postMessage(message);
  if (data.ask === 'prepare') {
    await prepare();
    return tell({ tell: 'prepared' });
  }
  const report = data.ask === 'check' && data.progress;
  try {
    const value = await answer(data, report ? (progress) => tell({ tell: 'progress', progress }) : undefined);
    tell({ tell: 'done', value });
  } catch (thrown) {
    tell({ tell: 'failed', failure: flatten(thrown) });
  }
};
