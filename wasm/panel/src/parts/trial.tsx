// The trial: what the import would change among the people who are known now, before anything is written.

import { useEffect, useRef } from 'preact/hooks';

import { useWords } from '../messages/words.ts';
import { stopRehearsing, type Trial } from '../session.ts';
import { announce } from './announcer.tsx';
import { ProgressBar } from './figures.tsx';
import { Findings } from './findings.tsx';
import { ImportOutcome } from './import-outcome.tsx';
import { TroubleNote } from './trouble-note.tsx';

export function TrialNote({ trial, size, onRetry }: { trial: Trial; size: number; onRetry(): void }) {
  const { m, f } = useWords();
  const told = trial.step === 'told';
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!told) return;
    announce(m.trial.title);
    // The button that asked may be far below.
    place.current?.focus({ preventScroll: true });
    place.current?.scrollIntoView({ block: 'nearest' });
  }, [told]);
  if (trial.step === 'failed') return <TroubleNote trouble={trial.trouble} onRetry={onRetry} />;
  if (trial.step === 'sending') {
    const all = trial.sent >= size;
    return (
      <section class="card trial">
        <ProgressBar {...(all ? {} : { value: trial.sent / size })} label={m.trial.title} />
        <p class="apart">
          <span>{all ? m.trial.waiting : m.trial.sending(f.bytes(trial.sent), f.bytes(size))}</span>
          <button type="button" onClick={stopRehearsing}>
            {m.trial.stop}
          </button>
        </p>
      </section>
    );
  }
  const { doc } = trial;
  const codes = Object.fromEntries(
    (['identifiers-conflict', 'identifier-differs'] as const)
      .map((code) => [code, doc.codes[code] ?? 0] as const)
      .filter(([, n]) => n > 0),
  );
  const conflicts = doc.diagnostics.filter(({ code }) => code in codes);
  return (
    <div ref={place} class="trial" tabIndex={-1}>
      <ImportOutcome counts={doc.counts} title={m.trial.title} />
      <p class="soft">{m.trial.text}</p>
      {Object.keys(codes).length > 0 ? (
        <Findings codes={codes} diagnostics={conflicts} openFirst title={m.trial.conflicts} />
      ) : (
        <p class="soft">{m.trial.none}</p>
      )}
    </div>
  );
}
