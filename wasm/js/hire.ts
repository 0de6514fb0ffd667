// Hires a worker for one request. One worker stays on afterwards, so that the next check starts warm.

import { OptionError, restore } from './failure.js';
import type { Answer, Request } from './talk.js';
import type { Progress } from './types.js';

let idle: Worker | undefined;

/** Whether this place has module workers at all; Node has not. */
export const canHire = typeof Worker === 'function';

/** Sends one request to a worker. Aborting ends the worker with whatever it was doing. */
export function hire(
  request: Request,
  onProgress: ((progress: Progress) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const worker = idle ?? new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    idle = undefined;

    const leave = (keep: boolean) => {
      signal?.removeEventListener('abort', abort);
      worker.onmessage = worker.onerror = worker.onmessageerror = null;
      if (keep && idle === undefined) idle = worker;
      else worker.terminate();
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

async function send(worker: Worker, request: Request): Promise<void> {
  if (request.ask !== 'check' || !(request.source instanceof ReadableStream)) return worker.postMessage(request);
  try {
    worker.postMessage(request, [request.source as unknown as Transferable]);
  } catch {
    // Safari cannot transfer streams; there the browser gathers the bytes first, on disk where it sees fit.
    worker.postMessage({ ...request, source: await new Response(request.source).blob() });
  }
}
