// The messages that were tried against each other: how many read each, how sure that is, and whether the difference means
// anything.

import type { CampaignReport, Rate } from '../../api/campaign-documents.ts';
import { useWords } from '../../messages/words.ts';
import { languageName } from '../../template/languages.ts';
import { Icon } from '../icon.tsx';

export function Comparison({ of }: { of: CampaignReport }) {
  const { m, f, lang } = useWords();
  const { by_message: messages, comparison } = of;
  // The scale ends a little behind the highest that may be.
  const top = Math.min(1, Math.max(0.05, ...messages.map(({ read_rate: rate }) => rate?.high ?? 0)) * 1.15);
  const hasTaps = messages.some(({ clicked }) => (clicked ?? 0) > 0);
  const best = comparison ? messages[comparison.best] : undefined;
  return (
    <>
      {messages.length > 1 && (
        <p class={comparison ? 'verdict-line is-good' : 'verdict-line'}>
          <Icon name={comparison ? 'check' : 'clock'} />
          <span>
            {comparison && best
              ? m.report.better(m.compose.letter(comparison.best), best.template, m.report.metrics[comparison.metric] ?? '', f.percent(comparison.confidence, 1))
              : m.report.noDifference}
          </span>
        </p>
      )}
      <div class="scroll">
        <table class="plain-table folds comparison">
          <caption class="unseen">{m.report.byMessage}</caption>
          <thead>
            <tr>
              <th scope="col">{m.report.message}</th>
              <th scope="col" class="rate-head">
                {m.report.readRate}
              </th>
              {hasTaps && (
                <th scope="col" class="rate-head">
                  {m.report.clickRate}
                </th>
              )}
              {(['planned', 'delivered', 'read', 'replied', 'failed', 'opted_out'] as const).map((step) => (
                <th key={step} scope="col" class="figure-cell">
                  {m.report.steps[step]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {messages.map((one, at) => (
              <tr key={at} class={comparison?.best === at ? 'is-best' : ''}>
                <th scope="row">
                  {messages.length > 1 && <span class="letter">{m.compose.letter(at)}</span>} <bdi>{one.template}</bdi>{' '}
                  <span class="soft">{languageName(one.language, lang)}</span>
                </th>
                <RateCell of={one.read_rate} top={top} />
                {hasTaps && <RateCell of={one.click_rate} top={top} />}
                {(['planned', 'delivered', 'read', 'replied', 'failed', 'opted_out'] as const).map((step) => (
                  <td key={step} class="figure-cell" data-label={m.report.steps[step]}>
                    {f.number(one[step] ?? 0)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** A share with the interval that it may be in. */
function RateCell({ of, top }: { of: Rate | undefined; top: number }) {
  const { m, f } = useWords();
  const place = (share: number) => `${(share / top) * 100}%`;
  return (
    <td class="rate-cell">
      {of ? (
        <>
          <span class="interval" dir="ltr" aria-hidden="true">
            <span class="reach" style={{ insetInlineStart: place(of.low), inlineSize: place(of.high - of.low) }} />
            <span class="dot" style={{ insetInlineStart: place(of.value) }} />
          </span>
          <span class="interval-text">
            <b>{f.percent(of.value, 1)}</b> <span class="soft">{m.report.between(f.percent(of.low, 1), f.percent(of.high, 1))}</span>
          </span>
        </>
      ) : (
        '–'
      )}
    </td>
  );
}
