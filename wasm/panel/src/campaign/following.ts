// A campaign as it goes: news of the host's while it is frozen and while it runs.

import { useEffect, useRef, useState } from 'preact/hooks';

import type { CampaignDoc, State } from '../api/campaign-documents.ts';
import { follow } from '../api/campaigns.ts';

/** States in which news comes by itself. */
const LIVE: ReadonlySet<State> = new Set(['freezing', 'scheduled', 'running', 'paused']);

export function isLive(state: State | undefined): boolean {
  return state !== undefined && LIVE.has(state);
}

export interface Following {
  /** How far freezing has come. */
  progress?: { done: number; of: number };
  interrupted: boolean;
}

/** Follows the campaign while it is in such a state. */
export function useFollowing(id: string | undefined, live: boolean, onDoc: (doc: CampaignDoc) => void): Following {
  const [state, setState] = useState<Following>({ interrupted: false });
  // News goes to the page as it is now, not as it was when following began.
  const hear = useRef(onDoc);
  hear.current = onDoc;
  useEffect(() => {
    if (id === undefined || !live) return;
    setState({ interrupted: false });
    return follow(id, {
      progress: (done, of) => setState({ progress: { done, of }, interrupted: false }),
      campaign(doc) {
        setState((before) => (before.interrupted ? { ...before, interrupted: false } : before));
        hear.current(doc);
      },
      lost: () => setState((before) => ({ ...before, interrupted: true })),
    });
  }, [id, live]);
  return state;
}
