// The way from nothing to a sent campaign: what of it is done, as the host says, and what comes next. It decides nothing;
// what was hidden is kept in the browser, what is done is not, because the host knows it.

import { useEffect } from 'preact/hooks';

import type { Summary } from './api/campaign-documents.ts';
import { attributes, campaigns } from './api/campaigns.ts';
import { profiles } from './api/host.ts';
import { accounts, keepDraft, submit, templates, type Account, type TemplateDoc } from './api/templates.ts';
import { firstValues, slotsOf } from './campaign/draft.ts';
import { cell, useCell } from './cell.ts';
import type { Language } from './preferences.ts';

/** How often the host is asked while something goes on by itself, in milliseconds. */
const LIVE_MS = 1500;
const KEY = 'consentry.first-steps';
const WRITABLE: readonly string[] = ['draft', 'freezing', 'frozen', 'awaiting_approval'];
const OVER: readonly string[] = ['finished', 'cancelled'];

export const FIRST_STEPS = ['connect', 'people', 'template', 'campaign', 'report'] as const;
export type FirstStep = (typeof FIRST_STEPS)[number];

/** What there is already. */
export interface Beginnings {
  account: Account | undefined;
  people: number;
  /** The template that a first campaign is written with: one that needs nothing filled in comes first. */
  template: TemplateDoc | undefined;
  /** One that Meta has not decided on yet. */
  pending: TemplateDoc | undefined;
  /** The campaign that is being written. */
  draft: Summary | undefined;
  /** The one that was sent last. */
  sent: Summary | undefined;
  /** How many were sent. */
  sentCount: number;
}

/** `null` where the host could not be asked. */
export const beginnings = cell<Beginnings | null | undefined>(undefined);
export const isHidden = cell(kept());

export function hide(hidden: boolean): void {
  isHidden.set(hidden);
  try {
    if (hidden) localStorage.setItem(KEY, 'hidden');
    else localStorage.removeItem(KEY);
  } catch {
    // Storage can be forbidden; then it is known as long as the page lives.
  }
}

/** Which steps are done; the first that is not is the one to take. */
export function doneOf(of: Beginnings): ReadonlySet<FirstStep> {
  const done = new Set<FirstStep>();
  if (of.account) done.add('connect');
  if (of.people > 0) done.add('people');
  if (of.template || of.sent) done.add('template');
  if (of.sent) done.add('campaign');
  if (of.sent && OVER.includes(of.sent.state)) done.add('report');
  return done;
}

export function nextOf(of: Beginnings): FirstStep | undefined {
  const done = doneOf(of);
  return FIRST_STEPS.find((step) => !done.has(step));
}

/** What there is; asked when a page appears, and again while something goes on by itself. */
export function useBeginnings(isWanted = true): Beginnings | null | undefined {
  const known = useCell(beginnings);
  const waits = known ? known.pending !== undefined || (known.sent !== undefined && !OVER.includes(known.sent.state)) : false;
  useEffect(() => {
    if (isWanted) void look();
  }, [isWanted]);
  useEffect(() => {
    if (!isWanted || !waits) return;
    const timer = setInterval(() => !document.hidden && void look(), LIVE_MS);
    return () => clearInterval(timer);
  }, [isWanted, waits]);
  return known;
}

let asked = 0;

/** Asks the host. */
export async function look(): Promise<void> {
  asked += 1;
  const turn = asked;
  const { signal } = new AbortController();
  try {
    const [known, people, listed, names, sent] = await Promise.all([
      accounts(signal),
      profiles({}, 1, signal),
      templates(signal),
      attributes(signal),
      campaigns(signal),
    ]);
    // A later question may have been answered sooner.
    if (turn !== asked) return;
    const account = known.accounts.find((one) => listed.templates.some((of) => of.account === one.account)) ?? known.accounts[0];
    const going = sent.campaigns.filter(({ state }) => !WRITABLE.includes(state));
    const attributeNames = names.attributes.map(({ name }) => name);
    beginnings.set({
      account,
      people: people.total,
      template: account && best(listed.templates, account, attributeNames),
      pending: listed.templates.find((one) => one.account === account?.account && one.name === FIRST_NAME && one.status === 'PENDING'),
      draft: sent.campaigns.find(({ state }) => WRITABLE.includes(state)),
      sent: going[0],
      sentCount: going.length,
    });
  } catch {
    if (turn === asked && !beginnings.get()) beginnings.set(null);
  }
}

/** Writes a campaign with this template: everything that is known is filled in. */
export function sendWith(of: TemplateDoc, more: { import?: string; name?: string } = {}): string {
  const query = new URLSearchParams({ account: of.account, template: of.name, language: of.language, ...more, step: 'go' });
  return `/campaigns/new?${query}`;
}

/** Of those that can be sent, the one that leaves least to fill in. In the sandbox the examples do not count. */
function best(all: readonly TemplateDoc[], account: Account, names: readonly string[]): TemplateDoc | undefined {
  const open = (one: TemplateDoc) => slotsOf(one).length - Object.keys(firstValues(one, names)).length;
  const fit = all
    .filter((one) => one.account === account.account && one.sendable && one.category !== 'AUTHENTICATION')
    .sort((a, b) => open(a) - open(b));
  const [first] = fit;
  return first && account.sandbox && open(first) > 0 ? undefined : first;
}

/** Its name; whoever deletes it can have it made again. */
const FIRST_NAME = 'first_hello';

const FIRST_TEXTS: { [one in Language]: { code: string; body: string; footer: string; example: string; you: string } } = {
  en: {
    code: 'en_US',
    body: 'Hello {{first_name}}, thank you for being with us. Until Sunday everything in our shop is 10% off for you. Come and have a look!',
    footer: 'Reply STOP to hear no more',
    example: 'Ada',
    you: 'there',
  },
  tr: {
    code: 'tr',
    body: 'Merhaba {{first_name}}, bizimle olduğunuz için teşekkürler. Pazar gününe kadar mağazamızdaki her şey size %10 indirimli. Bekleriz!',
    footer: 'Mesaj almamak için DUR yazın',
    example: 'Ada',
    you: 'değerli müşterimiz',
  },
};

/** Writes a good message and submits it, in one go. Returns the address of its page. */
export async function makeTemplate(account: string, language: Language): Promise<string> {
  const { code, body, footer, example, you } = FIRST_TEXTS[language];
  const which = { account, name: FIRST_NAME, language: code };
  const template = {
    name: FIRST_NAME,
    language: code,
    category: 'MARKETING',
    parameter_format: 'NAMED',
    components: [
      { type: 'BODY', text: body, example: { body_text_named_params: [{ param_name: 'first_name', example }] } },
      { type: 'FOOTER', text: footer },
    ],
  };
  await keepDraft(which, { template, values: { 'body.first_name': { attribute: 'first_name', default: you } } });
  await submit(which);
  await look();
  return `/templates/${account}/${FIRST_NAME}`;
}

function kept(): boolean {
  try {
    return localStorage.getItem(KEY) === 'hidden';
  } catch {
    return false;
  }
}
