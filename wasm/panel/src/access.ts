// Who sits before the panel, as the host says. Pages offer what they may do; whether they may is decided by the host.

import { comeBack, leaveForProvider, whoAmI, type SessionDoc } from './api/access.ts';
import { onSignedOut } from './api/host.ts';
import { cell, useCell } from './cell.ts';
import type { Right } from './rights.ts';
import { troubleFrom, type Trouble } from './trouble.ts';

export type Standing = { known: false; trouble?: Trouble } | ({ known: true } & SessionDoc);

export const standing = cell<Standing>({ known: false });

/** Where the business's own sign-in sends people back to; the provider has to name it among the valid addresses. */
const RETURN_PATH = '/sign-in/return';

/** Why somebody who came back from there is not in. `undefined` trouble: the provider let nobody in. */
export const turnedAway = cell<{ trouble?: Trouble } | undefined>(undefined);

const WELCOME = '#welcome=';

/** The token of a link that was followed. It is taken out of the address, so that no history keeps it. */
export const invitation = cell<string>(taken());

/** Asks who is here. */
export async function ask(): Promise<void> {
  try {
    standing.set({ known: true, ...(await whoAmI()) });
  } catch (thrown) {
    standing.set({ known: false, trouble: troubleFrom(thrown) });
  }
}

/** The address of whoever signed in: the host names nobody else. Empty where nobody signs in. */
export function addressOf(here: Standing): string {
  return here.known ? (here.person?.email ?? '') : '';
}

/** Whether whoever is here may do something. */
export function may(here: Standing, right: string): boolean {
  return here.known && here.rights.includes(right);
}

/** Whether something is to be offered. Before the host has said who is here, all is: it decides all the same. */
export function useMay(): (right: Right) => boolean {
  const here = useCell(standing);
  return (right) => !here.known || may(here, right);
}

export function begin(): void {
  onSignedOut(() => {
    const here = standing.get();
    if (here.known && here.state === 'signed_in') void ask();
  });
  // A link that is followed while the panel is open.
  addEventListener('hashchange', () => {
    const token = taken();
    if (token) invitation.set(token);
  });
  void arrive().then(ask);
}

/** Leaves for the business's own sign-in. */
export async function leave(): Promise<void> {
  location.assign((await leaveForProvider()).location);
}

/** Whoever comes back from there is let in. What stands in the address is taken out of it: a code is a secret as long as it lasts. */
async function arrive(): Promise<void> {
  if (location.pathname !== RETURN_PATH) return;
  const query = new URLSearchParams(location.search);
  history.replaceState(null, '', '/');
  const [state, code] = [query.get('state'), query.get('code')];
  try {
    if (state === null || code === null) turnedAway.set({});
    else await comeBack(state, code);
  } catch (thrown) {
    turnedAway.set({ trouble: troubleFrom(thrown) });
  }
}

function taken(): string {
  if (!location.hash.startsWith(WELCOME)) return '';
  const token = location.hash.slice(WELCOME.length);
  history.replaceState(null, '', location.pathname + location.search);
  return token;
}
