// Every campaign: how it stands and how far it has come, live.

import { useEffect } from 'preact/hooks';

import { useMay } from '../access.ts';
import type { Summary } from '../api/campaign-documents.ts';
import { campaigns } from '../api/campaigns.ts';
import { accounts } from '../api/templates.ts';
import { useAsking } from '../asking.ts';
import { useNow } from '../events/now.ts';
import { useWords } from '../messages/words.ts';
import { StandBar } from '../parts/campaign/stand.tsx';
import { CampaignBadge } from '../parts/campaign/state-badge.tsx';
import { StopAll } from '../parts/campaign/stop-all.tsx';
import { Empty, NotConnected } from '../parts/empty.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { Moment } from '../parts/moment.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';

/** How often the host is asked while something goes on, and while nothing does, in milliseconds. */
const LIVE_MS = 1500;
const CALM_MS = 10_000;

const GOES: readonly string[] = ['freezing', 'running', 'scheduled'];
/** What “stop everything” stops. */
const STOPPABLE: readonly string[] = ['running', 'scheduled'];
const WRITABLE: readonly string[] = ['draft', 'freezing', 'frozen', 'awaiting_approval'];

export function CampaignsPage() {
  const { m } = useWords();
  useNow();
  const { answer, trouble, waiting, again } = useAsking(
    async (signal) => {
      const known = await campaigns(signal);
      // Only whoever begins has to know whether there is an account.
      return { ...known, connected: known.campaigns.length > 0 || (await accounts(signal)).accounts.length > 0 };
    },
    'campaigns',
  );
  const goes = answer?.campaigns.some(({ state }) => GOES.includes(state)) ?? false;
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && again(), goes ? LIVE_MS : CALM_MS);
    return () => clearInterval(timer);
  }, [goes]);
  const isEmpty = answer?.campaigns.length === 0;
  const may = useMay();
  const goesOut = answer?.campaigns.some(({ state }) => STOPPABLE.includes(state)) ?? false;
  return (
    <section class="campaigns-page" aria-busy={waiting && !answer}>
      <div class="apart wrap">
        <Heading title={m.campaigns.title} />
        {answer && !isEmpty && (
          <div class="actions">
            {may('campaigns') && (
              <a class="button primary" href="/campaigns/new">
                <Icon name="plus" />
                {m.campaigns.create}
              </a>
            )}
            {may('stop') && <StopAll isNeeded={goesOut} onStopped={again} />}
          </div>
        )}
      </div>
      <p class="lead">{m.campaigns.lead}</p>
      {trouble && <TroubleNote trouble={trouble} onRetry={again} />}
      {!answer && !trouble && <p class="loading">{m.loading}</p>}
      {answer && isEmpty && !answer.connected && <NotConnected />}
      {answer && isEmpty && answer.connected && (
        <Empty
          icon="megaphone"
          title={m.campaigns.empty}
          text={m.campaigns.emptyText}
          href="/campaigns/new"
          act={m.campaigns.create}
          right="campaigns"
        />
      )}
      {answer && !isEmpty && <List campaigns={answer.campaigns} />}
    </section>
  );
}

function List({ campaigns }: { campaigns: readonly Summary[] }) {
  const { m, f } = useWords();
  const may = useMay();
  const mayWrite = may('campaigns') || may('approve');
  return (
    <div class="card flush">
      <table class="list campaign-list">
        <thead>
          <tr>
            <th scope="col">{m.campaigns.name}</th>
            <th scope="col">{m.campaigns.state}</th>
            <th scope="col">{m.campaigns.progress}</th>
            <th scope="col">{m.campaigns.when}</th>
            <th scope="col">{m.campaigns.who}</th>
          </tr>
        </thead>
        <tbody>
          {campaigns.map((one) => (
            <tr key={one.campaign}>
              <td data-label={m.campaigns.name}>
                <a class="row-link" href={addressOf(one, mayWrite)} dir="auto">
                  {one.name || one.campaign}
                </a>{' '}
                <span class="soft">{one.campaign}</span>
              </td>
              <td data-label={m.campaigns.state}>
                <span class="state-line">
                  <CampaignBadge state={one.state} />
                  {one.state === 'running' && one.per_s !== undefined && (
                    <span class="soft">{m.campaigns.perSecond(f.decimal(one.per_s))}</span>
                  )}
                </span>
              </td>
              <td data-label={m.campaigns.progress} class={one.stand ? '' : 'is-empty'}>
                {one.stand ? <StandBar stand={one.stand} label={`${m.campaigns.progress}: ${one.name}`} /> : '–'}
              </td>
              <td data-label={m.campaigns.when} class="soft">
                <When of={one} />
              </td>
              <td data-label={m.campaigns.who} class={one.created_by ? 'soft clip' : 'is-empty soft'}>
                <bdi>{one.created_by ?? '–'}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function When({ of }: { of: Summary }) {
  const { m } = useWords();
  const [said, at] = of.finished_at
    ? [m.campaigns.finished, of.finished_at]
    : of.started_at
      ? [m.campaigns.started, of.started_at]
      : of.starts_at
        ? [m.campaigns.starts, of.starts_at]
        : [m.campaigns.created, of.created_at];
  return (
    <span>
      {said} <Moment at={at} />
    </span>
  );
}

/** Where one goes on with it: writing, or looking. */
function addressOf({ campaign, state }: Summary, mayWrite: boolean): string {
  return mayWrite && WRITABLE.includes(state) ? `/campaigns/${campaign}/edit` : `/campaigns/${campaign}`;
}
