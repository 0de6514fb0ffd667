// What became of a message, as a way with stations: sent, delivered, read; or where and why it failed.

import { delivery, type Delivery } from '../../api/events.ts';
import { useAsking } from '../../asking.ts';
import { statusTone } from '../../events/kinds.ts';
import { useWords } from '../../messages/words.ts';
import { Moment } from '../moment.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import { wordFor } from './chip.tsx';
import { Errors } from './details.tsx';

/** The way that a message goes when nothing goes wrong, with stations that are not always told. */
const WAY = ['accepted', 'sent', 'delivered', 'read', 'played'];
/** Those that are to be expected. */
const EXPECTED = ['sent', 'delivered', 'read'];

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

/** What was told, and what is still to come; after a failure nothing is. */
function stationsOf({ steps }: Delivery): { status: string; at?: string }[] {
  const rank = (status: string) => WAY.indexOf(status);
  // Several things happen in one second, by Meta's clock; what ends the way comes last.
  const order = (status: string) => (WAY.includes(status) ? rank(status) : WAY.length);
  const told = [...steps].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || order(a.status) - order(b.status));
  if (told.some(({ status }) => status === 'failed')) return told;
  const furthest = Math.max(-1, ...told.map(({ status }) => rank(status)));
  return [...told, ...EXPECTED.filter((status) => rank(status) > furthest).map((status) => ({ status }))];
}
