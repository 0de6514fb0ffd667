// What became of the rows of an import, or would become of them.

import type { ImportCounts } from '../api/documents.ts';
import { useWords } from '../messages/words.ts';
import { Figures, Proportions } from './figures.tsx';

export function ImportOutcome({ counts, title }: { counts: ImportCounts; title?: string }) {
  const { m } = useWords();
  const parts = [
    { label: m.result.created, value: counts.created, tone: 'good' },
    { label: m.result.updated, value: counts.updated, tone: 'accent' },
    { label: m.result.unchanged, value: counts.unchanged, tone: 'calm' },
    { label: m.result.kept, value: counts.kept_opt_out, tone: 'warn' },
    { label: m.result.rejected, value: counts.rejected, tone: 'bad' },
  ] as const;
  const notes = [
    counts.kept_opt_out > 0 && m.result.keptText(counts.kept_opt_out),
    counts.numbers_moved > 0 && m.result.moved(counts.numbers_moved),
    counts.identifiers_conflict > 0 && m.result.conflicts(counts.identifiers_conflict),
    counts.identifiers_differ > 0 && m.result.differs(counts.identifiers_differ),
  ].filter((note) => note !== false);
  return (
    <section class="card outcome">
      {title && <h2>{title}</h2>}
      <Figures figures={[...parts, { label: m.result.movedNumbers, value: counts.numbers_moved, tone: 'calm' }]} />
      <Proportions title={m.result.picture} parts={parts} />
      {/* What failed on its way never got to counting them. */}
      {counts.opt_in + counts.opt_out > 0 && (
        <p class="soft">
          {m.result.optIns(counts.opt_in)} · {m.result.optOuts(counts.opt_out)}
        </p>
      )}
      {notes.length > 0 && (
        <ul class="notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
