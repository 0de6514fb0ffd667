// How a campaign stands at this moment: how far, how fast, until when, what it waits for, and why it stopped.

import type { CampaignDoc, Paused, Stopper, WaitsFor } from '../../api/campaign-documents.ts';
import { useWords } from '../../messages/words.ts';
import { Icon } from '../icon.tsx';
import { Moment } from '../moment.tsx';
import { Prose, sentence } from '../prose.tsx';
import { doneOf, StandPicture, wantedOf } from './stand.tsx';

export function Now({ doc, interrupted }: { doc: CampaignDoc; interrupted: boolean }) {
  const { m, f } = useWords();
  const { stand } = doc;
  const [done, wanted] = stand ? [doneOf(stand), wantedOf(stand)] : [0, doc.plan?.sendable ?? 0];
  return (
    <section class="card campaign-now" aria-label={m.campaign.now}>
      {doc.paused && <WhyPaused of={doc.paused} account={doc.definition.account} />}
      {doc.waits && doc.state !== 'paused' && <Waits of={doc.waits} />}
      {stand && (
        <>
          <div class="apart wrap">
            <p class="big-count">
              <b>{f.number(done)}</b> <span>{m.campaign.ofPeople(f.number(wanted))}</span>
            </p>
            <p class="soft rate-line">
              {doc.state === 'running' && doc.per_s !== undefined && <span>{m.campaigns.perSecond(f.decimal(doc.per_s))}</span>}
              {doc.state === 'running' && doc.finishes_at !== undefined && (
                <span>
                  {m.campaign.finishes} <Moment at={doc.finishes_at} exact />
                </span>
              )}
              {doc.state === 'scheduled' && doc.starts_at !== undefined && (
                <span>
                  {m.campaigns.starts} <Moment at={doc.starts_at} exact />
                </span>
              )}
              {doc.finished_at !== undefined && (
                <span>
                  {m.campaigns.finished} <Moment at={doc.finished_at} exact />
                </span>
              )}
            </p>
          </div>
          <StandPicture stand={stand} />
        </>
      )}
      {interrupted && (
        <p class="interrupted" role="status">
          {m.campaign.interrupted}
        </p>
      )}
    </section>
  );
}

function Waits({ of }: { of: NonNullable<CampaignDoc['waits']> }) {
  const { m } = useWords();
  const own = m.campaign.waits[of.for as WaitsFor];
  return (
    <p class="rejected is-warning" role="status">
      <Icon name="clock" />
      <span>
        <span lang={own ? undefined : 'en'}>{own ?? of.text}</span>
        {of.until !== undefined && (
          <>
            {' '}
            {m.campaign.until} <Moment at={of.until} exact />
          </>
        )}
      </span>
    </p>
  );
}

function WhyPaused({ of, account }: { of: Paused; account: string }) {
  const { m, lang } = useWords();
  const own = m.campaign.stopped[of.why as Stopper];
  const reader = lang === 'en' ? undefined : own;
  const [name] = of.template?.split('/') ?? [];
  return (
    <div class={of.by === 'user' ? 'why-paused' : 'why-paused is-bad'} role="status">
      <Icon name={of.by === 'user' ? 'pause' : 'stop'} />
      <div>
        <strong>{own?.title ?? m.campaign.paused}</strong> <span class="soft">
          <Moment at={of.at} />
        </span>
        <p lang={reader ? undefined : 'en'}>
          <Prose text={sentence(reader?.text ?? of.text, reader ? lang : 'en')} />
        </p>
        {(reader?.cure ?? of.cure) !== undefined && (
          <p lang={reader?.cure ? undefined : 'en'}>
            <Prose text={reader?.cure ?? of.cure ?? ''} />
          </p>
        )}
        {(of.template !== undefined || of.import !== undefined || of.code !== undefined) && (
          <p class="blame">
            {of.template !== undefined && (
              <span>
                {m.campaign.blamedTemplate} <a href={`/templates/${account}/${encodeURIComponent(name ?? '')}`}>
                  <bdi>{of.template}</bdi>
                </a>
              </span>
            )}
            {of.import !== undefined && (
              <span>
                {m.campaign.blamedImport}{' '}
                <a href={`/imports/${of.import}`} dir="auto">
                  {of.file ?? of.import}
                </a>
              </span>
            )}
            {of.code !== undefined && <span class="soft">{m.preflight.metaCode(of.code)}</span>}
          </p>
        )}
      </div>
    </div>
  );
}
