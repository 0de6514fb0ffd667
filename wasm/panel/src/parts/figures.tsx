// Big numbers, and the bar that shows how they share the whole.

import { useWords } from '../messages/words.ts';

/** What a number is like; colours follow it. */
export type Tone = 'plain' | 'accent' | 'good' | 'calm' | 'warn' | 'bad';

export interface Figure {
  label: string;
  value: number;
  tone: Tone;
  /** The colour of its part in a bar, where that is another one than the tone's. */
  fill?: string;
}

const MILLION = 1_000_000;

export function Figures({ figures }: { figures: readonly Figure[] }) {
  const { f } = useWords();
  // Millions need more room than a column has at full size, and a number is never broken in two.
  const long = figures.some(({ value }) => value >= MILLION);
  return (
    <dl class={long ? 'figures are-long' : 'figures'}>
      {figures.map(({ label, value, tone }) => (
        <div key={label} class={`figure ${value === 0 ? 'is-zero' : `tone-${tone}`}`}>
          <dt>{label}</dt>
          <dd>{f.number(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** One bar; each part as wide as its share. The legend says the same in words. */
export function Proportions({ title, parts }: { title: string; parts: readonly Figure[] }) {
  const { f } = useWords();
  const whole = parts.reduce((sum, part) => sum + part.value, 0);
  const shown = parts.filter((part) => part.value > 0);
  return (
    <figure class="proportions">
      <div class="bar" aria-hidden="true">
        {shown.map((part) => (
          <span key={part.label} class={`fill-${part.fill ?? part.tone}`} style={{ flexGrow: String(part.value) }} />
        ))}
      </div>
      <figcaption>
        <span class="unseen">{title}</span>
        <ul>
          {shown.map((part) => (
            <li key={part.label}>
              <i class={`fill-${part.fill ?? part.tone}`} aria-hidden="true" />
              {part.label} <b>{f.number(part.value)}</b> <span class="soft">{f.percent(part.value, whole)}</span>
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

/** How far something has come. `value` from 0 to 1; left out when nobody knows. */
export function ProgressBar({ value, label }: { value?: number; label: string }) {
  return (
    <div
      class={value === undefined ? 'progress is-open' : 'progress'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value === undefined ? undefined : Math.round(value * 100)}
    >
      <span style={value === undefined ? {} : { inlineSize: `${Math.min(100, value * 100)}%` }} />
    </div>
  );
}
