// What became of a campaign: pictures first, with the same in tables.

import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

import { useMay } from '../../access.ts';
import type { CampaignReport, Failure } from '../../api/campaign-documents.ts';
import { peopleOf } from '../../api/campaigns.ts';
import { flag } from '../../campaign/flags.ts';
import { useWords } from '../../messages/words.ts';
import { Icon } from '../icon.tsx';
import { Prose, sentence } from '../prose.tsx';
import { Breakdown } from './breakdown.tsx';
import { Comparison } from './comparison.tsx';
import { Funnel } from './funnel.tsx';
import { OverTime } from './over-time.tsx';

const EXPORTS = ['all', 'delivered', 'read', 'replied', 'clicked', 'failed', 'unknown', 'capped', 'opted_out_after', 'control'] as const;

export function Report({ of }: { of: CampaignReport }) {
  const { m, f } = useWords();
  const mayExport = useMay()('export');
  return (
    <div class="report">
      <Section title={m.report.funnel}>
        <Funnel of={of} />
        <p class="soft">
          {m.report.optedOutAfter(of.opted_out_after)} · {m.report.replies(of.replied)}
          {of.control > 0 && <> · {m.report.control(of.control)}</>}
        </p>
      </Section>
      <Section title={m.report.overTime}>
        <OverTime steps={of.over_time} span={of.span_s} />
      </Section>
      {of.failures.length > 0 && (
        <Section title={m.report.failures} wide>
          <Failures of={of.failures} campaign={of.campaign} />
        </Section>
      )}
      {of.by_message.length > 0 && (
        <Section title={of.by_message.length > 1 ? m.report.compared : m.report.byMessage} wide>
          <Comparison of={of} />
        </Section>
      )}
      <Section title={m.report.byCountry}>
        <Breakdown
          title={m.report.byCountry}
          head={m.preflight.country}
          rows={of.by_country.map(({ country, ...counts }) => ({
            ...counts,
            key: country,
            name: (
              <>
                <span aria-hidden="true">{flag(country)}</span>
                {f.country(country) ?? country}
              </>
            ),
          }))}
        />
      </Section>
      <Section title={m.report.byImport} text={m.report.byImportText}>
        <Breakdown
          title={m.report.byImport}
          head={m.history.file}
          rows={of.by_import.map(({ import: id, file, ...counts }) => ({
            ...counts,
            key: id ?? '',
            name:
              id === undefined ? (
                m.report.byThemselves
              ) : (
                <a href={`/imports/${id}`} dir="auto">
                  {file ?? id}
                </a>
              ),
          }))}
        />
      </Section>
      {mayExport && (
        <Section title={m.report.exports} text={m.report.exportsText} wide>
          <ul class="exports-list">
            {EXPORTS.filter((status) => status !== 'clicked' || (of.clicked ?? 0) > 0).map((status) => (
              <li key={status}>
                <a class="button small-button" href={peopleOf(of.campaign, status === 'all' ? {} : { status })} download={`${of.campaign}-${status}.csv`}>
                  <Icon name="download" />
                  {m.report.exported[status]}
                </a>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

function Section({ title, text, wide, children }: { title: string; text?: string; wide?: boolean; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class={wide ? 'card report-part is-wide' : 'card report-part'} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {text && <p class="soft small-print">{text}</p>}
      {children}
    </section>
  );
}

/** Why messages failed, the commonest reason first, in the reader's words where there are some. */
function Failures({ of, campaign }: { of: readonly Failure[]; campaign: string }) {
  const mayExport = useMay()('export');
  const { m, f, lang } = useWords();
  const sorted = [...of].sort((a, b) => b.count - a.count);
  const most = sorted[0]?.count ?? 1;
  return (
    <ul class="failures">
      {sorted.map((one) => {
        const own = lang === 'en' ? undefined : m.metaErrors[one.code];
        const foreign = own || lang === 'en' ? undefined : 'en';
        return (
          <li key={one.code}>
            <div class="apart wrap">
              <strong lang={foreign}>{sentence(own?.title ?? one.title, own ? lang : 'en')}</strong>
              <span class="region-count">
                {f.number(one.count)} <span class="soft">{f.percent(one.share, 1)}</span>
              </span>
            </div>
            <span class="region-bar is-bad" aria-hidden="true">
              <span style={{ inlineSize: `${(one.count / most) * 100}%` }} />
            </span>
            <div class="apart wrap">
              <span class="soft" lang={foreign}>
                <Prose text={own?.cure ?? one.cure} />
              </span>
              <span class="failure-links">
                <code>{one.code}</code>
                {mayExport && (
                  <a href={peopleOf(campaign, { status: 'failed', code: one.code })} download={`${campaign}-${one.code}.csv`}>
                    {m.report.who}
                  </a>
                )}
              </span>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
