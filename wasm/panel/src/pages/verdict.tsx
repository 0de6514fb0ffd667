// What the check came to, before anything is sent; and the button that sends it.

import type { CheckResult, Report } from 'consentry';
import { useEffect } from 'preact/hooks';

import { useMay } from '../access.ts';
import { bench } from '../bench.ts';
import { useCell } from '../cell.ts';
import { hand } from '../download.ts';
import { useWords } from '../messages/words.ts';
import { announce } from '../parts/announcer.tsx';
import { Columns } from '../parts/columns.tsx';
import { Figures, ProgressBar, Proportions } from '../parts/figures.tsx';
import { Findings } from '../parts/findings.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { Mends } from '../parts/mends.tsx';
import { ReadingOptions } from '../parts/reading-options.tsx';
import { Regions } from '../parts/regions.tsx';
import { StillHere } from '../parts/still-here.tsx';
import { TrialNote } from '../parts/trial.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';
import { WhoMay } from '../parts/who-may.tsx';
import { Workbench } from '../parts/workbench.tsx';
import { change, close, rehearse, stopSending, submit, type Session } from '../session.ts';
import { safeToOpen } from '../table/safe.ts';

type WithFile = Session & { step: 'checking' | 'unjudged' | 'judged' | 'sending' };

/** `result` is missing only when an option made judging impossible. */
export function VerdictPage({ now, result }: { now: WithFile; result?: CheckResult }) {
  const { m, f } = useWords();
  const { file, settings } = now;
  const report = result?.report;
  const busy = now.step === 'checking';
  const table = useCell(bench);
  const sent = now.corrected ?? file;
  const trial = now.step === 'judged' ? now.trial : undefined;

  useEffect(() => {
    if (now.step !== 'judged' || !report) return;
    const { rows, accepted, rejected, warned } = report.counts;
    announce(report.refused ? m.verdict.refused : m.verdict.announce(rows, accepted, rejected, warned));
  }, [report, now.step]);

  const facts = report && [
    f.bytes(report.file.bytes),
    report.file.encoding && encodingName(report.file.encoding),
    m.delimiters[report.file.delimiter] ?? report.file.delimiter,
    m.columnCount(report.file.columns.length),
  ];

  return (
    <div class="verdict" aria-busy={busy}>
      <div class="verdict-top">
        <p class="file-line">
          <Icon name="sheet" />
          <strong dir="auto">{file.name}</strong>
          <span class="soft">{facts?.filter(Boolean).join(' · ')}</span>
          <button class="link" type="button" onClick={close} disabled={now.step === 'sending'}>
            {m.verdict.other}
          </button>
        </p>
        <Heading title={report ? headline(report, m) : m.trouble.option.title} tab={m.verdict.documentTitle} />
        {report?.refused && <p class="lead">{m.verdict.refusedText}</p>}
        {now.step !== 'sending' && trial === undefined && <StillHere />}
        {settings.asLastTime && (
          <p class="as-last-time">
            <Icon name="clock" />
            {m.asLastTime.text}{' '}
            <button class="link" type="button" onClick={() => void change({ options: {}, asOf: settings.asOf })}>
              {m.asLastTime.forget}
            </button>
          </p>
        )}
        <p class={busy ? 'again is-shown' : 'again'} aria-hidden={!busy}>
          {m.check.again}
        </p>
      </div>

      {now.step === 'unjudged' && <TroubleNote trouble={now.trouble} />}
      {now.step === 'judged' && now.trouble && <TroubleNote trouble={now.trouble} onRetry={() => void submit()} />}

      {report && !report.refused && <Outcome report={report} />}

      {trial && <TrialNote trial={trial} size={sent.size} onRetry={() => void rehearse()} />}

      {table && report && (
        <Workbench
          bench={table}
          codes={report.codes}
          rejected={report.counts.rejected}
          warned={report.counts.warned}
          disabled={now.step === 'sending'}
        />
      )}

      <div class="columns-2">
        <div>
          {report && (
            <Findings
              key={report.digest}
              codes={report.codes}
              diagnostics={report.diagnostics}
              openFirst={report.counts.rejected > 0 || report.refused}
            />
          )}
          {now.corrected && <Corrected file={now.corrected} rows={table?.standing.typed ?? 0} />}
          {result?.rejects && report && report.counts.rejected > 0 && (
            <RejectedRows rejects={result.rejects} report={report} name={file.name} />
          )}
        </div>
        <aside>
          {table && report && !report.refused && (
            <Mends
              bench={table}
              codes={report.codes}
              diagnostics={report.diagnostics}
              options={settings.options}
              columns={report.file.columns}
              disabled={now.step !== 'judged'}
            />
          )}
          {report && report.file.columns.length > 0 && (
            <Columns
              columns={report.file.columns}
              options={settings.options}
              disabled={now.step === 'sending'}
              examples={table?.examples ?? []}
              onChange={(options) => void change({ ...settings, options })}
            />
          )}
          <ReadingOptions
            settings={settings}
            open={now.step === 'unjudged'}
            disabled={now.step === 'sending'}
            onChange={(next) => void change(next)}
          />
          {report && <Regions regions={report.regions} />}
        </aside>
      </div>

      {report && !report.refused && report.counts.accepted > 0 && (
        <div class="decide">
          {now.step === 'sending' ? (
            <Sending sent={now.sent} size={sent.size} />
          ) : (
            <Decide report={report} busy={busy || trial?.step === 'sending'} />
          )}
        </div>
      )}
    </div>
  );
}

function Outcome({ report }: { report: Report }) {
  const { m } = useWords();
  const { counts } = report;
  return (
    <section class="card outcome">
      <Figures
        figures={[
          { label: m.verdict.rows, value: counts.rows, tone: 'plain' },
          { label: m.verdict.accepted, value: counts.accepted, tone: 'plain' },
          { label: m.verdict.rejected, value: counts.rejected, tone: 'bad' },
          { label: m.verdict.warned, value: counts.warned, tone: 'warn' },
          { label: m.verdict.optIn, value: counts.opt_in, tone: 'good' },
          { label: m.verdict.optOut, value: counts.opt_out, tone: 'plain' },
        ]}
      />
      <Proportions
        title={m.verdict.picture}
        parts={[
          { label: m.verdict.optIn, value: counts.opt_in, tone: 'good' },
          { label: m.verdict.optOut, value: counts.opt_out, tone: 'calm' },
          { label: m.verdict.rejected, value: counts.rejected, tone: 'bad' },
        ]}
      />
      {counts.repeated_numbers > 0 && <p class="soft">{m.verdict.repeated(counts.repeated_numbers)}</p>}
      {counts.repeats_incomplete && <p class="soft">{m.verdict.repeatsIncomplete}</p>}
    </section>
  );
}

function Decide({ report, busy }: { report: Report; busy: boolean }) {
  const { m } = useWords();
  const may = useMay();
  const { accepted, rejected } = report.counts;
  if (!may('import')) return <WhoMay right="import" />;
  return (
    <>
      <p>
        {rejected > 0 ? m.verdict.leftOut(rejected) : m.verdict.nothingLeftOut}{' '}
        <span class="soft">{m.verdict.judgedAgain}</span>
      </p>
      <span class="decide-buttons">
        <button type="button" disabled={busy} onClick={() => void rehearse()}>
          {m.trial.ask}
        </button>
        <button class="primary" type="button" disabled={busy} onClick={() => void submit()}>
          {m.verdict.import(accepted)}
          <Icon name="next" />
        </button>
      </span>
    </>
  );
}

function Sending({ sent, size }: { sent: number; size: number }) {
  const { m, f } = useWords();
  const all = sent >= size;
  useEffect(() => announce(m.sending.title), []);
  return (
    <>
      <div class="sending">
        <ProgressBar {...(all ? {} : { value: sent / size })} label={m.sending.title} />
        <p>{all ? m.sending.waiting : m.sending.sent(f.bytes(sent), f.bytes(size))}</p>
      </div>
      <button type="button" onClick={stopSending}>
        {m.sending.stop}
      </button>
    </>
  );
}

function RejectedRows({ rejects, report, name }: { rejects: Blob; report: Report; name: string }) {
  const { m } = useWords();
  const download = async () => {
    const safe = await safeToOpen(rejects, { delimiter: report.file.delimiter, fallback: 'utf-8' });
    hand(safe, m.verdict.downloadName(name.replace(/\.[^.]+$/, '')));
  };
  return (
    <p class="rejected-rows">
      <button type="button" onClick={() => void download()}>
        <Icon name="download" />
        {m.verdict.download(report.counts.rejected)}
      </button>
      <span class="soft">{m.verdict.downloadText}</span>
    </p>
  );
}

/** What was changed here goes home as well as to the host. */
function Corrected({ file, rows }: { file: File; rows: number }) {
  const { m } = useWords();
  return (
    <div class="corrected">
      <p>
        <Icon name="pen" />
        {m.corrected.note(rows)} <span class="soft">{m.corrected.sends(file.name)}</span>
      </p>
      <button type="button" onClick={() => hand(file, file.name)}>
        <Icon name="download" />
        {m.corrected.download}
      </button>
    </div>
  );
}

function headline(report: Report, m: ReturnType<typeof useWords>['m']): string {
  const { rows, accepted } = report.counts;
  if (report.refused) return m.verdict.refused;
  if (accepted === 0) return m.verdict.none(rows);
  return accepted === rows ? m.verdict.all(rows) : m.verdict.some(accepted, rows);
}

/** Encoding labels are lower case on the wire; people know them as names. */
function encodingName(label: string): string {
  return label.startsWith('windows') ? label.replace('windows', 'Windows') : label.toUpperCase();
}
