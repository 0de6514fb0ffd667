// Every import there was.

import type { ImportDoc } from '../api/documents.ts';
import { imports } from '../api/host.ts';
import { useAsking } from '../asking.ts';
import { useWords } from '../messages/words.ts';
import { Heading } from '../parts/heading.tsx';
import { Moment } from '../parts/moment.tsx';
import { Said } from '../parts/said.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { keptBy } from '../parts/taken-back.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';

export function HistoryPage() {
  const { m } = useWords();
  const { answer, trouble, again } = useAsking(imports, 'imports');
  return (
    <section>
      <Heading title={m.history.title} />
      <p class="lead">{m.history.lead}</p>
      {trouble && <TroubleNote trouble={trouble} onRetry={again} />}
      {!answer && !trouble && <p class="loading">{m.loading}</p>}
      {answer && (answer.imports.length === 0 ? <Empty /> : <Table imports={answer.imports} />)}
    </section>
  );
}

function Table({ imports }: { imports: readonly ImportDoc[] }) {
  const { m, f } = useWords();
  return (
    <div class="card flush">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{m.history.file}</th>
            <th scope="col">{m.history.when}</th>
            <th scope="col">{m.history.state}</th>
            <th scope="col" class="figure-cell">
              {m.history.rows}
            </th>
            <th scope="col">{m.history.outcome}</th>
          </tr>
        </thead>
        <tbody>
          {imports.map((doc) => (
            <tr key={doc.import}>
              <td data-label={m.history.file}>
                <a class="row-link" href={`/imports/${doc.import}`} dir="auto">
                  {doc.file.name ?? m.history.unnamed}
                </a>{' '}
                <span class="soft">{doc.import}</span>
              </td>
              <td data-label={m.history.when}>
                <Moment at={doc.received_at} />
              </td>
              <td data-label={m.history.state}>
                <StateBadge state={doc.state} />
              </td>
              <td data-label={m.history.rows} class="figure-cell">
                {doc.counts.rows > 0 ? f.number(doc.counts.rows) : '–'}
              </td>
              <td data-label={m.history.outcome} class="soft">
                {doc.undo ? (
                  <span>
                    {m.history.undone(doc.undo.reversed, doc.undo.removed, keptBy(doc.undo))}
                    <br />
                    <Said by={doc.undo.by} /> · <Moment at={doc.undo.at} />
                  </span>
                ) : doc.state === 'committed' ? (
                  m.history.changes(doc.counts.created, doc.counts.updated, doc.counts.rejected)
                ) : (
                  '–'
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Empty() {
  const { m } = useWords();
  return (
    <div class="empty card">
      <h2>{m.history.empty}</h2>
      <p class="soft">{m.history.emptyText}</p>
      <a class="button primary" href="/">
        {m.history.toImport}
      </a>
    </div>
  );
}
