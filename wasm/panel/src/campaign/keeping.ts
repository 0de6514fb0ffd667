// Keeps a campaign that is written at the host: once it has a name and a template, every change a moment later.

import { useEffect, useRef, useState } from 'preact/hooks';

import type { CampaignDoc, Definition } from '../api/campaign-documents.ts';
import { change, create, remove } from '../api/campaigns.ts';
import { completeAudience } from './conditions.ts';
import { cleaned } from './draft.ts';
import { troubleFrom, type Trouble } from '../trouble.ts';

/** How long nobody types before it is kept, in milliseconds. */
const QUIET_MS = 900;

export interface Keeping {
  doc: CampaignDoc | undefined;
  /** Whether the host has exactly this. */
  isKept: boolean;
  keeping: boolean;
  trouble: Trouble | undefined;
  /** Keeps it now; nothing where that went wrong. */
  keep(): Promise<CampaignDoc | undefined>;
  /** Takes what the host says of it. */
  tell(doc: CampaignDoc): void;
  /** Deletes it; nothing is kept any more. */
  remove(): Promise<void>;
}

export function useKeeping(start: CampaignDoc | undefined, draft: Definition, isReady: boolean, onKept: (doc: CampaignDoc) => void): Keeping {
  const [doc, setDoc] = useState(start);
  const [kept, setKept] = useState<Definition | undefined>(start ? draft : undefined);
  const [keeping, setKeeping] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const newest = useRef({ doc, draft });
  newest.current = { doc: newest.current.doc ?? doc, draft };
  const under = useRef<Promise<unknown>>();

  /** What the host would not keep: it is not told again until something of it changes. */
  const refused = useRef<Definition>();

  const write = async (): Promise<CampaignDoc | undefined> => {
    const { draft: wanted, doc: known } = newest.current;
    setKeeping(true);
    setTrouble(undefined);
    try {
      const sent = cleaned({ ...wanted, ...(wanted.audience && { audience: completeAudience(wanted.audience) }) });
      const next = known ? await change(known.campaign, sent, known.version) : await create(sent);
      newest.current.doc = next;
      setDoc(next);
      setKept(wanted);
      if (!known) onKept(next);
      return next;
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
      refused.current = wanted;
      return undefined;
    } finally {
      setKeeping(false);
    }
  };
  /** One after the other, so that versions follow each other. */
  const keep = (): Promise<CampaignDoc | undefined> => {
    const next = (under.current ?? Promise.resolve()).then(write);
    under.current = next;
    return next;
  };
  const isKept = doc !== undefined && kept === draft;
  useEffect(() => {
    if (isKept || !isReady || keeping || refused.current === draft) return;
    const timer = setTimeout(() => void keep(), QUIET_MS);
    return () => clearTimeout(timer);
  }, [draft, isReady, keeping]);
  // Whoever leaves the page before the moment is over has it saved all the same.
  const last = useRef<() => void>();
  last.current = !isKept && isReady && refused.current !== draft ? () => void keep() : undefined;
  useEffect(() => () => last.current?.(), []);
  const tell = (next: CampaignDoc) => {
    newest.current.doc = next;
    setDoc(next);
  };
  const forget = async () => {
    await under.current;
    if (newest.current.doc) await remove(newest.current.doc.campaign);
    last.current = undefined;
  };
  return { doc, isKept, keeping, trouble, keep, tell, remove: forget };
}
