// How a sign-up comes back: Meta sends its window to a page of this site, which hands what it got to the page that opened
// it. Windows of the same site only hear each other, however far apart the browser keeps them.

/** Where Meta sends its window. The app's dashboard has to name it among the valid redirect addresses. */
export const RETURN_PATH = '/connect/return';
const CHANNEL = 'consentry-sign-up';

export interface Returned {
  /** What was sent along. */
  state: string;
  /** Absent where somebody gave up. */
  code?: string;
}

/** Listens until the function that is returned is called. */
export function returned(hear: (what: Returned) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => hear(data as Returned);
  return () => channel.close();
}

/** Hands on what stands in the address, and takes it out of the address: a code is a secret for as long as it lasts. */
export function handOn(): void {
  const query = new URLSearchParams(location.search);
  const state = query.get('state');
  const code = query.get('code');
  history.replaceState(null, '', RETURN_PATH);
  if (state === null) return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(code === null ? { state } : { state, code });
  channel.close();
}
