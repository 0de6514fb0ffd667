// How the messages went, over time: how many had come so far at each moment. The table below says the same.

import { useMemo, useState } from 'preact/hooks';

import type { Step } from '../../api/campaign-documents.ts';
import { useWords } from '../../messages/words.ts';

const ALL = ['accepted', 'delivered', 'read', 'clicked', 'failed'] as const;
type Line = (typeof ALL)[number];
/** The measure of the drawing; it is stretched to the room there is. */
const WIDTH = 600;
const HEIGHT = 200;
/** Lines of the grid. */
const GRID = 4;
/** Rows of the table: of more, some are left out evenly. */
const ROWS_MAX = 60;

export function OverTime({ steps, span }: { steps: readonly Step[]; span: number }) {
  const { m, f } = useWords();
  const [at, setAt] = useState<number>();
  const sums = useMemo(() => summed(steps, span), [steps, span]);
  const [first] = sums;
  const last = sums.at(-1);
  if (!first || !last) return <p class="soft">{m.report.nothingYet}</p>;
  // Where no link is counted, nobody looks for taps.
  const lines: readonly Line[] = ALL.filter((line) => line !== 'clicked' || last.clicked > 0);
  const top = niceTop(Math.max(...lines.map((line) => last[line])));
  const x = (n: number) => (sums.length === 1 ? 0 : (n / (sums.length - 1)) * WIDTH);
  const y = (count: number) => HEIGHT - (count / top) * HEIGHT;
  const path = (line: Line) => sums.map((sum, n) => `${n === 0 ? 'M' : 'L'}${x(n).toFixed(1)} ${y(sum[line]).toFixed(1)}`).join('');
  const told = sums[at ?? sums.length - 1] ?? last;
  const every = Math.ceil(sums.length / ROWS_MAX);
  const rows = sums.filter((_, n) => n % every === 0 || n === sums.length - 1);
  return (
    <figure class="chart">
      <div class="chart-frame" dir="ltr" aria-hidden="true">
        <div class="chart-scale">
          {Array.from({ length: GRID + 1 }, (_, n) => (
            <span key={n}>{f.number(Math.round((top * (GRID - n)) / GRID))}</span>
          ))}
        </div>
        <svg
          class="chart-lines"
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            const share = (event.clientX - box.left) / Math.max(1, box.width);
            setAt(Math.max(0, Math.min(sums.length - 1, Math.round(share * (sums.length - 1)))));
          }}
          onPointerLeave={() => setAt(undefined)}
        >
          {Array.from({ length: GRID + 1 }, (_, n) => (
            <line key={n} class="grid" x1={0} x2={WIDTH} y1={(HEIGHT * n) / GRID} y2={(HEIGHT * n) / GRID} />
          ))}
          <path class="area" d={`${path('accepted')}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />
          {lines.map((line) => (
            <path key={line} class={`line is-${line}`} d={path(line)} />
          ))}
          {at !== undefined && <line class="here" x1={x(at)} x2={x(at)} y1={0} y2={HEIGHT} />}
        </svg>
        <div class="chart-times">
          <span>{f.clock(first.at)}</span>
          <span>{f.clock(last.at)}</span>
        </div>
      </div>
      <figcaption>
        <ul class="legend">
          {lines.map((line) => (
            <li key={line}>
              <i class={`fill-${line}`} aria-hidden="true" />
              {m.report.steps[line]} <b>{f.number(told[line])}</b>
            </li>
          ))}
          <li class="soft">{f.clock(told.at)}</li>
        </ul>
        <details class="as-table">
          <summary>{m.report.asTable}</summary>
          <div class="scroll">
            <table class="plain-table">
              <caption class="unseen">{m.report.overTime}</caption>
              <thead>
                <tr>
                  <th scope="col">{m.report.time}</th>
                  {lines.map((line) => (
                    <th key={line} scope="col" class="figure-cell">
                      {m.report.steps[line]}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.at}>
                    <th scope="row">{f.clock(row.at)}</th>
                    {lines.map((line) => (
                      <td key={line} class="figure-cell">
                        {f.number(row[line])}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      </figcaption>
    </figure>
  );
}

/** Sums so far. Spans in which nothing happened are not told by the host, and stand where they were. */
function summed(steps: readonly Step[], span: number): Step[] {
  const [first] = steps;
  if (!first) return [];
  const begun = Date.parse(first.at);
  const span_ms = Math.max(1, span) * 1000;
  // It begins with nothing, at the beginning of the first span.
  const sums: Step[] = [{ at: first.at, accepted: 0, sent: 0, delivered: 0, read: 0, failed: 0, clicked: 0 }];
  let place = 0;
  let sum = { accepted: 0, sent: 0, delivered: 0, read: 0, failed: 0, clicked: 0 };
  for (const step of steps) {
    const wanted = Math.round((Date.parse(step.at) - begun) / span_ms);
    // A gap is a level line; two points draw it, however long it is.
    if (wanted > place + 1) sums.push({ at: new Date(begun + wanted * span_ms).toISOString(), ...sum });
    place = wanted;
    sum = {
      accepted: sum.accepted + step.accepted,
      sent: sum.sent + step.sent,
      delivered: sum.delivered + step.delivered,
      read: sum.read + step.read,
      failed: sum.failed + step.failed,
      clicked: sum.clicked + step.clicked,
    };
    sums.push({ at: new Date(begun + (wanted + 1) * span_ms).toISOString(), ...sum });
  }
  return sums;
}

/** A round number that is not below the highest. */
function niceTop(highest: number): number {
  if (highest <= GRID) return GRID;
  const power = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 4, 5, 8, 10].map((n) => n * power).find((n) => n >= highest) ?? highest;
}
