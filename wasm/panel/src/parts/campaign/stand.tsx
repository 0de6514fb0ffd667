// How far a campaign has come: everybody of its plan in one bar, each once.

import type { Stand, Standing } from '../../api/campaign-documents.ts';
import { useWords } from '../../messages/words.ts';
import { Proportions, type Tone } from '../figures.tsx';

/** Of whom something has become, from the furthest on, as the bar has them; each is filled as the first of its standings. */
const SHOWN: readonly (readonly [Standing, ...Standing[]])[] = [
  ['read'],
  ['delivered'],
  ['sent', 'accepted'],
  ['unknown', 'opted_out', 'gone', 'expired', 'capped'],
  ['failed'],
];

function sum(stand: Stand, standings: readonly Standing[]): number {
  return standings.reduce((total, one) => total + (stand[one] ?? 0), 0);
}

/** Those of whom something has become. */
export function doneOf(stand: Stand): number {
  return Object.values(stand).reduce((total, count) => total + count, 0) - sum(stand, ['waiting', 'under_way', 'control', 'left_out']);
}

/** Those who are to get something. */
export function wantedOf(stand: Stand): number {
  return Object.values(stand).reduce((total, count) => total + count, 0) - sum(stand, ['control', 'left_out']);
}

/** The bar of a line in a list. */
export function StandBar({ stand, label }: { stand: Stand; label: string }) {
  const { f } = useWords();
  const [done, wanted] = [doneOf(stand), wantedOf(stand)];
  return (
    <div class="stand-line">
      <div
        class="stand-bar"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={wanted}
        aria-valuenow={done}
        aria-valuetext={`${f.number(done)} / ${f.number(wanted)}`}
      >
        {SHOWN.map((standings) => {
          const count = sum(stand, standings);
          const inlineSize = `${(count / Math.max(1, wanted)) * 100}%`;
          return count > 0 && <span key={standings[0]} class={`fill-${standings[0]}`} style={{ inlineSize }} />;
        })}
      </div>
      <span class="stand-count">
        {f.number(done)} <span class="soft">/ {f.number(wanted)}</span>
      </span>
    </div>
  );
}

/** The large bar, with what each colour stands for. */
export function StandPicture({ stand }: { stand: Stand }) {
  const { m } = useWords();
  const all: readonly [Standing, Tone][] = [
    ['read', 'good'],
    ['delivered', 'good'],
    ['sent', 'accent'],
    ['accepted', 'accent'],
    ['under_way', 'calm'],
    ['waiting', 'plain'],
    ['unknown', 'warn'],
    ['failed', 'bad'],
    ['opted_out', 'warn'],
    ['gone', 'warn'],
    ['expired', 'warn'],
    ['capped', 'warn'],
    ['control', 'calm'],
    ['left_out', 'calm'],
  ];
  const parts = all.map(([standing, tone]) => ({
    label: m.campaigns.standings[standing],
    value: stand[standing] ?? 0,
    tone,
    fill: standing,
  }));
  return <Proportions title={m.campaigns.picture} parts={parts} />;
}
