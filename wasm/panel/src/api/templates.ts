// Accounts and templates at the host: its documents, and what can be asked of it.

import type { TemplateDiagnostic } from 'consentry';

import type { JsonObject } from '../template/document.ts';
import type { Sources } from '../template/variables.ts';
import { FROM_PAGE, answered, get, HostError, read, tell } from './host.ts';

/** A template in one language. */
export interface TemplateDoc {
  account: string;
  id?: string;
  name: string;
  language: string;
  category: string;
  /** `DRAFT`, or Meta's word. */
  status: string;
  quality?: string;
  rejected_reason?: string;
  previous_category?: string;
  /** Meta no longer names it. */
  stale: boolean;
  synced_at?: string;
  changed_at: string;
  version: number;
  template: JsonObject;
  draft?: { template: JsonObject; values: Sources; version: number; changed_at: string };
  values: Sources;
  sendable: boolean;
  why_not?: string;
}

/** How a pull of templates goes. */
export interface Sync {
  state: 'never' | 'running' | 'done' | 'failed';
  account?: string;
  at?: string;
  pulled?: number;
  added?: number;
  changed?: number;
  gone?: number;
  trouble?: string;
}

export interface Account {
  /** `a1`. */
  account: string;
  waba_id: string;
  name: string;
  app_id?: string;
  graph: string;
  sandbox: boolean;
  numbers: AccountNumber[];
  connected_at: string;
  webhook: { subscribed: boolean; url?: string; verify_token: string };
  health?: { can_send: string; errors: string[] };
  trouble?: string;
}

export interface AccountNumber {
  id: string;
  display: string;
  name: string;
  quality?: string;
  status?: string;
  throughput?: string;
  limit?: string;
}

export type StepName = 'token' | 'app' | 'account' | 'number' | 'webhook';
export type StepState = 'ok' | 'warning' | 'failed' | 'waiting';

/** What a step can say. */
export type StepCode =
  | 'waits-before'
  | 'waits-account'
  | 'waits-token'
  | 'meta-not-asked'
  | 'meta-refused'
  | 'meta-unclear'
  | 'token-missing'
  | 'token-untold'
  | 'token-over'
  | 'token-lacks-rights'
  | 'token-ends'
  | 'token-good'
  | 'app-secret-wrong'
  | 'app-another'
  | 'app-secret-missing'
  | 'app-untold'
  | 'app-good'
  | 'account-untold'
  | 'account-to-choose'
  | 'account-blocked'
  | 'account-good'
  | 'number-another'
  | 'number-none'
  | 'number-unready'
  | 'number-good'
  | 'webhook-good'
  | 'webhook-waits';

/** What the words of a step are about. */
export type StepValues = { [name: string]: string | undefined };

/** What was seen at a step, and what helps, where that is said in other words than the host's. */
export interface StepWords {
  said: string;
  cure?: string;
}

/** One step of the walk through what an account needs. */
export interface Step {
  step: StepName;
  state: StepState;
  /** A later host may know codes that this page does not. */
  code: StepCode | (string & {});
  values?: StepValues;
  /** In English, as is the cure. */
  said: string;
  cure?: string;
  found?: {
    accounts?: { waba_id: string; name: string }[];
    numbers?: { id: string; display: string; name: string; status?: string | null }[];
    /** What else there is, the page does not need. */
    [other: string]: unknown;
  };
}

/** What somebody types to connect an account; what is empty is not sent. */
export interface Candidate {
  token: string;
  app_id: string;
  app_secret: string;
  waba_id: string;
  phone_number_id: string;
  pin: string;
}

/** What Meta refused with, and what the host makes of it. */
export interface MetaRefusal {
  code?: number;
  error_subcode?: number;
  title: string;
  message: string;
  fbtrace_id?: string;
  action: string;
  cure: string;
}

/** Where Meta's own sign-up is, when the host has an app for it. */
export interface SignUp {
  /** Address of the dialog; where to come back to is added. */
  dialog: string;
  /** Who may tell which account was chosen: exactly these. */
  origins: string[];
}

export function accounts(signal: AbortSignal): Promise<{ accounts: Account[]; sign_up?: SignUp }> {
  return get('/api/v1/accounts', signal);
}

/** Walks through everything as far as it can; nothing is kept. */
export async function check(candidate: Candidate, signal: AbortSignal): Promise<Step[]> {
  const { pin: _, ...asked } = candidate;
  const headers = { ...FROM_PAGE, accept: 'application/json', 'content-type': 'application/json' };
  const sent = { method: 'POST', headers, body: JSON.stringify(filled(asked)), signal };
  const path = '/api/v1/accounts/check';
  return (await read<{ steps: Step[] }>(path, await answered(fetch(path, sent)))).steps;
}

export function connect(candidate: Candidate): Promise<Account> {
  return tell('POST', '/api/v1/accounts', filled(candidate));
}

/** Connects the account of a sign-up. */
export function signUp(of: {
  code: string;
  redirect_uri: string;
  pin: string;
  waba_id?: string;
  phone_number_id?: string;
}): Promise<Account> {
  return tell('POST', '/api/v1/accounts/signup', filled(of));
}

export function forget(account: string): Promise<void> {
  return tell('DELETE', `/api/v1/accounts/${encodeURIComponent(account)}`);
}

export function templates(signal: AbortSignal): Promise<{ templates: TemplateDoc[]; sync: Sync }> {
  return get('/api/v1/templates', signal);
}

export function versions(account: string, name: string, signal: AbortSignal): Promise<{ versions: TemplateDoc[] }> {
  return get(path(account, name), signal);
}

/** Keeps a draft; `version` is the one it is known to have, none where there is none yet. */
export function keepDraft(
  which: Which,
  draft: { template: JsonObject; values: Sources; version?: number },
): Promise<TemplateDoc> {
  return tell('PUT', `${path(which.account, which.name)}/${encodeURIComponent(which.language)}/draft`, draft);
}

export function forgetDraft({ account, name, language }: Which): Promise<void> {
  return tell('DELETE', `${path(account, name)}/${encodeURIComponent(language)}/draft`);
}

export function submit({ account, name, language }: Which): Promise<TemplateDoc> {
  return tell('POST', `${path(account, name)}/${encodeURIComponent(language)}/submit`, {});
}

/** Deletes it at Meta's: in one language, or in all. */
export function deleteTemplate(account: string, name: string, language?: string): Promise<unknown> {
  const query = new URLSearchParams({ confirm: name, ...(language && { language }) });
  return tell('DELETE', `${path(account, name)}?${query}`);
}

/** Takes a sample of a header to Meta; answers its handle. */
export async function uploadSample(account: string, file: File): Promise<string> {
  const query = new URLSearchParams({ kind: 'header', name: file.name });
  const address = `/api/v1/accounts/${encodeURIComponent(account)}/media?${query}`;
  const headers = { ...FROM_PAGE, accept: 'application/json', 'content-type': file.type || 'application/octet-stream' };
  return (await read<{ handle: string }>(address, await answered(fetch(address, { method: 'POST', headers, body: file }))))
    .handle;
}

/** Pulls the templates of an account, and tells when that has ended. Returns how to stop listening. */
export function pull(account: string, onEnd: (sync: Sync) => void, onLost: (lost: unknown) => void): () => void {
  let source: EventSource | undefined;
  let stopped = false;
  const query = new URLSearchParams({ account });
  tell('POST', `/api/v1/templates/sync?${query}`).then(
    () => {
      if (stopped) return;
      source = new EventSource(`/api/v1/templates/sync/events?${query}`);
      source.addEventListener('end', (event) => {
        source?.close();
        onEnd(JSON.parse((event as MessageEvent<string>).data) as Sync);
      });
      source.onerror = () => {
        source?.close();
        onLost(new HostError('away', ''));
      };
    },
    (lost: unknown) => !stopped && onLost(lost),
  );
  return () => {
    stopped = true;
    source?.close();
  };
}

/** What the host found wrong with a template that was submitted. */
export function rejections(thrown: unknown): TemplateDiagnostic[] | undefined {
  if (!(thrown instanceof HostError) || thrown.code !== 'template-rejected') return undefined;
  return thrown.more['diagnostics'] as TemplateDiagnostic[];
}

/** What stood in the way of connecting. */
export function stepsOf(thrown: unknown): Step[] | undefined {
  return thrown instanceof HostError ? (thrown.more['steps'] as Step[] | undefined) : undefined;
}

export interface Which {
  account: string;
  name: string;
  language: string;
}

function path(account: string, name: string): string {
  return `/api/v1/templates/${encodeURIComponent(account)}/${encodeURIComponent(name)}`;
}

function filled(fields: Partial<Candidate>): Partial<Candidate> {
  const kept = Object.entries(fields).map(([name, value]) => [name, value.trim()]);
  return Object.fromEntries(kept.filter(([, value]) => value !== ''));
}
