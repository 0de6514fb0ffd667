// The way down from everybody planned to those who answered; each step as wide as what is left.

import type { CampaignReport } from '../../api/campaign-documents.ts';
import { useWords } from '../../messages/words.ts';

const STEPS = ['planned', 'accepted', 'sent', 'delivered', 'read', 'replied', 'clicked'] as const;

export function Funnel({ of }: { of: CampaignReport }) {
  const { m, f } = useWords();
  const steps = STEPS.filter((step) => of.funnel[step] !== undefined && (step !== 'clicked' || (of.clicked ?? 0) > 0 || of.funnel.clicked));
  const whole = Math.max(1, of.funnel.planned);
  return (
    <table class="funnel">
      <caption class="unseen">{m.report.funnel}</caption>
      <thead class="unseen">
        <tr>
          <th scope="col">{m.report.step}</th>
          <th scope="col">{m.report.people}</th>
          <th scope="col">{m.report.shareOfBefore}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step, at) => {
          const count = of.funnel[step] ?? 0;
          // Answers and taps both come from those who got it.
          const before = step === 'replied' || step === 'clicked' ? 'delivered' : steps[at - 1];
          const from = before === undefined ? undefined : of.funnel[before];
          return (
            <tr key={step}>
              <th scope="row">{m.report.steps[step]}</th>
              <td class="funnel-bar">
                <span aria-hidden="true" class={`fill-${step}`} style={{ inlineSize: `${(count / whole) * 100}%` }} />
                <b>{f.number(count)}</b>
              </td>
              <td class="soft figure-cell">{from === undefined ? '' : f.percent(count, from)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
