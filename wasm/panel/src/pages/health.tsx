// How everything stands: what needs somebody first, with the way to where it is mended, and then what is known.

import { useEffect } from 'preact/hooks';

import type { WaitsFor } from '../api/campaign-documents.ts';
import { health, type Finding, type Health, type HealthAccount, type HealthNumber, type Lane } from '../api/health.ts';
import { useAsking } from '../asking.ts';
import { useNow } from '../events/now.ts';
import { useWords } from '../messages/words.ts';
import { NotConnected } from '../parts/empty.tsx';
import { Fact } from '../parts/facts.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Moment } from '../parts/moment.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';

/** How often the host is asked again, in milliseconds. */
const AGAIN_MS = 5_000;
const SIGNS: { [state in Health['state']]: IconName } = { good: 'check', look: 'warning', act: 'error' };
const TONES: { [state in Health['state']]: string } = { good: 'good', look: 'warn', act: 'bad' };

export function HealthPage() {
  const { m } = useWords();
  const { answer, trouble, again } = useAsking(health, 'health');
  useNow();
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') again();
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }, [again]);
  return (
    <section class="access health">
      <Heading title={m.health.title} />
      <p class="lead">{m.health.lead}</p>
      {trouble && <TroubleNote trouble={trouble} onRetry={again} />}
      {!answer && !trouble && <p class="loading">{m.loading}</p>}
      {answer && (
        <>
          <Findings of={answer} />
          <Inbox of={answer} />
          <Accounts of={answer} />
          <Work of={answer} />
          <Store of={answer.store} />
        </>
      )}
    </section>
  );
}

function Findings({ of: { state, at, findings } }: { of: Health }) {
  const { m } = useWords();
  const urgent = findings.filter((one) => one.state === 'act').length;
  const title =
    state === 'good' ? m.health.good : state === 'act' ? m.health.act(urgent) : m.health.look(findings.length);
  return (
    <section class={`card health-findings tone-${TONES[state]}`} aria-labelledby="health-state">
      <div class="health-state">
        <Icon name={SIGNS[state]} />
        <h2 id="health-state">
          <span role="status">{title}</span>
        </h2>
        <span class="soft small-print">
          {m.health.seen} <Moment at={at} />
        </span>
      </div>
      {findings.length === 0 ? (
        <p class="soft">{m.health.goodText}</p>
      ) : (
        <ul>
          {findings.map((one) => (
            <OneFinding key={[one.code, one.account, one.number, one.campaign].join('/')} of={one} />
          ))}
        </ul>
      )}
    </section>
  );
}

function OneFinding({ of }: { of: Finding }) {
  const { m } = useWords();
  const { what, cure } = m.health.findings[of.code] ?? { what: of.text, cure: of.cure };
  const place = placeOf(of);
  return (
    <li>
      <span class={`badge tone-${TONES[of.state]}`}>{m.health.states[of.state]}</span>
      <div>
        <strong>{what}</strong>
        {of.said !== undefined && (
          <span class="detail" dir="auto">
            {of.said}
          </span>
        )}
        <p class="soft">{cure}</p>
      </div>
      {place !== undefined && (
        <a class="button small-button" href={place}>
          {m.health.toPlace}
          <span class="unseen">: {what}</span>
        </a>
      )}
    </li>
  );
}

/** Where it is mended in the panel, if it is. */
function placeOf({ code, campaign }: Finding): string | undefined {
  if (campaign !== undefined) return `/campaigns/${encodeURIComponent(campaign)}`;
  switch (code) {
    case 'webhook-silent':
      return '/webhooks';
    case 'opt-outs-wait':
    case 'events-wait':
    case 'edge-away':
    case 'edge-behind':
      return '/events';
    case 'pull-failed':
      return '/templates';
    case 'import-slow':
      return '/imports';
    case 'limit-used':
    case 'limit-near':
    case 'quality-low':
    case 'quality-medium':
      return '/campaigns';
    case 'webhook-off':
    case 'token-ended':
    case 'token-ends':
    case 'account-trouble':
    case 'account-blocked':
    case 'account-limited':
    case 'number-blocked':
    case 'name-waits':
      return '/connect';
    default:
      return undefined;
  }
}

function Inbox({ of: { inbox, accounts } }: { of: Health }) {
  const { m } = useWords();
  const { last, edge } = inbox;
  const numbers = accounts.flatMap((account) => account.numbers);
  const number = numbers.find((one) => one.id === last?.phone_number_id)?.display;
  const account = accounts.find((one) => one.waba_id === last?.waba_id)?.name;
  const about = number ?? account;
  return (
    <section class="card" aria-labelledby="health-inbox">
      <h2 id="health-inbox">{m.health.inbox}</h2>
      <dl class="facts">
        <Fact label={m.health.last}>
          {last === undefined ? (
            m.health.never
          ) : (
            <>
              <Moment at={last.at} />
              {about !== undefined && (
                <>
                  , {m.health.ofNumber} <bdi>{about}</bdi>
                </>
              )}
            </>
          )}
        </Fact>
        <Fact label={m.health.consentWaits}>
          <Waits of={inbox.consent} />
        </Fact>
        <Fact label={m.health.restWaits}>
          <Waits of={inbox.rest} />
        </Fact>
        {edge && (
          <Fact label={m.health.edge}>
            {edge.connected ? m.health.edgeGood : m.health.edgeBad}
            {edge.last_pulled_at !== undefined && (
              <>
                , <Moment at={edge.last_pulled_at} />
              </>
            )}
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Waits({ of: { waits, oldest_at } }: { of: Lane }) {
  const { m, f } = useWords();
  if (waits === 0) return <>{m.health.none}</>;
  return (
    <>
      {f.number(waits)}
      {oldest_at !== undefined && (
        <>
          , {m.health.since} <Moment at={oldest_at} />
        </>
      )}
    </>
  );
}

function Accounts({ of }: { of: Health }) {
  const { m } = useWords();
  if (of.accounts.length === 0) return <NotConnected />;
  return (
    <section class="health-accounts" aria-labelledby="health-accounts">
      <h2 id="health-accounts">{m.health.accounts}</h2>
      {of.accounts.map((account) => (
        <Account key={account.account} of={account} reached={of.reached_today} />
      ))}
    </section>
  );
}

function Account({ of, reached }: { of: HealthAccount; reached: number }) {
  const { m, f } = useWords();
  return (
    <section class="card fields" aria-labelledby={`health-${of.account}`}>
      <div class="apart wrap">
        <h3 id={`health-${of.account}`} dir="auto">
          {of.name}
        </h3>
        {of.sandbox && <span class="badge tone-plain">{m.health.sandbox}</span>}
      </div>
      <dl class="facts">
        <Fact label={m.health.webhooks}>{of.subscribed ? m.health.webhooksOn : m.health.webhooksOff}</Fact>
        <Fact label={m.health.token}>
          {of.token_ends_at === undefined
            ? m.health.tokenLasts
            : `${m.health.tokenEnds} ${f.moment(of.token_ends_at)}`}
        </Fact>
        {of.looked_at !== undefined && (
          <Fact label={m.health.asked}>
            <Moment at={of.looked_at} />
          </Fact>
        )}
      </dl>
      {of.numbers.map((number) => (
        <OneNumber key={number.id} of={number} reached={reached} />
      ))}
    </section>
  );
}

function OneNumber({ of, reached }: { of: HealthNumber; reached: number }) {
  const { m, f } = useWords();
  const { display, people_per_day: most, quality = 'UNKNOWN', status } = of;
  const tone = { GREEN: 'good', YELLOW: 'warn', RED: 'bad' }[quality] ?? 'calm';
  return (
    <section class="health-number" aria-label={display}>
      <h4>
        <bdi>{display}</bdi>
      </h4>
      <dl class="facts">
        <Fact label={m.health.quality}>
          <span class={`badge tone-${tone}`}>{m.health.qualities[quality] ?? quality}</span>
        </Fact>
        <Fact label={m.health.limit}>
          {most !== undefined ? (
            <>
              {m.health.used(f.number(reached), f.number(most))}{' '}
              <meter min={0} max={most} value={Math.min(reached, most)} aria-label={m.health.limit} />
            </>
          ) : of.limit === undefined ? (
            m.health.unknown
          ) : (
            m.health.unlimited
          )}
        </Fact>
        <Fact label={m.health.throughput}>
          {of.throughput === undefined ? m.health.unknown : (m.health.paces[of.throughput] ?? of.throughput)}
        </Fact>
        <Fact label={m.health.status}>
          {status === undefined ? m.health.unknown : (m.connect.numberStates[status] ?? status)}
        </Fact>
        <Fact label={m.health.name}>
          <bdi>{of.name}</bdi>
          {of.name_status !== undefined && ` · ${m.health.names[of.name_status] ?? of.name_status}`}
        </Fact>
      </dl>
    </section>
  );
}

function Work({ of: { imports, campaigns } }: { of: Health }) {
  const { m, f } = useWords();
  return (
    <section class="card" aria-labelledby="health-work">
      <h2 id="health-work">{m.health.work}</h2>
      <dl class="facts">
        <Fact label={m.health.imports}>
          <Waits of={imports} />
        </Fact>
      </dl>
      {campaigns.length === 0 ? (
        <p class="soft">{m.health.noCampaigns}</p>
      ) : (
        <ul class="rows">
          {campaigns.map(({ campaign, name, state, per_s, waits }) => (
            <li key={campaign}>
              <a href={`/campaigns/${encodeURIComponent(campaign)}`} dir="auto">
                {name}
              </a>
              <span class="soft">
                {m.health.campaignStates[state] ?? state}
                {per_s !== undefined && ` · ${m.health.perSecond(f.number(per_s))}`}
                {waits && (
                  <>
                    {' '}
                    · {m.campaign.waits[waits.for as WaitsFor] ?? waits.text}
                  </>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Store({ of }: { of: Health['store'] }) {
  const { m, f } = useWords();
  return (
    <section class="card" aria-labelledby="health-store">
      <h2 id="health-store">{m.health.store}</h2>
      <dl class="facts">
        <Fact label={m.health.people}>{f.number(of.people)}</Fact>
        {of.bytes !== undefined && <Fact label={m.health.size}>{f.bytes(of.bytes)}</Fact>}
        {of.free_bytes !== undefined && <Fact label={m.health.free}>{f.bytes(of.free_bytes)}</Fact>}
        <Fact label={m.health.backup}>
          {of.backed_up_at !== undefined ? (
            <Moment at={of.backed_up_at} />
          ) : of.kind === 'database' ? (
            m.health.ownBackup
          ) : (
            m.health.noBackup
          )}
        </Fact>
      </dl>
    </section>
  );
}
