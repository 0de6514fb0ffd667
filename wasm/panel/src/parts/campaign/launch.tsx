// The last step: everybody is looked at, the plan is frozen, somebody tries it, somebody approves it, and it goes.

import { useEffect, useState } from 'preact/hooks';

import { useMay } from '../../access.ts';
import type { CampaignDoc, Preflight } from '../../api/campaign-documents.ts';
import { act, freeze, preflight } from '../../api/campaigns.ts';
import type { Missing, StepName } from '../../campaign/draft.ts';
import { useFollowing } from '../../campaign/following.ts';
import type { Keeping } from '../../campaign/keeping.ts';
import { useWords } from '../../messages/words.ts';
import { go } from '../../router.ts';
import { troubleFrom, type Trouble } from '../../trouble.ts';
import { announce } from '../announcer.tsx';
import { ProgressBar } from '../figures.tsx';
import { Icon } from '../icon.tsx';
import { Moment } from '../moment.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import { WhoMay } from '../who-may.tsx';
import { Ask } from './ask.tsx';
import type { Editing } from './editing.ts';
import { PriceList } from './price-list.tsx';
import { PreflightResult } from './preflight.tsx';
import { TestSend } from './test-send.tsx';

/** Where each thing that is missing is mended. */
const WHERE: { [missing in Missing]: StepName } = {
  name: 'compose',
  template: 'compose',
  value: 'compose',
  media: 'compose',
  shares: 'compose',
};

interface Props {
  editing: Editing;
  keeping: Keeping;
  missing: readonly Missing[];
  onStep(step: StepName): void;
}

export function Launch({ editing, keeping, missing, onStep }: Props) {
  const { m } = useWords();
  const { doc, isKept, keep, tell } = keeping;
  const may = useMay();
  const [found, setFound] = useState<Preflight>();
  const [trouble, setTrouble] = useState<Trouble>();
  const [asking, setAsking] = useState(false);
  const freezing = doc?.state === 'freezing' || asking;
  const plan = doc?.plan;
  const { progress, interrupted } = useFollowing(doc?.campaign, freezing, (next) => {
    // What was before it began is no news of it.
    if (!asking || next.state === 'freezing') tell(next);
  });
  // What was found belongs to the plan: with another plan it is asked for again.
  const isFrozen = plan !== undefined && !freezing && isKept;
  useEffect(() => {
    if (!doc || !isFrozen) return setFound(undefined);
    const asking = new AbortController();
    preflight(doc.campaign, asking.signal).then(
      (answer) => {
        if (asking.signal.aborted) return;
        setFound(answer);
        const kept = answer.people - answer.control - answer.sendable;
        announce(kept > 0 ? m.preflight.some(answer.people, kept) : m.preflight.all(answer.people));
      },
      (thrown: unknown) => !asking.signal.aborted && setTrouble(troubleFrom(thrown)),
    );
    return () => asking.abort();
  }, [plan?.sha256, isFrozen]);
  const begin = async () => {
    setTrouble(undefined);
    const kept = isKept ? doc : await keep();
    if (!kept) return;
    try {
      setAsking(true);
      announce(m.launch.looking);
      tell(await freeze(kept.campaign));
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
    }
    setAsking(false);
  };
  return (
    <>
      <Summary editing={editing} onStep={onStep} />
      {missing.length > 0 && (
        <section class="card builder-part" aria-labelledby="missing">
          <h2 id="missing">{m.launch.missing}</h2>
          <ul class="notes">
            {missing.map((one) => (
              <li key={one}>
                {m.launch.missings[one]}{' '}
                <button type="button" class="link" onClick={() => onStep(WHERE[one])}>
                  {m.launch.mend}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section class="card builder-part" aria-labelledby="preflight" aria-busy={freezing}>
        <div class="apart wrap">
          <h2 id="preflight">{m.launch.preflight}</h2>
          {may('campaigns') && (
            <button type="button" class={found ? '' : 'primary'} disabled={missing.length > 0 || freezing} onClick={() => void begin()}>
              <Icon name={found ? 'refresh' : 'search'} />
              {freezing ? m.launch.looking : found ? m.launch.again : m.launch.look}
            </button>
          )}
        </div>
        {!found && !freezing && <p class="soft">{m.launch.lookText}</p>}
        {freezing && (
          <div class="freezing">
            <ProgressBar label={m.launch.looking} {...(progress && progress.of > 0 && { value: progress.done / progress.of })} />
            <p class="soft">{progress ? m.launch.progress(progress.done, progress.of) : m.launch.beginning}</p>
            {interrupted && <p class="interrupted">{m.launch.interrupted}</p>}
          </div>
        )}
        {trouble && <TroubleNote trouble={trouble} />}
        {!trouble && !freezing && doc?.trouble !== undefined && <TroubleNote trouble={{ kind: 'refused', detail: doc.trouble }} />}
        {found && isFrozen && (
          <>
            <PreflightResult of={found} />
            {may('accounts') && <PriceList />}
          </>
        )}
      </section>
      {doc && isFrozen && found && <Go doc={doc} found={found} editing={editing} onDoc={tell} />}
      {doc && isKept && may('send') && <TestSend doc={doc} editing={editing} />}
    </>
  );
}

/** What will happen, in a few lines, each with the way back to where it is said. */
function Summary({ editing, onStep }: { editing: Editing; onStep(step: StepName): void }) {
  const { m, f } = useWords();
  const mayWrite = useMay()('campaigns');
  const { draft, account } = editing;
  const { schedule, quiet, pace, cap, control_percent: control = 0, audience } = draft;
  const lines: [StepName, string][] = [
    ['compose', draft.messages.map((one) => (one.template ? `${one.template} (${one.language}) ${f.percent(one.share_percent ?? 100, 100)}` : '–')).join(' · ')],
    [
      'delivery',
      [
        schedule?.starts_at ? m.launch.startsAt(schedule.starts_at.replace('T', ' ')) : m.launch.atOnce,
        quiet && m.launch.quiet(quiet.from, quiet.until),
        pace?.packages
          ? m.launch.packages(f.number(pace.packages.messages), f.number(pace.packages.every_minutes))
          : pace?.messages_per_s !== undefined
            ? m.launch.perSecond(f.number(pace.messages_per_s))
            : m.launch.full,
        cap && m.launch.cap(cap.messages, cap.days),
        account.name,
      ]
        .filter(Boolean)
        .join(' · '),
    ],
    [
      'audience',
      [
        audience?.include ? m.launch.conditions : m.audience.everybody,
        audience?.exclude && m.launch.exclusions,
        control > 0 && m.launch.control(f.percent(control, 100)),
      ]
        .filter(Boolean)
        .join(' · '),
    ],
  ];
  return (
    <section class="card builder-part" aria-labelledby="summary">
      <h2 id="summary">{m.launch.summary}</h2>
      <dl class="summary">
        {lines.map(([step, text]) => (
          <div key={step}>
            <dt>{m.steps[step]}</dt>
            <dd dir="auto">{text}</dd>
            {mayWrite && (
              <button type="button" class="link" aria-label={`${m.launch.change}: ${m.steps[step]}`} onClick={() => onStep(step)}>
                {m.launch.change}
              </button>
            )}
          </div>
        ))}
      </dl>
    </section>
  );
}

function Go({ doc, found, editing, onDoc }: { doc: CampaignDoc; found: Preflight; editing: Editing; onDoc(doc: CampaignDoc): void }) {
  const { m } = useWords();
  const may = useMay();
  const starts = editing.draft.schedule?.starts_at;
  const awaits = !doc.approved && (doc.needs_approval === true || doc.state === 'awaiting_approval');
  return (
    <section class="card builder-part launch" aria-labelledby="launch">
      <h2 id="launch">{m.launch.title}</h2>
      <p>{m.launch.text}</p>
      {awaits && (
        <p class="rejected is-warning">
          <Icon name="clock" />
          <span>{m.launch.awaits}</span>
        </p>
      )}
      {doc.approved && (
        <p class="clean">
          <Icon name="check" />
          <span>
            {m.launch.approved(doc.approved.by)} · <Moment at={doc.approved.at} />
          </span>
        </p>
      )}
      <p class="actions">
        {awaits && may('approve') && (
          <Ask
            open={m.launch.approve}
            icon="check"
            tone="primary"
            title={m.launch.approveTitle}
            confirm={m.launch.approve}
            onConfirm={async ({ by }) => onDoc(await act(doc.campaign, 'approve', { by, plan: found.plan }))}
          >
            <p>{m.launch.approveText}</p>
          </Ask>
        )}
        {may('send') && (
          <Ask
            open={starts ? m.launch.schedule : m.launch.start}
            icon="play"
            tone={awaits ? 'plain' : 'primary'}
            title={m.launch.startTitle(found.sendable)}
            confirm={starts ? m.launch.schedule : m.launch.start}
            disabled={found.sendable === 0 || awaits}
            onConfirm={async ({ by }) => {
              const started = await act(doc.campaign, 'start', { by, plan: found.plan });
              onDoc(started);
              if (started.state !== 'awaiting_approval') go(`/campaigns/${started.campaign}`);
            }}
          >
            <p>{m.launch.startText}</p>
          </Ask>
        )}
      </p>
      {awaits && !may('approve') && <WhoMay right="approve" />}
      {!awaits && !may('send') && <WhoMay right="send" />}
    </section>
  );
}
