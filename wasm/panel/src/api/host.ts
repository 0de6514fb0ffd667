// Talks to the host. Every way this can go wrong becomes a `HostError` of one of four kinds, which pages put in words.

import type { Options } from 'consentry';
import type { ImportDoc, ProfilesPage, Timeline } from './documents.ts';

/**
 * `away`: nobody answered. `missing`: there is no such thing. `refused`: the host says what is wrong with the request.
 * `broken`: the host itself failed, or something between answered in its place.
 */
export type HostErrorKind = 'away' | 'missing' | 'refused' | 'broken';

export class HostError extends Error {
  constructor(
    readonly kind: HostErrorKind,
    /** What the host said, where it said something. */
    readonly detail: string,
    /** Stable code of the problem document. */
    readonly code?: string,
    /** Further fields of it. */
    readonly more: Record<string, unknown> = {},
  ) {
    super(detail);
  }
}

/** How an import is to be done, beside the options of the check. */
export interface Sending {
  options: Options;
  /** `YYYY-MM-DD`. */
  asOf?: string;
  /** What the check in this page came to. */
  digest: string;
  /** Only say what it would change. */
  trial?: boolean;
}

/** What every write carries: no form of another site can send it. */
export const FROM_PAGE = { 'x-consentry-page': '1' };

let signedOut = () => {};

/** Says what is to be done when the host does not know us any more. */
export function onSignedOut(then: () => void): void {
  signedOut = then;
}

export const SAMPLE = '/api/v1/sample';

export function imports(signal: AbortSignal): Promise<{ imports: ImportDoc[] }> {
  return get('/api/v1/imports', signal);
}

export function importDoc(id: string, signal: AbortSignal): Promise<ImportDoc> {
  return get(`/api/v1/imports/${encodeURIComponent(id)}`, signal);
}

export function profiles(
  asked: { q?: string; permission?: string; after?: string | null },
  limit: number,
  signal: AbortSignal,
): Promise<ProfilesPage> {
  const { q, permission, after } = asked;
  const some = { ...(q && { q }), ...(permission && { permission }), ...(typeof after === 'string' && { after }) };
  const query = new URLSearchParams({ limit: String(limit), ...some });
  return get(`/api/v1/profiles?${query}`, signal);
}

export function timeline(of: string, signal?: AbortSignal, before?: number): Promise<Timeline> {
  const query = new URLSearchParams({ of, ...(before !== undefined && { before: String(before) }) });
  return get(`/api/v1/explain?${query}`, signal);
}

/** The published sample as a file, as if it had been dropped. */
export async function sample(): Promise<File> {
  const response = await answered(fetch(SAMPLE));
  return new File([await response.blob()], 'sample.csv', { type: 'text/csv' });
}

/** Uploads a file for import, straight from disk. `fetch` cannot tell how much has been sent; this can. */
export function send(
  file: File,
  sending: Sending,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<ImportDoc> {
  const query = new URLSearchParams({
    name: file.name,
    options: JSON.stringify(sending.options),
    digest: sending.digest,
    ...(sending.asOf && { as_of: sending.asOf }),
    ...(sending.trial && { dry_run: 'true' }),
  });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/imports?${query}`);
    for (const [name, value] of Object.entries(FROM_PAGE)) request.setRequestHeader(name, value);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300 && body) resolve(body as unknown as ImportDoc);
      else reject(problem(request.status, body));
    };
    request.onerror = () => reject(new HostError('away', ''));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

/** Takes a committed import back. */
export async function takeBack(id: string, by: string, reason: string): Promise<ImportDoc> {
  const path = `/api/v1/imports/${encodeURIComponent(id)}/undo`;
  const headers = { ...FROM_PAGE, accept: 'application/json', 'content-type': 'application/json' };
  const body = JSON.stringify({ by, ...(reason && { reason }) });
  return read(path, await answered(fetch(path, { method: 'POST', headers, body })));
}

/** Time before following again after the host had answered with an error, in milliseconds. */
const FOLLOW_AGAIN_MS = 2000;

/** Follows a running import until it ends. Returns how to stop. */
export function follow(id: string, onDoc: (doc: ImportDoc) => void, onLost: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource;
  const read = (event: Event) => onDoc(JSON.parse((event as MessageEvent<string>).data) as ImportDoc);
  const connect = () => {
    source = new EventSource(`/api/v1/imports/${encodeURIComponent(id)}/events`);
    source.addEventListener('progress', read);
    source.addEventListener('end', (event) => {
      // Without this the browser would connect again, because the host has closed the stream.
      source.close();
      read(event);
    });
    source.onerror = () => {
      onLost();
      // After a lost connection the browser tries again by itself; after an error answer it does not.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(connect, FOLLOW_AGAIN_MS);
    };
  };
  connect();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const asked = { headers: { accept: 'application/json' }, ...(signal && { signal }) };
  return read(path, await answered(fetch(path, asked)));
}

/** Sends a document, and reads the answer. */
export async function tell<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const headers = { ...FROM_PAGE, accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) };
  const sent = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await answered(fetch(path, sent));
  return response.status === 204 ? (undefined as T) : read(path, response);
}

export async function read<T>(path: string, response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch {
    throw new HostError('broken', `${path} answered something that is not JSON`);
  }
}

export async function answered(request: Promise<Response>): Promise<Response> {
  const response = await request.catch((thrown: unknown) => {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown;
    throw new HostError('away', '');
  });
  if (!response.ok) throw problem(response.status, parsed(await response.text()));
  return response;
}

function problem(status: number, body: Record<string, unknown> | undefined): HostError {
  if (body?.['code'] === 'not-signed-in') signedOut();
  const detail = String(body?.['detail'] ?? body?.['title'] ?? `HTTP ${status}`);
  const kind = status === 404 ? 'missing' : status >= 500 ? 'broken' : 'refused';
  return new HostError(kind, detail, typeof body?.['code'] === 'string' ? body['code'] : undefined, body);
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // A proxy's page of HTML, for example.
  }
}
