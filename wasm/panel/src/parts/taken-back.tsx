// An import that was taken back: by whom, and what became of the people whom it had changed.

import type { KeptBecause, Undo } from '../api/documents.ts';
import { useWords } from '../messages/words.ts';
import { Fact } from './facts.tsx';
import { Figures, Proportions } from './figures.tsx';
import { Moment } from './moment.tsx';
import { ByAndWhy } from './said.tsx';

const REASONS: readonly KeptBecause[] = ['later-import', 'own-opt-out', 'number-taken'];

/** Profiles shown for each reason before the rest is only counted. */
const SHOWN_PER_REASON = 12;

/** How many stayed as they are, whatever the reason. */
export function keptBy(undo: Undo): number {
  return Object.values(undo.kept).reduce((sum, count) => sum + count, 0);
}

export function TakenBack({ undo }: { undo: Undo }) {
  const { m } = useWords();
  const parts = [
    { label: m.undone.reversed, value: undo.reversed, tone: 'accent' },
    { label: m.undone.removed, value: undo.removed, tone: 'calm' },
    { label: m.undone.kept, value: keptBy(undo), tone: 'warn' },
  ] as const;
  const reasons = REASONS.filter((reason) => undo.kept[reason] > 0);
  return (
    <section class="card outcome taken-back" aria-label={m.undone.title}>
      <p class="soft">{m.undone.text}</p>
      <Figures figures={parts} />
      <Proportions title={m.undone.text} parts={parts} />
      {reasons.length > 0 && (
        <ul class="notes">
          {reasons.map((reason) => (
            <Kept key={reason} undo={undo} reason={reason} />
          ))}
        </ul>
      )}
      <dl class="facts">
        <ByAndWhy by={undo.by} />
        <Fact label={m.undone.at}>
          <Moment at={undo.at} exact />
        </Fact>
      </dl>
    </section>
  );
}

function Kept({ undo, reason }: { undo: Undo; reason: KeptBecause }) {
  const { m } = useWords();
  const shown = undo.kept_profiles.filter((kept) => kept.reason === reason).slice(0, SHOWN_PER_REASON);
  const more = undo.kept[reason] - shown.length;
  return (
    <li>
      {m.undone.because[reason](undo.kept[reason])}
      <span class="kept-profiles">
        {shown.map(({ profile }) => (
          <a key={profile} href={`/profiles/${profile}`}>
            {profile}
          </a>
        ))}
        {more > 0 && <span class="soft">{m.undone.more(more)}</span>}
      </span>
    </li>
  );
}
