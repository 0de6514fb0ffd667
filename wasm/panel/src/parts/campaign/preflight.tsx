// What was found when everybody was looked at: who would not get it and why, what it costs, how long it takes.

import { useMay } from '../../access.ts';
import type { Preflight, Problem } from '../../api/campaign-documents.ts';
import { preflightPeople } from '../../api/campaigns.ts';
import { flag } from '../../campaign/flags.ts';
import { useWords } from '../../messages/words.ts';
import { Copyable } from '../copyable.tsx';
import { Fact } from '../facts.tsx';
import { Icon } from '../icon.tsx';
import { Moment } from '../moment.tsx';
import { Prose, sentence } from '../prose.tsx';

/** Examples that stand in the page; the file has all. */
const EXAMPLES_SHOWN = 8;
const COUNTRIES_SHOWN = 8;

export function PreflightResult({ of }: { of: Preflight }) {
  const { m, f } = useWords();
  const errors = of.problems.filter(({ severity }) => severity === 'error');
  const warnings = of.problems.filter(({ severity }) => severity === 'warning');
  const kept = of.people - of.control - of.sendable;
  return (
    <div class="preflight">
      <p class={errors.length > 0 ? 'verdict-line is-bad' : 'verdict-line is-good'} role="status">
        <Icon name={errors.length > 0 ? 'warning' : 'check'} />
        <span>
          {errors.length > 0 ? m.preflight.some(of.people, Math.max(kept, 0)) : m.preflight.all(of.people)}{' '}
          <strong>{m.preflight.sendable(of.sendable)}</strong>
          {of.control > 0 && <> {m.preflight.control(of.control)}</>}
        </span>
      </p>
      {[...errors, ...warnings].map((problem) => (
        <OneProblem key={problem.code} of={problem} campaign={of.campaign} people={of.people} />
      ))}
      <dl class="facts preflight-facts">
        {of.cost && (
          <Fact label={m.preflight.cost}>
            <strong>{f.money(of.cost.total, of.cost.currency)}</strong>
            {of.cost.unpriced > 0 && <span class="soft"> · {m.preflight.unpriced(f.number(of.cost.unpriced))}</span>}
          </Fact>
        )}
        {!of.cost && <Fact label={m.preflight.cost}>{m.preflight.noPrices}</Fact>}
        {of.limit && (
          <Fact label={m.preflight.days}>
            <strong>{m.preflight.daysNeeded(of.limit.days)}</strong>
            {of.limit.people_per_day !== undefined && (
              <span class="soft"> · {m.preflight.limit(f.number(of.limit.people_per_day), f.number(of.limit.reached_today))}</span>
            )}
          </Fact>
        )}
        {of.forecast && (
          <Fact label={m.preflight.forecast}>
            <strong>{f.moment(of.forecast.finishes_at)}</strong>
            <span class="soft">
              {' '}
              · {m.preflight.from} {f.moment(of.forecast.starts_at)}, {m.preflight.perSecond(f.number(of.forecast.per_s))}
            </span>
          </Fact>
        )}
        <Fact label={m.preflight.plan}>
          <Copyable text={of.plan} label={m.preflight.plan} />
        </Fact>
      </dl>
      <Countries of={of} />
    </div>
  );
}

function OneProblem({ of, campaign, people }: { of: Problem; campaign: string; people: number }) {
  const mayExport = useMay()('export');
  const { m, f, lang } = useWords();
  const own = m.preflight.problems[of.code];
  const isError = of.severity === 'error';
  const examples = of.examples.slice(0, EXAMPLES_SHOWN);
  return (
    <details class={isError ? 'finding is-error' : 'finding is-warning'} open={isError}>
      <summary>
        <Icon name={isError ? 'error' : 'warning'} />
        <span>
          <b>{m.preflight.peopleWith(of.count)}</b>{' '}
          <span lang={own ? undefined : 'en'}>{sentence(own?.what ?? of.title, own ? lang : 'en')}</span>
          {of.meta_code !== undefined && <span class="soft"> · {m.preflight.metaCode(of.meta_code)}</span>}{' '}
          <span class="soft">{f.percent(of.count, people)}</span>
        </span>
        <Icon name="chevron" />
      </summary>
      <div class="finding-body">
        <p lang={own || lang === 'en' ? undefined : 'en'}>
          <Prose text={own?.cure ?? of.cure} />
        </p>
        {examples.length > 0 && (
          <div class="scroll">
            <table class="plain-table">
              <caption class="unseen">{m.preflight.examples}</caption>
              <thead>
                <tr>
                  <th scope="col">{m.preflight.person}</th>
                  <th scope="col">{m.preflight.number}</th>
                  <th scope="col">{m.preflight.where}</th>
                  <th scope="col">{m.preflight.found}</th>
                </tr>
              </thead>
              <tbody>
                {examples.map((one, at) => (
                  <tr key={at}>
                    <td>
                      <a href={`/profiles/${one.profile}`}>{one.exid ?? one.profile}</a>
                    </td>
                    <td>
                      <bdi dir="ltr" class="number">
                        {one.number ?? '–'}
                      </bdi>
                    </td>
                    <td>
                      <code>{one.path ?? '–'}</code>
                    </td>
                    <td>
                      <bdi>{one.found === undefined ? '–' : one.found === '' ? m.preflight.empty : one.found}</bdi>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {mayExport && (
          <p>
            <a class="button small-button" href={preflightPeople(campaign, of.code)} download={`${campaign}-${of.code}.csv`}>
              <Icon name="download" />
              {m.preflight.download(of.count)}
            </a>
          </p>
        )}
      </div>
    </details>
  );
}

function Countries({ of }: { of: Preflight }) {
  const { m, f } = useWords();
  const all = [...of.by_country].sort((a, b) => b.people - a.people);
  if (all.length === 0) return null;
  const most = all[0]?.people ?? 1;
  return (
    <div class="scroll">
      <table class="plain-table bars">
        <caption>{m.preflight.byCountry}</caption>
        <thead>
          <tr>
            <th scope="col">{m.preflight.country}</th>
            <th scope="col" class="figure-cell">
              {m.preflight.peopleColumn}
            </th>
            <th scope="col" class="figure-cell">
              {m.preflight.cost}
            </th>
            <th scope="col">{m.preflight.quiet}</th>
          </tr>
        </thead>
        <tbody>
          {all.slice(0, COUNTRIES_SHOWN).map(({ country, people, cost, quiet_until }) => (
            <tr key={country}>
              <th scope="row">
                <span aria-hidden="true">{flag(country)}</span>
                {f.country(country) ?? country}
                <span class="row-bar" aria-hidden="true">
                  <span style={{ inlineSize: `${(people / most) * 100}%` }} />
                </span>
              </th>
              <td class="figure-cell">{f.number(people)}</td>
              <td class="figure-cell">{cost === undefined ? '–' : f.money(cost, of.cost?.currency ?? 'USD')}</td>
              <td>{quiet_until === undefined ? '–' : <Moment at={quiet_until} exact />}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {all.length > COUNTRIES_SHOWN && <p class="soft small-print">{m.regions.others(all.length - COUNTRIES_SHOWN)}</p>}
    </div>
  );
}
