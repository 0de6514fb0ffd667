// The same people divided by where they are, or by the file that brought their consent: which of them went badly.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import type { Counts } from '../../api/campaign-documents.ts';
import { useWords } from '../../messages/words.ts';

export interface Row extends Counts {
  key: string;
  name: ComponentChildren;
}

/** Rows before somebody asks for more. */
const ROWS_SHOWN = 8;
/** A share of failures or opt-outs is pointed at when it is so many times that of all, and there are enough of them. */
const WORSE = 2;
const ENOUGH = 20;

/** In the order of the bar; what is left is still under way. */
const PARTS = ['read', 'delivered', 'failed', 'rest'] as const;

export function Breakdown({ rows, title, head }: { rows: readonly Row[]; title: string; head: string }) {
  const { m, f } = useWords();
  const [all, setAll] = useState(false);
  const sorted = [...rows].sort((a, b) => (b.planned ?? 0) - (a.planned ?? 0));
  const shown = all ? sorted : sorted.slice(0, ROWS_SHOWN);
  const total = (of: 'planned' | 'failed' | 'opted_out') => rows.reduce((sum, row) => sum + (row[of] ?? 0), 0);
  const usual = { failed: total('failed') / Math.max(1, total('planned')), opted_out: total('opted_out') / Math.max(1, total('planned')) };
  const isWorse = (row: Row, of: 'failed' | 'opted_out') =>
    rows.length > 1 && (row.planned ?? 0) >= ENOUGH && (row[of] ?? 0) / (row.planned ?? 1) > WORSE * usual[of] && usual[of] > 0;
  const hasTaps = rows.some((row) => (row.clicked ?? 0) > 0);
  const share = (count: number | undefined, row: Row) => f.percent(count ?? 0, row.planned ?? 0);
  return (
    <div class="scroll">
      <table class="plain-table folds breakdown">
        <caption class="unseen">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{head}</th>
            <th scope="col" class="figure-cell">
              {m.report.people}
            </th>
            {(['delivered', 'read', 'clicked', 'failed', 'opted_out'] as const).filter((step) => step !== 'clicked' || hasTaps).map((step) => (
              <th key={step} scope="col" class="figure-cell">
                {m.report.steps[step]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => {
            const { planned = 0, delivered = 0, read = 0, failed = 0 } = row;
            const parts = { read, delivered: Math.max(0, delivered - read), failed, rest: Math.max(0, planned - delivered - failed) };
            return (
              <tr key={row.key}>
                <th scope="row">
                  {row.name}
                  <span class="stand-bar" aria-hidden="true">
                    {PARTS.filter((part) => part !== 'rest' && parts[part] > 0).map((part) => (
                      <span key={part} class={`fill-${part}`} style={{ inlineSize: `${(parts[part] / Math.max(1, planned)) * 100}%` }} />
                    ))}
                  </span>
                </th>
                <td class="figure-cell" data-label={m.report.people}>
                  {f.number(planned)}
                </td>
                <td class="figure-cell" data-label={m.report.steps.delivered}>
                  {share(delivered, row)}
                </td>
                <td class="figure-cell" data-label={m.report.steps.read}>
                  {share(read, row)}
                </td>
                {hasTaps && (
                  <td class="figure-cell" data-label={m.report.steps.clicked}>
                    {share(row.clicked, row)}
                  </td>
                )}
                {(['failed', 'opted_out'] as const).map((of) => (
                  <td key={of} data-label={m.report.steps[of]} class={isWorse(row, of) ? 'figure-cell is-worse' : 'figure-cell'}>
                    {share(row[of], row)}
                    {isWorse(row, of) && <span class="unseen"> {m.report.worse}</span>}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      {shown.length < sorted.length && (
        <button type="button" class="link" onClick={() => setAll(true)}>
          {m.report.more(sorted.length - shown.length)}
        </button>
      )}
    </div>
  );
}
