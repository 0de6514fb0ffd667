// How the host stands with what comes in: when something came last, what waits, and whether the edge answers.

import type { InboxStatus } from '../../api/events.ts';
import { useNow } from '../../events/now.ts';
import { useWords } from '../../messages/words.ts';
import { Icon } from '../icon.tsx';
import { Moment } from '../moment.tsx';

export function Standing({ status }: { status: InboxStatus }) {
  const { m } = useWords();
  useNow();
  const { consent_waits, rest_waits, last_received_at, edge } = status;
  const waits = consent_waits + rest_waits > 0;
  return (
    <div class="standing-line">
      <span>
        <Icon name="clock" />
        {last_received_at === undefined ? (
          m.events.lastNever
        ) : (
          <span>
            {m.events.last} <Moment at={last_received_at} />
          </span>
        )}
      </span>
      <span class={consent_waits > 0 ? 'is-warning' : ''}>
        <Icon name={waits ? 'warning' : 'check'} />
        {waits ? m.events.waits(consent_waits, rest_waits) : m.events.noneWaits}
      </span>
      {edge && <Edge edge={edge} />}
    </div>
  );
}

function Edge({ edge }: { edge: NonNullable<InboxStatus['edge']> }) {
  const { m } = useWords();
  const { url, connected, last_pulled_at, trouble } = edge;
  const never = connected ? m.events.edgeOnNever : m.events.edgeOff;
  return (
    <span class={connected ? '' : 'is-bad'} title={url}>
      <Icon name="plug" />
      <span>
        {last_pulled_at === undefined ? (
          never
        ) : (
          <>
            {connected ? m.events.edgeOn : m.events.edgeOffSince} <Moment at={last_pulled_at} />
          </>
        )}
        {trouble !== undefined && (
          <>
            : <bdi lang="en">{trouble}</bdi>
          </>
        )}
      </span>
    </span>
  );
}
