// One campaign: how it goes, what can be done with it, and what became of everybody.

import { useEffect, useRef, useState } from 'preact/hooks';

import { useMay } from '../access.ts';
import type { CampaignDoc, CampaignReport, State } from '../api/campaign-documents.ts';
import { campaign, copy, report } from '../api/campaigns.ts';
import { useAsking } from '../asking.ts';
import { isLive, useFollowing } from '../campaign/following.ts';
import { useBeginnings, nextOf } from '../first-steps.ts';
import { useNow } from '../events/now.ts';
import { useWords } from '../messages/words.ts';
import { announce } from '../parts/announcer.tsx';
import { Controls } from '../parts/campaign/controls.tsx';
import { Now } from '../parts/campaign/now.tsx';
import { Report } from '../parts/campaign/report.tsx';
import { CampaignBadge } from '../parts/campaign/state-badge.tsx';
import { StopAll } from '../parts/campaign/stop-all.tsx';
import { Copyable } from '../parts/copyable.tsx';
import { Fact } from '../parts/facts.tsx';
import { Over } from '../parts/first-steps.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { Moment } from '../parts/moment.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';
import { go } from '../router.ts';
import { troubleFrom, type Trouble } from '../trouble.ts';

/** How often the report is asked for while messages go, and afterwards, when people still read and answer, in milliseconds. */
const REPORT_MS = 2500;
const REPORT_CALM_MS = 10_000;
const OVER: readonly State[] = ['finished', 'cancelled'];
const WRITABLE: readonly State[] = ['draft', 'freezing', 'frozen', 'awaiting_approval'];

export function CampaignPage({ id }: { id: string }) {
  const { m } = useWords();
  useNow();
  const { answer, trouble, again } = useAsking((signal) => campaign(id, signal), id);
  const [news, setNews] = useState<CampaignDoc>();
  const doc = news ?? answer;
  const { interrupted } = useFollowing(id, isLive(doc?.state), setNews);
  const told = useReport(doc);
  const may = useMay();
  const was = useRef<State>();
  useEffect(() => {
    if (!doc) return;
    if (was.current !== undefined && was.current !== doc.state) announce(m.campaigns.states[doc.state] ?? doc.state);
    was.current = doc.state;
  }, [doc?.state]);
  return (
    <section class="campaign-page">
      <p class="way-back">
        <a href="/campaigns">
          <Icon name="back" />
          {m.campaigns.title}
        </a>
      </p>
      {trouble && !doc && (
        <>
          <Heading title={m.campaigns.title} />
          <TroubleNote trouble={trouble} onRetry={again} />
        </>
      )}
      {!doc && !trouble && <p class="loading">{m.loading}</p>}
      {doc && (
        <>
          <div class="apart wrap campaign-top">
            <Heading title={doc.name || doc.campaign}>
              <bdi>{doc.name || doc.campaign}</bdi> <CampaignBadge state={doc.state} />
            </Heading>
            <div class="actions">
              <Controls doc={doc} onDoc={setNews} />
              {doc.state === 'running' && may('stop') && <StopAll onStopped={again} />}
              {WRITABLE.includes(doc.state) && (may('campaigns') || may('approve')) && (
                <a class="button primary" href={`/campaigns/${doc.campaign}/edit`}>
                  <Icon name="pen" />
                  {m.campaign.goOn}
                </a>
              )}
              {OVER.includes(doc.state) && may('campaigns') && <Copy id={doc.campaign} />}
            </div>
          </div>
          {WRITABLE.includes(doc.state) ? (
            <p class="lead">{m.campaign.notStarted}</p>
          ) : (
            <>
              <Now doc={doc} interrupted={interrupted} />
              {told && <Report of={told} />}
              {OVER.includes(doc.state) && <AfterTheFirst of={doc.campaign} />}
            </>
          )}
          <Facts doc={doc} />
        </>
      )}
    </section>
  );
}

/** What comes after the first campaign of all. */
function AfterTheFirst({ of }: { of: string }) {
  const known = useBeginnings();
  if (!known || nextOf(known) !== undefined || known.sentCount !== 1 || known.sent?.campaign !== of) return null;
  return (
    <section class="card">
      <Over of={known} />
    </section>
  );
}

/** Asked again and again: people read and answer long after the last message has left. */
function useReport(doc: CampaignDoc | undefined): CampaignReport | undefined {
  const [told, setTold] = useState<CampaignReport>();
  const id = doc && !WRITABLE.includes(doc.state) ? doc.campaign : undefined;
  const every = doc?.state === 'running' ? REPORT_MS : REPORT_CALM_MS;
  useEffect(() => {
    if (id === undefined) return;
    const asking = new AbortController();
    let isUnderWay = false;
    const ask = async () => {
      if (document.hidden || isUnderWay) return;
      isUnderWay = true;
      // What cannot be asked now stays as it was.
      const answer = await report(id, asking.signal).catch(() => undefined);
      isUnderWay = false;
      if (answer && !asking.signal.aborted) setTold(answer);
    };
    void ask();
    const timer = setInterval(() => void ask(), every);
    return () => {
      asking.abort();
      clearInterval(timer);
    };
  }, [id, every, doc?.state]);
  return told;
}

/** The same once more, as a draft. */
function Copy({ id }: { id: string }) {
  const { m } = useWords();
  const [trouble, setTrouble] = useState<Trouble>();
  const work = () =>
    copy(id).then(
      (doc) => go(`/campaigns/${doc.campaign}/edit`),
      (thrown: unknown) => setTrouble(troubleFrom(thrown)),
    );
  return (
    <>
      <button type="button" onClick={() => void work()}>
        <Icon name="copy" />
        {m.campaign.copy}
      </button>
      {trouble && <TroubleNote trouble={trouble} />}
    </>
  );
}

function Facts({ doc }: { doc: CampaignDoc }) {
  const { m, f } = useWords();
  const { plan, definition, history = [] } = doc;
  return (
    <section class="card" aria-labelledby="facts">
      <h2 id="facts">{m.campaign.facts}</h2>
      <dl class="facts">
        <Fact label={m.campaign.templates}>
          {definition.messages.map(({ template, language }) => (
            <a key={`${template}/${language}`} class="fact-link" href={`/templates/${definition.account}/${encodeURIComponent(template)}`}>
              {template} ({language})
            </a>
          ))}
        </Fact>
        <Fact label={m.campaigns.created}>
          <Moment at={doc.created_at} exact />
          {doc.created_by && <bdi> · {doc.created_by}</bdi>}
        </Fact>
        {doc.approved && (
          <Fact label={m.campaign.approved}>
            <bdi>{doc.approved.by}</bdi> · <Moment at={doc.approved.at} exact />
          </Fact>
        )}
        {doc.started_at !== undefined && (
          <Fact label={m.campaigns.started}>
            <Moment at={doc.started_at} exact />
          </Fact>
        )}
        {plan && (
          <>
            <Fact label={m.campaign.planned}>
              {f.number(plan.people)}
              {plan.control > 0 && ` · ${m.report.control(plan.control)}`}
            </Fact>
            <Fact label={m.preflight.plan}>
              <Copyable text={plan.sha256} label={m.preflight.plan} />
            </Fact>
          </>
        )}
      </dl>
      {history.length > 0 && (
        <details class="as-table">
          <summary>{m.campaign.history}</summary>
          <ol class="deeds">
            {[...history].reverse().map((deed, at) => (
              <li key={at}>
                <Moment at={deed.at} exact /> · <bdi>{deed.by}</bdi>: <span lang="en">{deed.did}</span>
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}
