// What became of a message, as a way with stations: sent, delivered, read; or where and why it failed.

import { delivery, type Delivery } from '../../api/events.ts';
import { useAsking } from '../../asking.ts';
import { statusTone } from '../../events/kinds.ts';
import { useWords } from '../../messages/words.ts';
import { Moment } from '../moment.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import { wordFor } from './chip.tsx';
import { Errors } from './details.tsx';

/** The way that a message goes when nothing goes wrong. */
const WAY = ['sent', 'delivered', 'read'] as const;

export function DeliverySteps({ message }: { message: string }) {
  const { m } = useWords();
  const { answer, trouble, again } = useAsking((signal) => delivery(message, signal), message);
  if (trouble?.kind === 'missing') return <p class="soft">{m.events.stepsMissing}</p>;
  if (trouble) return <TroubleNote trouble={trouble} onRetry={again} />;
  if (!answer) return <p class="loading">{m.events.stepsLoading}</p>;
  return (
    <>
      <Way of={answer} />
      <Errors errors={answer.errors} />
    </>
  );
}

function Way({ of }: { of: Delivery }) {
  const { m } = useWords();
  const stations = stationsOf(of);
  return (
    <ol class="way" aria-label={m.events.steps}>
      {stations.map(({ status, at }) => (
        <li key={status} class={at === undefined ? 'is-ahead' : `tone-${statusTone(status)}`}>
          <b>{wordFor(m.events.status, status)}</b>
          <span class="soft">{at === undefined ? m.events.notYet : <Moment at={at} exact />}</span>
        </li>
      ))}
    </ol>
  );
}

/** What was told, and what is still to come; after a failure nothing is. Webhooks come in any order, and not all of them. */
function stationsOf({ steps }: Delivery): { status: string; at?: string }[] {
  const hasFailed = steps.some(({ status }) => status === 'failed');
  const way: string[] = [...WAY];
  const rank = (status: string) => (way.includes(status) ? way.indexOf(status) : way.length);
  const told = [...steps].sort((a, b) => rank(a.status) - rank(b.status) || Date.parse(a.at) - Date.parse(b.at));
  if (hasFailed) return told;
  const ahead = WAY.filter((status) => !told.some((step) => step.status === status)).map((status) => ({ status }));
  return [...told, ...ahead].sort((a, b) => rank(a.status) - rank(b.status));
}
