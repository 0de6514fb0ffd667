// One import: its way through the host while it runs, and what became of every row.

import { useEffect, useRef, useState } from 'preact/hooks';

import type { ImportDoc, ImportState } from '../api/documents.ts';
import { follow, importDoc } from '../api/host.ts';
import { useMay } from '../access.ts';
import { useAsking } from '../asking.ts';
import { look, sendWith, useBeginnings, type Beginnings } from '../first-steps.ts';
import { useWords } from '../messages/words.ts';
import { announce } from '../parts/announcer.tsx';
import { Copyable } from '../parts/copyable.tsx';
import { Fact } from '../parts/facts.tsx';
import { DoneSign } from '../parts/done-sign.tsx';
import { ProgressBar } from '../parts/figures.tsx';
import { MakeTemplate } from '../parts/first-steps.tsx';
import { Findings } from '../parts/findings.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { ImportOutcome } from '../parts/import-outcome.tsx';
import { Moment } from '../parts/moment.tsx';
import { Prose } from '../parts/prose.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { TakeBack } from '../parts/take-back.tsx';
import { TakenBack } from '../parts/taken-back.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';
import { digestHere } from '../session.ts';

const RUNNING: ReadonlySet<ImportState> = new Set(['accepted', 'checking', 'applying']);

export function ImportPage({ id }: { id: string }) {
  const { m } = useWords();
  const { answer, trouble, again } = useAsking((signal) => importDoc(id, signal), id);
  const { news, interrupted, tell } = useNews(id, answer);
  const page = useRef<HTMLElement>(null);
  const doc = news ?? answer;
  // What comes next is known before the end is shown, so that no button pushes another away.
  const known = useBeginnings();
  const isOver = doc !== undefined && !RUNNING.has(doc.state);
  useEffect(() => {
    if (isOver && news) void look();
  }, [isOver]);
  const isRunning = doc !== undefined && RUNNING.has(doc.state);
  const title = doc && headline(doc, m);
  useEffect(() => {
    if (title) announce(title);
  }, [title]);
  const onTakenBack = (changed: ImportDoc) => {
    tell(changed);
    // What opened the dialog is gone; reading goes on where the news is.
    page.current?.querySelector('h1')?.focus();
  };
  return (
    <section ref={page} class="import-page">
      <a class="back" href="/imports">
        <Icon name="back" />
        {m.history.title}
      </a>
      {trouble && (
        <>
          <Heading title={m.result.documentTitle(id)} />
          <TroubleNote trouble={trouble} onRetry={again} />
        </>
      )}
      {(!doc || known === undefined) && !trouble && <p class="loading">{m.loading}</p>}
      {doc && title && known !== undefined && (
        <>
          <p class="file-line">
            <Icon name="sheet" />
            <strong dir="auto">{doc.file.name ?? m.history.unnamed}</strong>
            <span class="soft">{doc.import}</span>
            <StateBadge state={doc.state} />
          </p>
          <Heading title={title} tab={m.result.documentTitle(doc.import)}>
            {doc.state === 'committed' && !isMostlyRejected(doc) && <DoneSign />}
            {title}
          </Heading>
          {isRunning ? (
            <Running doc={doc} interrupted={interrupted} />
          ) : (
            <Ended doc={doc} known={known} onTakenBack={onTakenBack} />
          )}
        </>
      )}
    </section>
  );
}

interface News {
  news: ImportDoc | undefined;
  interrupted: boolean;
  tell(doc: ImportDoc): void;
}

/** Follows a running import to its end; later news is told to it. */
function useNews(id: string, known: ImportDoc | undefined): News {
  const [news, setNews] = useState<ImportDoc>();
  const [interrupted, setInterrupted] = useState(false);
  const runs = known !== undefined && RUNNING.has(known.state);
  useEffect(() => {
    if (!runs) return;
    const onDoc = (doc: ImportDoc) => {
      setNews(doc);
      setInterrupted(false);
    };
    return follow(id, onDoc, () => setInterrupted(true));
  }, [id, runs]);
  return { news, interrupted, tell: setNews };
}

function Running({ doc, interrupted }: { doc: ImportDoc; interrupted: boolean }) {
  const { m, f } = useWords();
  const { progress } = doc;
  const share =
    progress?.phase === 'applying' && progress.rows_total
      ? progress.rows_done / progress.rows_total
      : progress && progress.bytes > 0
        ? progress.bytes_done / progress.bytes
        : undefined;
  const text =
    progress?.phase === 'applying'
      ? m.result.phaseApplying(f.number(progress.rows_done), f.number(progress.rows_total ?? progress.rows_done))
      : progress
        ? m.result.phaseChecking(f.bytes(progress.bytes_done), f.bytes(progress.bytes))
        : m.states.accepted;
  return (
    <div class="card running">
      <ProgressBar {...(share === undefined ? {} : { value: share })} label={headline(doc, m)} />
      <p class="apart">
        <span>{text}</span>
        <span class="soft">{m.result.leave}</span>
      </p>
      {interrupted && (
        <p class="interrupted" role="status">
          {m.result.waiting}
        </p>
      )}
    </div>
  );
}

function Ended({ doc, known, onTakenBack }: { doc: ImportDoc; known: Beginnings | null; onTakenBack: (doc: ImportDoc) => void }) {
  const { m } = useWords();
  const may = useMay();
  const told = doc.state === 'committed' || doc.state === 'dry_run' || doc.state === 'already_imported';
  return (
    <>
      {doc.state === 'refused' && <p class="lead">{m.result.refusedText}</p>}
      {doc.state === 'failed' && (
        <div class="trouble" role="alert">
          <Icon name="error" />
          <div>
            <strong>{m.result.failed}</strong>
            {doc.failure && (
              <p class="detail">
                <Prose text={doc.failure} />
              </p>
            )}
            <p>{m.result.failedText}</p>
          </div>
        </div>
      )}
      {doc.undo && <TakenBack undo={doc.undo} />}
      {(told || (doc.state === 'failed' && mayBeTakenBack(doc))) && <ImportOutcome counts={doc.counts} />}
      {doc.state === 'undone' && <ImportOutcome counts={doc.counts} title={m.undone.had} />}
      <p class="actions">
        {doc.state === 'committed' && known && !isMostlyRejected(doc) && <Next doc={doc} known={known} />}
        {told && (
          <a class="button" href="/profiles">
            <Icon name="people" />
            {m.result.seeProfiles}
          </a>
        )}
        {may('import') && (
          <a class={isMostlyRejected(doc) ? 'button primary' : 'button'} href="/">
            {m.result.another}
          </a>
        )}
        {mayBeTakenBack(doc) && may('import') && <TakeBack doc={doc} onTakenBack={onTakenBack} />}
      </p>
      <div class="columns-2">
        <div>
          {doc.digest !== '' && (
            <Findings codes={doc.codes} diagnostics={doc.diagnostics} openFirst={doc.state === 'refused' || isMostlyRejected(doc)} />
          )}
        </div>
        <aside>
          <Evidence doc={doc} />
        </aside>
      </div>
    </>
  );
}

/** People are there: the next thing is to write to them. */
function Next({ doc, known }: { doc: ImportDoc; known: Beginnings }) {
  const { m } = useWords();
  const may = useMay();
  const { account, pending, template } = known;
  if (doc.counts.opt_in === 0 || !account) return null;
  if (template && may('campaigns')) {
    return (
      <a class="button primary" href={sendWith(template, { import: doc.import, ...(known.sentCount === 0 && { name: m.first.campaignName }) })}>
        <Icon name="megaphone" />
        {m.next.sendTo(doc.counts.opt_in)}
      </a>
    );
  }
  if (template || !may('templates')) return null;
  if (pending) {
    return (
      <a class="button primary" href={`/templates/${pending.account}/${pending.name}`}>
        {m.first.acts.seePending}
        <Icon name="next" />
      </a>
    );
  }
  if (account.sandbox) return <MakeTemplate account={account.account} text={m.next.make} />;
  return (
    <a class="button primary" href="/templates/new">
      {m.next.write}
    </a>
  );
}

/** What failed on its way has changed people too, as far as it came. */
function mayBeTakenBack({ state, counts }: ImportDoc): boolean {
  const applied = counts.created + counts.updated + counts.unchanged + counts.kept_opt_out;
  return state === 'committed' || (state === 'failed' && applied > 0);
}

function Evidence({ doc }: { doc: ImportDoc }) {
  const { m, f } = useWords();
  const here = digestHere(doc.import);
  const differs = doc.digest_differs === true || (here !== undefined && doc.digest !== '' && here !== doc.digest);
  const same = !differs && here !== undefined && here === doc.digest;
  return (
    <section class="card" aria-labelledby="evidence">
      <h2 id="evidence">{m.result.evidence}</h2>
      {same && (
        <p class="seal tone-good">
          <Icon name="check" />
          {m.result.same}
        </p>
      )}
      {differs && (
        <div class="seal tone-warn">
          <Icon name="warning" />
          <span>
            <strong>{m.result.different}</strong> {m.result.differentText}
          </span>
        </div>
      )}
      <dl class="facts">
        {doc.digest !== '' && (
          <Fact label={m.result.digest}>
            <Copyable text={doc.digest} label={m.result.digest} />
          </Fact>
        )}
        {doc.file.sha256 && (
          <Fact label={m.result.file}>
            <Copyable text={doc.file.sha256} label={m.result.file} />
          </Fact>
        )}
        {doc.engine.version !== '' && (
          <Fact label={m.result.engine}>
            {m.result.engineVersion(doc.engine.version, doc.engine.number_metadata)}
            {doc.engine.sha256 && <Copyable text={doc.engine.sha256} label={m.result.engine} />}
          </Fact>
        )}
        <Fact label={m.result.received}>
          <Moment at={doc.received_at} exact />
        </Fact>
        {doc.as_of && <Fact label={m.result.asOf}>{f.day(doc.as_of)}</Fact>}
        {doc.override_reason && <Fact label={m.result.override}>{doc.override_reason}</Fact>}
      </dl>
    </section>
  );
}

/** More of the file was rejected than taken: what comes next is to mend it, not to write to people. */
function isMostlyRejected({ counts }: ImportDoc): boolean {
  return counts.rejected > counts.created + counts.updated + counts.unchanged + counts.kept_opt_out;
}

function headline(doc: ImportDoc, m: ReturnType<typeof useWords>['m']): string {
  switch (doc.state) {
    case 'accepted':
      return m.result.accepted;
    case 'checking':
      return m.result.checking;
    case 'applying':
      return m.result.applying;
    case 'refused':
      return m.result.refused;
    case 'failed':
      return m.result.failed;
    case 'dry_run':
      return m.result.dryRun;
    case 'already_imported':
      return m.result.already;
    case 'committed':
      return m.result.committed(doc.counts.created, doc.counts.updated, doc.counts.rejected);
    case 'undone':
      return m.undone.title;
  }
}
