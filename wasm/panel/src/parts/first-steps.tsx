// From nothing to a sent campaign: what is done, and one button for what comes next. It goes away when all is done.

import { useState } from 'preact/hooks';

import { useMay } from '../access.ts';
import { doneOf, FIRST_STEPS, hide, makeTemplate, nextOf, sendWith, type Beginnings, type FirstStep } from '../first-steps.ts';
import { useWords } from '../messages/words.ts';
import type { Right } from '../rights.ts';
import { go } from '../router.ts';
import { openSample } from '../session.ts';
import { troubleFrom, type Trouble } from '../trouble.ts';
import { announce } from './announcer.tsx';
import { Icon } from './icon.tsx';
import { TroubleNote } from './trouble-note.tsx';
import { WhoMay } from './who-may.tsx';

const NEEDS: { [step in FirstStep]: Right } = {
  connect: 'accounts',
  people: 'import',
  template: 'templates',
  campaign: 'campaigns',
  report: 'look',
};

export function FirstSteps({ of, hideable }: { of: Beginnings; hideable?: boolean }) {
  const { m } = useWords();
  const done = doneOf(of);
  const next = nextOf(of);
  return (
    <section class="card first-steps" aria-labelledby="first-steps">
      <div class="apart wrap">
        <h2 id="first-steps">{m.first.title}</h2>
        <span class="first-tools">
          <span class="soft">{m.first.done(done.size, FIRST_STEPS.length)}</span>
          {hideable && (
            <button
              type="button"
              class="link"
              aria-label={m.first.hideLabel}
              onClick={() => {
                hide(true);
                announce(m.first.hidden);
              }}
            >
              {m.first.hide}
            </button>
          )}
        </span>
      </div>
      <ol>
        {FIRST_STEPS.map((step, at) => (
          <li key={step} class={done.has(step) ? 'is-done' : step === next ? 'is-next' : ''} aria-current={step === next ? 'step' : undefined}>
            <span class="first-sign" aria-hidden="true">
              {done.has(step) ? <Icon name="check" /> : at + 1}
            </span>
            <span>
              {m.first.steps[step]}
              {done.has(step) && <span class="unseen"> ({m.first.isDone})</span>}
            </span>
          </li>
        ))}
      </ol>
      {next ? <Next key={next} step={next} of={of} /> : <Over of={of} />}
    </section>
  );
}

function Next({ step, of }: { step: FirstStep; of: Beginnings }) {
  const { m } = useWords();
  const may = useMay();
  const isSandbox = of.account?.sandbox === true;
  const text =
    step === 'template' && of.pending
      ? m.first.texts.pending
      : step === 'template' && isSandbox
        ? m.first.texts.templateSandbox
        : step === 'report' && of.sent
          ? m.first.texts.going
          : m.first.texts[step];
  return (
    <div class="first-next">
      <p>{text}</p>
      {may(NEEDS[step]) ? (
        <p class="actions">
          <Act step={step} of={of} />
        </p>
      ) : (
        <WhoMay right={NEEDS[step]} />
      )}
    </div>
  );
}

function Act({ step, of }: { step: FirstStep; of: Beginnings }) {
  const { m } = useWords();
  const { account, pending, template, draft, sent } = of;
  switch (step) {
    case 'connect':
      return <Way href="/connect" text={m.first.acts.connect} />;
    case 'people':
      return (
        <button
          type="button"
          class="primary"
          onClick={() => {
            go('/');
            void openSample();
          }}
        >
          <Icon name="sheet" />
          {m.first.acts.sample}
        </button>
      );
    case 'template':
      if (pending) return <Way href={`/templates/${pending.account}/${pending.name}`} text={m.first.acts.seePending} />;
      return account?.sandbox ? (
        <>
          <MakeTemplate account={account.account} text={m.first.acts.make} />
          <a class="button" href="/templates/new">
            {m.first.acts.ownMessage}
          </a>
        </>
      ) : (
        <Way href="/templates/new" text={m.first.acts.write} />
      );
    case 'campaign':
      if (draft) return <Way href={`/campaigns/${draft.campaign}/edit?step=go`} text={m.first.acts.goOn} />;
      return template ? (
        <Way href={sendWith(template, { name: m.first.campaignName })} text={m.first.acts.send} />
      ) : (
        <Way href="/campaigns/new" text={m.campaigns.create} />
      );
    case 'report':
      return <Way href={`/campaigns/${sent?.campaign ?? ''}`} text={m.first.acts.watch} />;
  }
}

function Way({ href, text }: { href: string; text: string }) {
  return (
    <a class="button primary" href={href}>
      {text}
      <Icon name="next" />
    </a>
  );
}

/** Writes a good message and submits it; then its page shows how Meta decides. */
export function MakeTemplate({ account, text }: { account: string; text: string }) {
  const { m, lang } = useWords();
  const [making, setMaking] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const make = async () => {
    if (making) return;
    setMaking(true);
    setTrouble(undefined);
    announce(m.first.acts.making);
    try {
      go(await makeTemplate(account, lang));
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
      setMaking(false);
    }
  };
  return (
    <>
      <button type="button" class="primary" aria-disabled={making} onClick={() => void make()}>
        <Icon name="chat" />
        {making ? m.first.acts.making : text}
      </button>
      {trouble && <TroubleNote trouble={trouble} onRetry={() => void make()} />}
    </>
  );
}

/** What comes after the first campaign: the same with one's own people. */
export function Over({ of }: { of: Beginnings }) {
  const { m } = useWords();
  const may = useMay();
  const isSandbox = of.account?.sandbox === true;
  return (
    <div class="first-next">
      <p>
        <strong>{m.first.over}</strong> {isSandbox && m.first.overSandbox} {m.first.overText}
      </p>
      <p class="actions">
        {may('import') && <a class="button" href="/">{m.first.ownFile}</a>}
        {isSandbox && may('accounts') && <a class="button" href="/connect">{m.first.ownNumber}</a>}
        {of.sent && <a class="button" href={`/campaigns/${of.sent.campaign}`}>{m.first.acts.report}</a>}
      </p>
    </div>
  );
}
