// Addresses of the panel's pages. Ordinary links work; this only spares them the reload.

import { STEPS, type StepName } from './campaign/draft.ts';
import { cell } from './cell.ts';

export type Route =
  | { page: 'start' }
  | { page: 'history' }
  | { page: 'import'; id: string }
  | { page: 'profiles'; q: string; permission: string; after: string | null }
  | { page: 'timeline'; of: string }
  | { page: 'events'; show: string | null; q: string }
  | { page: 'connect' }
  | { page: 'connect-return' }
  | { page: 'templates' }
  | { page: 'template'; account: string; name: string }
  | { page: 'builder'; account: string; from: string; language: string; mode: 'new' | 'copy' | 'edit' }
  | { page: 'campaigns' }
  | { page: 'campaign'; id: string }
  | { page: 'campaign-editor'; id: string; step: StepName }
  | { page: 'settings' }
  | { page: 'account' }
  | { page: 'team' }
  | { page: 'keys' }
  | { page: 'audit' }
  | { page: 'webhooks' }
  | { page: 'health' }
  | { page: 'first-steps' }
  | { page: 'nowhere' };

/** Pages whose address is their name and nothing more. */
const ALONE = ['settings', 'account', 'team', 'keys', 'audit', 'webhooks', 'health', 'first-steps'] as const;

export const route = cell<Route>(read());

/** How many pages have been shown before this one; 0 right after loading. */
export let visited = 0;

/** Goes to a page of the panel. */
export function go(path: string, how: { replace?: boolean } = {}): void {
  if (how.replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  turn();
  if (!how.replace) scrollTo(0, 0);
}

/** Starts following clicks on links and the browser's own back and forward. */
export function follow(): void {
  addEventListener('popstate', turn);
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest('a');
    if (!link || link.hasAttribute('download') || link.target || link.origin !== location.origin) return;
    if (link.pathname.startsWith('/api/') || link.hash) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

function turn(): void {
  visited += 1;
  route.set(read());
}

function read(): Route {
  const parts = location.pathname.split('/').filter(Boolean).map(decoded);
  const query = new URLSearchParams(location.search);
  const [first, second, third] = parts;
  if (first === undefined) return { page: 'start' };
  if (first === 'templates') return templateRoute(parts.slice(1), query);
  if (first === 'campaigns') return campaignRoute(parts.slice(1), query);
  if (third !== undefined) return { page: 'nowhere' };
  if (first === 'imports') return second === undefined ? { page: 'history' } : { page: 'import', id: second };
  if (first === 'profiles') {
    if (second !== undefined) return { page: 'timeline', of: second };
    const permission = query.get('permission') ?? '';
    return { page: 'profiles', q: query.get('q') ?? '', permission, after: query.get('after') };
  }
  if (first === 'events' && second === undefined) {
    return { page: 'events', show: query.get('show'), q: query.get('q') ?? '' };
  }
  const alone = ALONE.find((page) => page === first);
  if (alone && second === undefined) return { page: alone };
  if (first === 'connect' && second === undefined) return { page: 'connect' };
  if (first === 'connect' && second === 'return') return { page: 'connect-return' };
  return { page: 'nowhere' };
}

/** `/templates`, `/templates/new`, `/templates/a1/name`, `/templates/a1/name/edit?language=en`. */
function templateRoute(parts: string[], query: URLSearchParams): Route {
  const [account, name, verb, more] = parts;
  const language = query.get('language') ?? '';
  if (account === undefined) return { page: 'templates' };
  if (account === 'new' && name === undefined) {
    const from = query.get('from') ?? '';
    return { page: 'builder', account: query.get('account') ?? '', from, language, mode: from ? 'copy' : 'new' };
  }
  if (name === undefined || more !== undefined) return { page: 'nowhere' };
  if (verb === undefined) return { page: 'template', account, name };
  return verb === 'edit' ? { page: 'builder', account, from: name, language, mode: 'edit' } : { page: 'nowhere' };
}

/** `/campaigns`, `/campaigns/new`, `/campaigns/c7`, `/campaigns/c7/edit?step=audience`. */
function campaignRoute([id, verb, more]: string[], query: URLSearchParams): Route {
  const step = STEPS.find((one) => one === query.get('step')) ?? 'compose';
  if (id === undefined) return { page: 'campaigns' };
  if (id === 'new') return verb === undefined ? { page: 'campaign-editor', id: '', step } : { page: 'nowhere' };
  if (verb === undefined) return { page: 'campaign', id };
  return verb === 'edit' && more === undefined ? { page: 'campaign-editor', id, step } : { page: 'nowhere' };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A lone `%` in a hand-typed address.
  }
}
