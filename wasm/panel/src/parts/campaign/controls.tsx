// What can be done with a campaign that goes: pause, resume, cancel. Each asks first.

import { useMay } from '../../access.ts';
import type { CampaignDoc } from '../../api/campaign-documents.ts';
import { act, type Deed } from '../../api/campaigns.ts';
import { useWords } from '../../messages/words.ts';
import { announce } from '../announcer.tsx';
import type { IconName } from '../icon.tsx';
import { Ask } from './ask.tsx';

const POSSIBLE: { [state: string]: readonly ('pause' | 'resume' | 'cancel')[] } = {
  scheduled: ['pause', 'cancel'],
  running: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
};
const ICONS: { [deed in Deed]?: IconName } = { pause: 'pause', resume: 'play', cancel: 'bin' };

/** Going on is sending; stopping is open to more people. */
const NEEDS = { pause: 'stop', resume: 'send', cancel: 'stop' } as const;

export function Controls({ doc, onDoc }: { doc: CampaignDoc; onDoc(doc: CampaignDoc): void }) {
  const { m } = useWords();
  const may = useMay();
  return (
    <>
      {(POSSIBLE[doc.state] ?? []).filter((deed) => may(NEEDS[deed])).map((deed) => {
        const words = m.campaign.deeds[deed];
        const icon = ICONS[deed];
        return (
          <Ask
            key={deed}
            open={words.open}
            {...(icon && { icon })}
            tone={deed === 'resume' ? 'primary' : 'plain'}
            grave={deed === 'cancel'}
            title={words.title}
            confirm={words.confirm}
            why={deed === 'pause'}
            onConfirm={async (said) => {
              onDoc(await act(doc.campaign, deed, said));
              announce(words.done);
            }}
          >
            <p>{words.text}</p>
          </Ask>
        );
      })}
    </>
  );
}
