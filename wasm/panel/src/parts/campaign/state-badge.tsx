// How a campaign stands, in one word.

import type { State } from '../../api/campaign-documents.ts';
import { useWords } from '../../messages/words.ts';
import type { Tone } from '../figures.tsx';

const TONES: { [state in State]: Tone } = {
  draft: 'plain',
  freezing: 'accent',
  frozen: 'accent',
  awaiting_approval: 'warn',
  scheduled: 'accent',
  running: 'good',
  paused: 'warn',
  finished: 'calm',
  cancelled: 'bad',
};

export function CampaignBadge({ state }: { state: State }) {
  const { m } = useWords();
  return <span class={`badge tone-${TONES[state] ?? 'plain'}`}>{m.campaigns.states[state] ?? state}</span>;
}
