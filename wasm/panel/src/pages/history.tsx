// Every import there was.

import { useEffect, useState } from 'preact/hooks';

import type { ImportDoc, ImportState } from '../api/documents.ts';
import { imports } from '../api/host.ts';
import { useAsking } from '../asking.ts';
import { useWords } from '../messages/words.ts';
import { ProgressBar } from '../parts/figures.tsx';
import { Empty } from '../parts/empty.tsx';
import { Heading } from '../parts/heading.tsx';
import { Moment } from '../parts/moment.tsx';
import { Said } from '../parts/said.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { keptBy } from '../parts/taken-back.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';

/** Imports from which on they are worth a filter. */
const FILTER_FROM = 4;
/** How often a running import is looked at, in milliseconds. */
const LOOK_AGAIN_MS = 1500;

const RUNNING: ReadonlySet<ImportState> = new Set(['accepted', 'checking', 'applying']);
const GROUPS: { [group: string]: ReadonlySet<ImportState> } = {
  running: RUNNING,
  committed: new Set(['committed']),
  undone: new Set(['undone']),
  failed: new Set(['failed', 'refused']),
};

export function HistoryPage() {
  const { m } = useWords();
  const { answer, trouble, again } = useAsking(imports, 'imports');
  const [asked, setAsked] = useState({ text: '', state: '' });
  const running = answer?.imports.some(({ state }) => RUNNING.has(state)) ?? false;
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(again, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [running]);
  const shown = answer?.imports.filter(
    ({ file, import: id, state }) =>
      (asked.state === '' || GROUPS[asked.state]?.has(state)) &&
      `${file.name ?? ''} ${id}`.toLocaleLowerCase().includes(asked.text.trim().toLocaleLowerCase()),
  );
  return (
    <section>
      <Heading title={m.history.title} />
      <p class="lead">{m.history.lead}</p>
      {trouble && <TroubleNote trouble={trouble} onRetry={again} />}
      {!answer && !trouble && <p class="loading">{m.loading}</p>}
      {answer && answer.imports.length >= FILTER_FROM && (
        <div class="history-tools">
          <div class="field">
            <label for="history-text">{m.history.find}</label>
            <input
              id="history-text"
              type="search"
              autocomplete="off"
              value={asked.text}
              onInput={(event) => setAsked({ ...asked, text: event.currentTarget.value })}
            />
          </div>
          <div class="field">
            <label for="history-state">{m.history.state}</label>
            <select
              id="history-state"
              value={asked.state}
              onChange={(event) => setAsked({ ...asked, state: event.currentTarget.value })}
            >
              <option value="">{m.history.everyState}</option>
              {Object.keys(GROUPS).map((state) => (
                <option key={state} value={state}>
                  {m.history.groups[state]}
                </option>
              ))}
            </select>
          </div>
        </div>
      )}
      {answer && shown && (answer.imports.length === 0 ? (
          <Empty icon="clock" title={m.history.empty} text={m.history.emptyText} href="/" act={m.history.toImport} right="import" />
        ) : (
          <Table imports={shown} />
        ))}
      {shown?.length === 0 && answer && answer.imports.length > 0 && <p class="soft">{m.history.noneLikeThis}</p>}
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
                  <Changed doc={doc} />
                ) : doc.progress ? (
                  <Underway progress={doc.progress} />
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

function Changed({ doc: { counts } }: { doc: ImportDoc }) {
  const { m } = useWords();
  const more = [
    counts.unchanged > 0 && m.history.unchanged(counts.unchanged),
    counts.numbers_moved > 0 && m.result.moved(counts.numbers_moved),
    counts.kept_opt_out > 0 && m.history.kept(counts.kept_opt_out),
  ].filter((text) => text !== false);
  return (
    <span>
      {m.history.changes(counts.created, counts.updated, counts.rejected)}
      {more.map((text) => (
        <>
          <br />
          {text}
        </>
      ))}
    </span>
  );
}

function Underway({ progress }: { progress: NonNullable<ImportDoc['progress']> }) {
  const { m, f } = useWords();
  const whole = progress.phase === 'applying' ? (progress.rows_total ?? 0) : progress.bytes;
  const done = progress.phase === 'applying' ? progress.rows_done : progress.bytes_done;
  const label = progress.phase === 'applying' ? m.result.applying : m.result.checking;
  return (
    <span>
      <ProgressBar {...(whole > 0 && { value: done / whole })} label={label} />
      {whole > 0 && f.percent(done, whole)}
    </span>
  );
}
