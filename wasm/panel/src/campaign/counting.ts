// How many people an audience has, asked again as it changes, and not for every key that is pressed.

import { useEffect, useState } from 'preact/hooks';

import type { Audience, Counted } from '../api/campaign-documents.ts';
import { countAudience } from '../api/campaigns.ts';
import { troubleFrom, type Trouble } from '../trouble.ts';

/** How long nobody changes anything before it is asked, in milliseconds. */
const QUIET_MS = 300;

export interface Counting {
  /** The last answer; it stays while a new one is on its way. */
  counted?: Counted;
  trouble?: Trouble;
  waiting: boolean;
}

export function useCount(audience: Audience): Counting {
  const [state, setState] = useState<Counting>({ waiting: true });
  const asked = JSON.stringify(audience);
  useEffect(() => {
    const asking = new AbortController();
    const timer = setTimeout(() => {
      countAudience(JSON.parse(asked) as Audience, asking.signal).then(
        (counted) => !asking.signal.aborted && setState({ counted, waiting: false }),
        (thrown: unknown) => !asking.signal.aborted && setState({ trouble: troubleFrom(thrown), waiting: false }),
      );
    }, QUIET_MS);
    setState(({ counted }) => ({ ...(counted && { counted }), waiting: true }));
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [asked]);
  return state;
}
