// Who may come in: signing in, one's own account, people, keys, the audit.

import { get, tell } from './host.ts';

export interface SessionDoc {
  /** `open` where nobody signs in. */
  state: 'open' | 'signed_in' | 'signed_out';
  person: { email: string; name: string } | null;
  rights: string[];
  /** Nobody can sign in yet: the host has printed a link. */
  is_new: boolean;
  /** Host of the business's own sign-in, where it has one. */
  provider: string | null;
}

export interface Welcome {
  email: string | null;
  name: string | null;
  secret: string;
  picture_size: number;
  picture_path: string;
}

export interface Arrival {
  token: string;
  email?: string;
  name?: string;
  password: string;
  code: string;
}

export interface OneSession {
  session: string;
  made_at: string;
  seen_at: string;
  address: string;
  agent: string;
  is_this: boolean;
}

export const ROLES = ['viewer', 'importer', 'campaigner', 'approver', 'admin', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

export interface Person {
  email: string;
  name: string;
  roles: Role[];
  state: 'invited' | 'active' | 'disabled';
  made_at: string;
  made_by: string;
  signed_in_at: string | null;
  recovery_left: number;
}

export const SCOPES = [
  'look',
  'export',
  'import',
  'opt-out',
  'lift-opt-outs',
  'templates',
  'campaigns',
  'send',
  'stop',
  'accounts',
  'audit',
  'erase',
] as const;
export type Scope = (typeof SCOPES)[number];

export interface Key {
  key: string;
  name: string;
  scopes: Scope[];
  state: 'active' | 'expired' | 'revoked';
  made_at: string;
  made_by: string;
  expires_at: string | null;
  used_at: string | null;
}

export interface Note {
  seq: number;
  at: string;
  who: string;
  verb: string;
  subject: string;
  from: string;
  result: 'done' | 'refused' | 'failed';
  detail: string;
  hash: string;
}

export interface Verified {
  intact: boolean;
  notes: number;
  hash: string;
  why: string | null;
}

const name = encodeURIComponent;

export const whoAmI = (): Promise<SessionDoc> => get('/api/v1/session');
export const signIn = (email: string, password: string, code: string): Promise<SessionDoc> =>
  tell('POST', '/api/v1/session', { email, password, code });
export const leaveForProvider = (): Promise<{ location: string }> => tell('POST', '/api/v1/session/provider');
export const comeBack = (state: string, code: string): Promise<SessionDoc> =>
  tell('POST', '/api/v1/session/provider/arrive', { state, code });
export const signOut = (everywhere: boolean): Promise<void> =>
  tell('DELETE', `/api/v1/session${everywhere ? '?everywhere=true' : ''}`);
export const welcome = (token: string): Promise<Welcome> => tell('POST', '/api/v1/session/welcome', { token });
export const arrive = (arrival: Arrival): Promise<{ recovery: string[] }> =>
  tell('POST', '/api/v1/session/arrive', arrival);

export const sessions = (signal: AbortSignal): Promise<{ sessions: OneSession[] }> =>
  get('/api/v1/account/sessions', signal);
export const endSession = (id: string): Promise<void> => tell('DELETE', `/api/v1/account/sessions/${name(id)}`);
export const changePassword = (password: string, next: string): Promise<void> =>
  tell('PUT', '/api/v1/account/password', { password, new_password: next });
export const renewRecovery = (): Promise<{ recovery: string[] }> => tell('POST', '/api/v1/account/recovery');

export const people = (signal: AbortSignal): Promise<{ people: Person[] }> => get('/api/v1/people', signal);
export const invite = (of: { email: string; name: string; roles: Role[] }): Promise<{ link: string }> =>
  tell('POST', '/api/v1/people', of);
export const changePerson = (email: string, to: { roles?: Role[]; disabled?: boolean }): Promise<Person> =>
  tell('PUT', `/api/v1/people/${name(email)}`, to);
export const newLink = (email: string): Promise<{ link: string }> => tell('POST', `/api/v1/people/${name(email)}/link`);

export const keys = (signal: AbortSignal): Promise<{ keys: Key[] }> => get('/api/v1/keys', signal);
export const createKey = (of: { name: string; scopes: Scope[]; days: number | null }): Promise<{ token: string }> =>
  tell('POST', '/api/v1/keys', of);
export const revokeKey = (id: string): Promise<Key> => tell('DELETE', `/api/v1/keys/${name(id)}`);

export const audit = (before: number | null, signal: AbortSignal): Promise<{ notes: Note[]; more: boolean }> =>
  get(`/api/v1/audit${before === null ? '' : `?before=${before}`}`, signal);
export const verifyAudit = (): Promise<Verified> => get('/api/v1/audit/verify');
