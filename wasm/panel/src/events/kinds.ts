// How events are told apart: in groups that people look for, by a sign, and by whom or what they are about.

import type { EventKind, Heard, Wanted } from '../api/events.ts';
import type { Tone } from '../parts/figures.tsx';
import type { IconName } from '../parts/icon.tsx';

export type Group = 'all' | 'messages' | 'statuses' | 'consents' | 'templates' | 'accounts' | 'other';

/** Every kind is in one group. */
export const GROUPS: { [group in Group]: readonly EventKind[] } = {
  all: [],
  messages: ['message', 'echo'],
  statuses: ['status'],
  consents: ['opt_out', 'resume', 'sign_up'],
  templates: ['template'],
  accounts: ['account'],
  other: ['moved', 'error', 'other'],
};

const ICONS: { [kind in EventKind]: IconName } = {
  message: 'chat',
  status: 'ticks',
  opt_out: 'stop',
  resume: 'check',
  sign_up: 'check',
  moved: 'next',
  echo: 'reply',
  template: 'sheet',
  account: 'shop',
  error: 'warning',
  other: 'menu',
};

const TONES: { [kind in EventKind]?: Tone } = {
  message: 'accent',
  opt_out: 'bad',
  resume: 'good',
  sign_up: 'good',
  error: 'warn',
};

const STATUS_TONES: { [status: string]: Tone } = {
  sent: 'plain',
  delivered: 'accent',
  read: 'good',
  played: 'good',
  failed: 'bad',
};

/** Meta's words for good and bad news about templates and accounts, as far as they are clear. */
const NEWS_TONES: { [news: string]: Tone } = {
  APPROVED: 'good',
  REINSTATED: 'good',
  GREEN: 'good',
  ACCOUNT_REINSTATED: 'good',
  FLAGGED: 'warn',
  PAUSED: 'warn',
  YELLOW: 'warn',
  DECREASE: 'warn',
  DOWNGRADE: 'warn',
  PENDING_DELETION: 'warn',
  REJECTED: 'bad',
  DISABLED: 'bad',
  RED: 'bad',
  ACCOUNT_DELETED: 'bad',
  ACCOUNT_RESTRICTION: 'bad',
  ACCOUNT_VIOLATION: 'bad',
  DISABLED_UPDATE: 'bad',
};

export function groupOf(word: string | null): Group {
  return word !== null && Object.hasOwn(GROUPS, word) ? (word as Group) : 'all';
}

/** The address of the page that shows them. */
export function address(group: Group, q: string): string {
  const query = new URLSearchParams({ ...(group !== 'all' && { show: group }), ...(q && { q }) });
  return query.size > 0 ? `/events?${query}` : '/events';
}

/** What somebody types to find events: a number in any spelling, a message's id, or a person's user id. */
export function wanted(group: Group, q: string): Wanted {
  const kinds = GROUPS[group];
  const text = q.trim();
  if (text === '') return { kinds };
  if (text.startsWith('wamid.')) return { kinds, message_id: text };
  // The host reads numbers, with all their signs; it only has to be told that it is one.
  return /^[^\p{L}]*$/u.test(text) ? { kinds, number: text } : { kinds, user_id: text };
}

/** A kind that a newer host knows is drawn like any other thing that has no sign of its own. */
export function iconOf({ kind }: Heard): IconName {
  return Object.hasOwn(ICONS, kind) ? ICONS[kind] : 'menu';
}

export function toneOf({ kind }: Heard): Tone {
  return known(TONES, kind) ?? 'plain';
}

export function statusTone(status: string): Tone {
  return known(STATUS_TONES, status) ?? 'calm';
}

export function newsTone(news: string): Tone {
  return known(NEWS_TONES, news) ?? 'calm';
}

/** The message of ours that it tells something of, if it does. */
export function sentMessage({ kind, message_id, by }: Heard): string | undefined {
  return kind === 'status' || by === 'error' ? message_id : undefined;
}

/** Words come from outside, and every object has members that nobody wrote down. */
function known(tones: { [word: string]: Tone }, word: string): Tone | undefined {
  return Object.hasOwn(tones, word) ? tones[word] : undefined;
}
