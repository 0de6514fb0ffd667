// What people and programs did here, the latest first, and whether nobody has changed that since.

import { useState } from 'preact/hooks';

import { audit, verifyAudit, type Note, type Verified } from '../api/access.ts';
import { useAsking } from '../asking.ts';
import { useWords } from '../messages/words.ts';
import { useSending } from '../parts/access.tsx';
import { Copyable } from '../parts/copyable.tsx';
import { Heading } from '../parts/heading.tsx';
import { Moment } from '../parts/moment.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';

const TONES = { done: 'tone-good', refused: 'tone-warn', failed: 'tone-bad' } as const;

export function AuditPage() {
  const { m, f } = useWords();
  const [before, setBefore] = useState<number[]>([]);
  const from = before.at(-1) ?? null;
  const { answer, trouble, again } = useAsking((signal) => audit(from, signal), `audit ${from}`);
  const [verified, setVerified] = useState<Verified>();
  const { waiting, trouble: unverified, send } = useSending();
  const failed = trouble ?? unverified;
  const last = answer?.notes.at(-1);
  return (
    <section class="access">
      <Heading title={m.access.audit} />
      <p class="lead">{m.access.auditText}</p>
      {failed && <TroubleNote trouble={failed} onRetry={again} />}
      <p class="actions">
        <button type="button" disabled={waiting} onClick={() => send(async () => setVerified(await verifyAudit()))}>
          {m.access.verify}
        </button>
        {verified && (
          <span role="status" class={verified.intact ? 'verdict-good' : 'verdict-bad'}>
            {verified.intact ? m.access.intact(f.number(verified.notes)) : `${m.access.broken} ${verified.why ?? ''}`}{' '}
            {verified.intact && verified.hash !== '' && <Copyable text={verified.hash} label={m.access.hash} />}
          </span>
        )}
      </p>
      {answer && answer.notes.length > 0 && <Table notes={answer.notes} />}
      {answer && answer.notes.length === 0 && <p class="soft">{m.access.noNotes}</p>}
      <p class="actions">
        {before.length > 0 && (
          <button type="button" onClick={() => setBefore(before.slice(0, -1))}>
            {m.access.later}
          </button>
        )}
        {answer?.more && last && (
          <button type="button" onClick={() => setBefore([...before, last.seq])}>
            {m.access.earlier}
          </button>
        )}
      </p>
    </section>
  );
}

function Table({ notes }: { notes: readonly Note[] }) {
  const { m } = useWords();
  const verbs: { [verb: string]: string } = m.access.verbs;
  return (
    <div class="card flush">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{m.access.when}</th>
            <th scope="col">{m.access.who}</th>
            <th scope="col">{m.access.what}</th>
            <th scope="col">{m.access.to}</th>
            <th scope="col">{m.access.result}</th>
          </tr>
        </thead>
        <tbody>
          {notes.map((note) => (
            <tr key={note.seq}>
              <td data-label={m.access.when}>
                <Moment at={note.at} exact />
              </td>
              <td data-label={m.access.who}>
                <bdi>{note.who}</bdi> <span class="soft">{note.from}</span>
              </td>
              <td data-label={m.access.what}>{verbs[note.verb] ?? note.verb}</td>
              <td data-label={m.access.to} class="soft">
                <bdi>{note.subject}</bdi>
              </td>
              <td data-label={m.access.result}>
                <span class={`badge ${TONES[note.result]}`}>{m.access.results[note.result]}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
