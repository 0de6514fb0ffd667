// Hires a worker for one request. One worker stays on afterwards, so that the next check starts warm;
// it can also be made ready for the first one.

import { OptionError, restore } from './failure.js';
import type { Answer, Request } from './talk.js';
import type { Progress } from './types.js';

let idle: Worker | undefined;
let busy = 0;

/** Somebody wants workers to be prepared; `done` tells them, also when it cannot be. */
let preparation: { promise: Promise<void>; done: () => void } | undefined;

/** Whether this place has module workers at all; Node has not. */
export const canHire = typeof Worker === 'function';

/** Sends one request to a worker. Aborting ends the worker with whatever it was doing. */
export function hire(
  request: Exclude<Request, { ask: 'prepare' }>,
  onProgress: ((progress: Progress) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const worker = idle ?? start();
    idle = undefined;
    busy += 1;

    const leave = (keep: boolean) => {
      signal?.removeEventListener('abort', abort);
      busy -= 1;
      if (keep && idle === undefined) return rest(worker);
      dismiss(worker);
      // Whoever stopped this check is about to start another one.
      if (preparation && idle === undefined && signal?.aborted) rest(start());
    };
    const abort = () => {
      leave(false);
      reject(signal?.reason);
    };
    const crash = (why: string) => {
      leave(false);
      reject(new Error(`the worker that checks files has failed: ${why}`));
    };
    signal?.addEventListener('abort', abort);

    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.tell === 'progress') return onProgress?.(data.progress);
      // The preparation that this request overtook.
      if (data.tell === 'prepared') return preparation?.done();
      if (data.tell === 'done') {
        leave(true);
        return resolve(data.value);
      }
      const error = restore(data.failure);
      // After a trap the memory of the engine cannot be trusted; after a wrong option it can.
      leave(error instanceof OptionError);
      reject(error);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      crash(event.message || 'its script could not be loaded, or the content security policy forbids it');
    };
    worker.onmessageerror = () => crash('its answer could not be read');
    send(worker, request).catch((thrown: unknown) => crash(String(thrown)));
  });
}

/** Gets a worker ready to judge at full speed. What is asked of it meanwhile does not wait. */
export function prepare(): Promise<void> {
  if (preparation === undefined) {
    let done = () => {};
    const promise = new Promise<void>((resolve) => (done = resolve));
    preparation = { promise, done };
    // A worker that has something to do is prepared when it comes back.
    if (idle ?? busy === 0) rest(idle ?? start());
  }
  return preparation.promise;
}

function start(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
}

/** Keeps a worker for the next request. */
function rest(worker: Worker): void {
  idle = worker;
  worker.onmessage = () => preparation?.done();
  worker.onmessageerror = null;
  worker.onerror = (event) => {
    // The next request starts a worker of its own, and tells what is wrong with it.
    event.preventDefault();
    idle = undefined;
    dismiss(worker);
  };
  if (preparation) worker.postMessage({ ask: 'prepare' } satisfies Request);
}

function dismiss(worker: Worker): void {
  worker.onmessage = worker.onerror = worker.onmessageerror = null;
  worker.terminate();
  preparation?.done();
}

async function send(worker: Worker, request: Request): Promise<void> {
  if (request.ask !== 'check' || !(request.source instanceof ReadableStream)) return worker.postMessage(request);
  try {
    worker.postMessage(request, [request.source as unknown as Transferable]);
  } catch {
    // Safari cannot transfer streams; there the browser gathers the bytes first, on disk where it sees fit.
    worker.postMessage({ ...request, source: await new Response(request.source).blob() });
  }
}
