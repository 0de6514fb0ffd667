// The start page, and what it turns into: reading, verdict, sending. Which one is the session's business.

import { prepare } from 'consentry';
import { useEffect, useRef } from 'preact/hooks';

import { SAMPLE } from '../api/host.ts';
import { useCell } from '../cell.ts';
import { isHidden, nextOf, useBeginnings } from '../first-steps.ts';
import { useRules, useWords } from '../messages/words.ts';
import { announce } from '../parts/announcer.tsx';
import { DoneSign } from '../parts/done-sign.tsx';
import { ProgressBar } from '../parts/figures.tsx';
import { FirstSteps } from '../parts/first-steps.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { Prose, sentence } from '../parts/prose.tsx';
import { Resume } from '../parts/resume.tsx';
import { StillHere } from '../parts/still-here.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';
import { close, open, openSample, session, type Session } from '../session.ts';
import { VerdictPage } from './verdict.tsx';

export function StartPage({ dragging }: { dragging: boolean }) {
  const now = useCell(session);
  switch (now.step) {
    case 'empty':
      return <Welcome dragging={dragging} now={now} />;
    case 'known':
      return <Known now={now} />;
    case 'checking':
      return now.before ? <VerdictPage now={now} result={now.before} /> : <Reading now={now} />;
    case 'unjudged':
      return <VerdictPage now={now} />;
    default:
      return <VerdictPage now={now} result={now.result} />;
  }
}

function Welcome({ dragging, now }: { dragging: boolean; now: Session & { step: 'empty' } }) {
  const { m } = useWords();
  useRules(); // Asked for early, so that findings are explained at once.
  useEffect(() => void prepare(), []);
  const hidden = useCell(isHidden);
  const known = useBeginnings(!hidden);
  // What comes below waits for it, because it would be pushed away under somebody's hand.
  const isWaiting = !hidden && known === undefined;
  return (
    <div class="welcome">
      <div class="hero">
        <Heading title={m.start.title} />
        <p class="lead">{m.start.lead}</p>
      </div>
      {now.trouble && <TroubleNote trouble={now.trouble} />}
      {isWaiting ? (
        <p class="loading">{m.loading}</p>
      ) : (
        <>
          {known && !hidden && nextOf(known) && <FirstSteps of={known} hideable />}
          <Resume />
          <DropZone dragging={dragging} />
          <div class="try">
            <button type="button" onClick={() => void openSample()}>
              <Icon name="sheet" />
              {m.start.trySample}
            </button>
            <a class="link" href={SAMPLE} download="sample.csv">
              {m.start.getSample}
            </a>
          </div>
          <ol class="promises">
            {m.start.steps.map((step) => (
              <li key={step.title}>
                <h2>{step.title}</h2>
                <p>{step.text}</p>
              </li>
            ))}
          </ol>
          <Shape />
        </>
      )}
    </div>
  );
}

function DropZone({ dragging }: { dragging: boolean }) {
  const { m } = useWords();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button class={dragging ? 'drop is-over' : 'drop'} type="button" onClick={() => input.current?.click()}>
        <span class="drop-sign" aria-hidden="true">
          <Icon name="upload" />
        </span>
        <strong>{dragging ? m.start.release : m.start.drop}</strong>
        <span class="drop-or">
          {m.start.or} <span class="as-button">{m.start.choose}</span>
        </span>
        <span class="soft">{m.start.size}</span>
      </button>
      <input
        ref={input}
        class="unseen"
        type="file"
        tabIndex={-1}
        aria-hidden="true"
        accept=".csv,.xlsx,.txt,.tsv,.tab,.gz,text/csv,text/plain,text/tab-separated-values"
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          // So that choosing the same file again, once corrected, is a change too.
          event.currentTarget.value = '';
          void open(files);
        }}
      />
    </>
  );
}

const SHAPE_ROWS = [
  ['+905301112233', '1', '12345', 'ada@example.com'],
  ['+442071234567', '2', '34328', ''],
] as const;

function Shape() {
  const { m } = useWords();
  const columns = ['wpNumber', 'permission', 'exid', 'email'] as const;
  return (
    <section class="shape" aria-labelledby="shape">
      <h2 id="shape">{m.start.shape}</h2>
      <p class="soft">{m.start.shapeText}</p>
      {/* Whoever has no mouse scrolls with the arrow keys. */}
      <div class="scroll" role="group" tabIndex={0} aria-labelledby="shape">
        <table>
          <thead>
            <tr>
              {columns.map((column, at) => (
                <th key={column} scope="col">
                  <code>{column}</code>
                  <span class={at < 2 ? 'badge tone-accent' : 'badge tone-plain'}>
                    {at < 2 ? m.start.required : m.start.optional}
                  </span>
                  <span class="soft">{m.start.columns[column]}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {SHAPE_ROWS.map((row) => (
              <tr key={row[0]}>
                {row.map((cell, at) => (
                  <td key={at}>
                    <code dir="ltr">{cell}</code>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** The first look at a file. It fades in late, because most files are judged before it could be read. */
function Reading({ now }: { now: Session & { step: 'checking' } }) {
  const { m, f, lang } = useWords();
  const rule = useRules();
  const { progress } = now;
  useEffect(() => announce(m.check.announce(now.file.name)), [now.file]);
  const done = progress?.bytesRead ?? 0;
  return (
    <section class="reading">
      <Heading title={m.check.title} />
      <StillHere />
      <div class="card">
        <p class="file-name" dir="auto">
          {now.file.name}
        </p>
        <ProgressBar value={now.file.size === 0 ? 1 : done / now.file.size} label={m.check.title} />
        <p class="apart">
          <span>{m.check.read(f.bytes(done), f.bytes(now.file.size))}</span>
          <span class="soft">{m.check.rows(progress?.rows ?? 0)}</span>
        </p>
        <button type="button" onClick={close}>
          {m.check.cancel}
        </button>
        {progress && progress.diagnostics.length > 0 && (
          <ul class="first-findings" aria-label={m.check.firstFindings}>
            {progress.diagnostics.slice(0, 4).map((finding, at) => (
              <li key={at} class={`is-${finding.severity}`}>
                <Icon name={finding.severity} />
                <span>
                  {finding.row !== undefined && `${m.findings.row} ${f.number(finding.row)}: `}
                  <Prose text={sentence(rule(finding.code).what, lang)} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

function Known({ now }: { now: Session & { step: 'known' } }) {
  const { m, f } = useWords();
  const { doc, file } = now;
  const title = m.known.title;
  useEffect(() => announce(title), [now]);
  return (
    <section class="notice card">
      <DoneSign />
      <Heading title={title} />
      <p class="lead">{m.known.text(doc.file.name ?? file.name, f.moment(doc.received_at))}</p>
      <p class="actions">
        <a class="button primary" href={`/imports/${doc.import}`} onClick={close}>
          {m.known.open}
        </a>
        <button type="button" onClick={close}>
          {m.known.other}
        </button>
      </p>
    </section>
  );
}
