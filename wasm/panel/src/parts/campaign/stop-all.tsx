// The kill switch: every campaign pauses, at once.

import { useState } from 'preact/hooks';

import { stopAll } from '../../api/campaigns.ts';
import { useWords } from '../../messages/words.ts';
import { announce } from '../announcer.tsx';
import { Ask } from './ask.tsx';

/** What it has stopped is still said when there is nothing left to stop. */
export function StopAll({ isNeeded = true, onStopped }: { isNeeded?: boolean; onStopped(): void }) {
  const { m } = useWords();
  const [paused, setPaused] = useState<number>();
  return (
    <>
      {isNeeded && (
        <Ask
          open={m.campaigns.stopAll}
          icon="stop"
          tone="danger"
          title={m.campaigns.stopAllTitle}
          confirm={m.campaigns.stopAll}
          onConfirm={async ({ by }) => {
            const answer = await stopAll(by);
            setPaused(answer.paused.length);
            announce(m.campaigns.stopped(answer.paused.length));
            onStopped();
          }}
        >
          <p>{m.campaigns.stopAllText}</p>
        </Ask>
      )}
      {paused !== undefined && (
        <span class="soft stopped" role="status">
          {m.campaigns.stopped(paused)}
        </span>
      )}
    </>
  );
}
