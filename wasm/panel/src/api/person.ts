// What the host knows of one person beside the consent.

import type { Profile } from './documents.ts';
import { get, tell } from './host.ts';

export interface KnownPerson {
  profile: Profile;
  messages: PersonMessage[];
  edits: Edit[];
}

export interface PersonMessage {
  campaign: string;
  /** Empty where the campaign is gone. */
  name: string;
  place: number;
  template: string;
  language: string;
  number: string;
  status: string;
  code?: number;
  reason?: string;
  intended_at?: string;
  clicked_at?: string;
  replied_at?: string;
  opted_out_at?: string;
}

/** An attribute changed by hand. */
export interface Edit {
  at: string;
  by: string;
  name: string;
  from: string | null;
  to: string | null;
}

export function person(profile: string, signal: AbortSignal): Promise<KnownPerson> {
  return get(`/api/v1/profiles/${encodeURIComponent(profile)}`, signal);
}

/** Says what was seen: where it is something else by now, nothing is changed. */
export function changeAttribute(
  profile: string,
  name: string,
  from: string | null,
  to: string | null,
): Promise<KnownPerson> {
  return tell('PUT', `/api/v1/profiles/${encodeURIComponent(profile)}/attributes`, { changes: { [name]: { from, to } } });
}

/** The person's own word, heard by somebody. */
export function recordOptOut(number: string, heard: string): Promise<unknown> {
  return tell('POST', '/api/v1/opt-outs', { number, heard });
}

/** Erases a person for good. Answers when all of it is done. */
export function erasePerson(profile: string, reason: string): Promise<unknown> {
  return tell('POST', `/api/v1/profiles/${encodeURIComponent(profile)}/erasure`, { profile, reason });
}

/** Where the signed file is; a link, so that the browser keeps it like any download. */
export function evidenceAddress(of: string): string {
  return `/api/v1/evidence?${new URLSearchParams({ of })}`;
}
