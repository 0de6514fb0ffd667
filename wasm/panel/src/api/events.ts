// What Meta tells, as the host keeps it: its documents, and what can be asked of it.

import { answered, get } from './host.ts';

export type EventKind =
  | 'message'
  | 'status'
  | 'opt_out'
  | 'resume'
  | 'sign_up'
  | 'moved'
  | 'echo'
  | 'template'
  | 'account'
  | 'error'
  | 'other';

/** One event as it was kept. */
export interface Entry {
  /** Grows with every event; what comes later has a greater one. */
  seq: number;
  /** RFC 3339. */
  received_at: string;
  /** Nobody has to act on it any more. */
  done: boolean;
  event: Heard;
}

/** One thing that was heard. What does not belong to its kind is absent. */
export interface Heard {
  kind: EventKind;
  id: string;
  lane: 'consent' | 'rest';
  /** When it happened by Meta's clock, RFC 3339. */
  at?: string;
  at_ms?: number;
  waba_id?: string;
  phone_number_id?: string;
  /** E.164. */
  number?: string;
  user_id?: string;
  name?: string;
  username?: string;
  previous_number?: string;
  previous_user_id?: string;
  /** The wamid of the message, or of the one it is about. */
  message_id?: string;
  type?: string;
  text?: string;
  payload?: string;
  /** The message it answers. */
  context_id?: string;
  group_id?: string;
  status?: string;
  errors?: MetaError[];
  pricing?: Pricing;
  conversation_id?: string;
  callback_data?: string;
  by?: string;
  words?: string;
  field?: string;
  news?: string;
  template_name?: string;
  template_language?: string;
  /** The part of the body that it was heard in. */
  raw: unknown;
}

export interface MetaError {
  code?: number;
  title?: string;
  details?: string;
}

export interface Pricing {
  category?: string;
  type?: string;
  model?: string;
  billable?: boolean;
}

/** What became of one message. */
export interface Delivery {
  message_id: string;
  standing: string;
  number?: string;
  user_id?: string;
  steps: { status: string; at: string }[];
  errors: MetaError[];
  pricing?: Pricing;
  callback_data?: string;
  phone_number_id?: string;
  conversation_id?: string;
}

/** How the host stands with what comes in. */
export interface InboxStatus {
  events: number;
  /** Events that somebody has yet to act on: about consent, and all others. */
  consent_waits: number;
  rest_waits: number;
  last_received_at?: string;
  /** Where an inbox elsewhere takes the webhooks. */
  edge?: { url: string; connected: boolean; last_pulled_at?: string; trouble?: string };
}

/** Which events; what is left out does not matter. */
export interface Wanted {
  kinds: readonly EventKind[];
  number?: string;
  user_id?: string;
  message_id?: string;
}

/** Newest first. `before` is the `next` of the page before. */
export async function events(
  wanted: Wanted,
  page: { before?: number; limit: number },
  signal: AbortSignal,
): Promise<{ events: Entry[]; next?: number }> {
  const query = new URLSearchParams({
    ...asked(wanted),
    ...(page.before !== undefined && { before: String(page.before) }),
    limit: String(page.limit),
  });
  const headers = { accept: 'application/json' };
  const response = await answered(fetch(`/api/v1/events?${query}`, { signal, headers }));
  return exact(await response.text()) as { events: Entry[]; next?: number };
}

export function inboxStatus(signal: AbortSignal): Promise<InboxStatus> {
  return get('/api/v1/events/status', signal);
}

export function delivery(message: string, signal: AbortSignal): Promise<Delivery> {
  return get(`/api/v1/deliveries/${encodeURIComponent(message)}`, signal);
}

export interface Listener {
  opened(): void;
  heard(entry: Entry): void;
  /** Nothing more comes; whoever wants more listens anew. */
  lost(): void;
}

/** Listens to events as they come in, from the one after `after` on. Returns how to stop. */
export function listen(wanted: Wanted, after: number, listener: Listener): () => void {
  const query = new URLSearchParams({ ...asked(wanted), after: String(after) });
  const source = new EventSource(`/api/v1/events/live?${query}`);
  source.onopen = () => listener.opened();
  source.addEventListener('event', (event) => listener.heard(exact((event as MessageEvent<string>).data) as Entry));
  source.onerror = () => {
    // The browser would try again by itself, but without a pause that grows, and after an error answer not at all.
    source.close();
    listener.lost();
  };
  return () => source.close();
}

function asked({ kinds, ...whose }: Wanted): Record<string, string> {
  return { ...(kinds.length > 0 && { kind: kinds.join(',') }), ...whose };
}

/** `JSON.rawJSON` and the third argument of revivers are younger than some browsers that the panel is built for. */
const rawJson = (JSON as unknown as { rawJSON?: (text: string) => unknown }).rawJSON;
const LONG_NUMBER = /[:[,]\s*-?\d{16}/;

/** Meta has ids that are numbers and longer than JavaScript's; where the browser can, they are kept as they are written. */
function exact(text: string): unknown {
  if (rawJson === undefined || !LONG_NUMBER.test(text)) return JSON.parse(text);
  const revive = (_: string, value: unknown, context?: { source?: string }) => {
    const isRounded = typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER;
    return isRounded && context?.source !== undefined ? rawJson(context.source) : value;
  };
  return JSON.parse(text, revive);
}
