// What can be asked of the host about campaigns, audiences and segments.

import { by } from '../campaign/who.ts';
import type { Attribute, Audience, CampaignDoc, CampaignReport, Counted, Definition, Preflight, Segment, Summary } from './campaign-documents.ts';
import { FROM_PAGE, answered, get, read, tell } from './host.ts';

export function campaigns(signal: AbortSignal): Promise<{ campaigns: Summary[] }> {
  return get('/api/v1/campaigns', signal);
}

export function campaign(id: string, signal: AbortSignal): Promise<CampaignDoc> {
  return get(path(id), signal);
}

export function create(definition: Definition): Promise<CampaignDoc> {
  return tell('POST', '/api/v1/campaigns', { ...definition, ...by() });
}

/** Refused with `overtaken` when somebody has changed it since that version. */
export function change(id: string, definition: Definition, version: number): Promise<CampaignDoc> {
  return tell('PUT', path(id), { ...definition, version, ...by() });
}

export function remove(id: string): Promise<void> {
  return tell('DELETE', `${path(id)}?${new URLSearchParams(by())}`);
}

/** A new draft that says the same. */
export function copy(id: string): Promise<CampaignDoc> {
  return tell('POST', `${path(id)}/copy`, by());
}

/** Begins to freeze the plan and to look at every person of it. */
export function freeze(id: string): Promise<CampaignDoc> {
  return tell('POST', `${path(id)}/preflight`, by());
}

export function preflight(id: string, signal: AbortSignal): Promise<Preflight> {
  return get(`${path(id)}/preflight`, signal);
}

/** Address of the file of those people. */
export function preflightPeople(id: string, code: string): string {
  return `${path(id)}/preflight/people?${new URLSearchParams({ code })}`;
}

export function test(id: string, to: string, message: number): Promise<{ to: string; wamid: string }> {
  return tell('POST', `${path(id)}/test`, { to, message });
}

export type Deed = 'approve' | 'start' | 'pause' | 'resume' | 'cancel';

export function act(id: string, deed: Deed, said: { by?: string; plan?: string; why?: string }): Promise<CampaignDoc> {
  const told = Object.entries(said).filter(([, value]) => value !== undefined && value !== '');
  return tell('POST', `${path(id)}/${deed}`, Object.fromEntries(told));
}

/** Everything pauses, at once. */
export function stopAll(by: string): Promise<{ paused: string[] }> {
  return tell('POST', '/api/v1/campaigns/stop', { ...(by && { by }) });
}

export function report(id: string, signal: AbortSignal): Promise<CampaignReport> {
  return get(`${path(id)}/report`, signal);
}

/** Address of the file of the people who stand so; of everybody where nothing is said. */
export function peopleOf(id: string, asked: { status?: string; code?: number; format?: 'csv' | 'jsonl' }): string {
  const { status, code, format = 'csv' } = asked;
  return `${path(id)}/people?${new URLSearchParams({ ...(status !== undefined && { status }), ...(code !== undefined && { code: String(code) }), format })}`;
}

export async function countAudience(audience: Audience, signal: AbortSignal): Promise<Counted> {
  const address = '/api/v1/audience/count';
  return read(address, await answered(posted(address, audience, signal)));
}

/** The people of an audience as a file. */
export async function audiencePeople(audience: Audience): Promise<Blob> {
  const response = await answered(posted('/api/v1/audience/people', audience, new AbortController().signal));
  return response.blob();
}

export function attributes(signal: AbortSignal): Promise<{ attributes: Attribute[] }> {
  return get('/api/v1/attributes', signal);
}

export function segments(signal: AbortSignal): Promise<{ segments: Segment[] }> {
  return get('/api/v1/segments', signal);
}

export function keepSegment({ name, condition }: Segment): Promise<unknown> {
  return tell('PUT', `/api/v1/segments/${encodeURIComponent(name)}`, { name, condition });
}

export function forgetSegment(name: string): Promise<void> {
  return tell('DELETE', `/api/v1/segments/${encodeURIComponent(name)}`);
}

/** Keeps a table of prices: CSV, `country,category,price`. */
export async function putPrices(file: File): Promise<void> {
  const headers = { ...FROM_PAGE, accept: 'application/json', 'content-type': 'text/csv' };
  await answered(fetch('/api/v1/prices', { method: 'PUT', headers, body: file }));
}

/** Takes a file to Meta, to be sent; answers its id there. */
export async function uploadMedia(account: string, file: File): Promise<string> {
  const query = new URLSearchParams({ kind: 'media', name: file.name });
  const address = `/api/v1/accounts/${encodeURIComponent(account)}/media?${query}`;
  const headers = { ...FROM_PAGE, accept: 'application/json', 'content-type': file.type || 'application/octet-stream' };
  const sent = fetch(address, { method: 'POST', headers, body: file });
  return (await read<{ id: string }>(address, await answered(sent))).id;
}

/** Time before following again after the host had answered with an error, in milliseconds. */
const FOLLOW_AGAIN_MS = 2000;

export interface Follower {
  progress(done: number, of: number): void;
  campaign(doc: CampaignDoc): void;
  lost(): void;
}

/** Follows a campaign as it is frozen and as it runs. Returns how to stop. */
export function follow(id: string, follower: Follower): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource;
  const said = (event: Event): unknown => JSON.parse((event as MessageEvent<string>).data);
  const connect = () => {
    source = new EventSource(`${path(id)}/events`);
    source.addEventListener('progress', (event) => {
      const { done, of } = said(event) as { done: number; of: number };
      follower.progress(done, of);
    });
    source.addEventListener('campaign', (event) => follower.campaign(said(event) as CampaignDoc));
    // It was deleted: without this the browser would connect again, because the host has closed the stream.
    source.addEventListener('gone', () => source.close());
    source.onerror = () => {
      follower.lost();
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

function path(id: string): string {
  return `/api/v1/campaigns/${encodeURIComponent(id)}`;
}

function posted(address: string, body: unknown, signal: AbortSignal): Promise<Response> {
  const headers = { ...FROM_PAGE, accept: 'application/json', 'content-type': 'application/json' };
  return fetch(address, { method: 'POST', headers, body: JSON.stringify(body), signal });
}
