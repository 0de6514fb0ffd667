// Connects a WhatsApp account: token, account, number, webhook. Every step is checked as the person goes, in plain words.

import { useEffect, useRef, useState } from 'preact/hooks';

import { useMay } from '../access.ts';
import {
  accounts,
  check,
  connect,
  stepsOf,
  type Account,
  type Candidate,
  type Step,
} from '../api/templates.ts';
import { useAsking } from '../asking.ts';
import { useWords } from '../messages/words.ts';
import { announce } from '../parts/announcer.tsx';
import { Connected } from '../parts/connected.tsx';
import { Walk } from '../parts/connect-walk.tsx';
import { ProgressBar } from '../parts/figures.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { Prose } from '../parts/prose.tsx';
import { SignUpOffer } from '../parts/sign-up.tsx';
import { MetaSaid } from '../parts/template/meta-said.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';
import { WhoMay } from '../parts/who-may.tsx';
import { troubleFrom, type Trouble } from '../trouble.ts';

const NOTHING: Candidate = { token: '', app_id: '', app_secret: '', waba_id: '', phone_number_id: '', pin: '' };

/** How long nobody types before what stands is checked, in milliseconds. */
const QUIET_MS = 600;

export function ConnectPage() {
  const { m } = useWords();
  const mayConnect = useMay()('accounts');
  const { answer, trouble, again } = useAsking(accounts, 'accounts');
  const [just, setJust] = useState<Account>();
  const onConnected = (account: Account) => {
    setJust(account);
    announce(m.connect.done(account.name));
    again();
  };
  return (
    <section class="connect">
      <Heading title={m.connect.title} />
      <p class="lead">{m.connect.lead}</p>
      {trouble && <TroubleNote trouble={trouble} onRetry={again} />}
      {!answer && !trouble && <p class="loading">{m.loading}</p>}
      {answer && (
        <div class="connect-columns">
          {mayConnect ? (
            <div>
              {answer.sign_up && <SignUpOffer key={just?.connected_at} by={answer.sign_up} onConnected={onConnected} />}
              <Walkthrough key={just?.account} isFirst={answer.accounts.length === 0} onConnected={onConnected} />
            </div>
          ) : (
            <WhoMay right="accounts" />
          )}
          <Connected accounts={answer.accounts} just={just?.account} onForgotten={again} />
        </div>
      )}
    </section>
  );
}

interface Props {
  isFirst: boolean;
  onConnected(account: Account): void;
}

function Walkthrough({ isFirst, onConnected }: Props) {
  const { m } = useWords();
  const [candidate, setCandidate] = useState(NOTHING);
  const [steps, setSteps] = useState<Step[]>();
  const [checking, setChecking] = useState(false);
  const [connecting, setConnecting] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const running = useRef(new AbortController());
  const { pin: _, ...checked } = candidate;
  const about = JSON.stringify(checked);

  useEffect(() => {
    if (candidate.token.trim() === '') {
      setSteps(undefined);
      return;
    }
    running.current = new AbortController();
    const { signal } = running.current;
    const timer = setTimeout(async () => {
      setChecking(true);
      setTrouble(undefined);
      try {
        const walked = await check(candidate, signal);
        if (signal.aborted) return;
        setSteps(walked);
      } catch (thrown) {
        if (signal.aborted) return;
        setTrouble(troubleFrom(thrown));
      }
      setChecking(false);
    }, QUIET_MS);
    return () => {
      clearTimeout(timer);
      running.current.abort();
    };
  }, [about]);

  const isReady = steps !== undefined && !checking && steps.every(isPassable);
  const send = async (wanted: Candidate) => {
    if (connecting) return;
    setConnecting(true);
    setTrouble(undefined);
    try {
      onConnected(await connect(wanted));
    } catch (thrown) {
      const stood = stepsOf(thrown);
      if (stood) setSteps(stood);
      setTrouble(troubleFrom(thrown));
      setConnecting(false);
    }
  };
  return (
    <form
      class="card walkthrough"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void send(candidate);
      }}
    >
      {isFirst && (
        <div class="sandbox-offer">
          <strong>{m.connect.sandbox}</strong>
          <p>
            <Prose text={m.connect.sandboxText} />
          </p>
        </div>
      )}
      <Walk candidate={candidate} onCandidate={setCandidate} steps={steps} checking={checking} />
      {trouble && (trouble.meta ? <MetaSaid refusal={trouble.meta} /> : <TroubleNote trouble={trouble} />)}
      {connecting && <ProgressBar label={m.connect.connecting} />}
      <p class="actions">
        <button type="submit" class="primary" disabled={!isReady || connecting}>
          <Icon name="plug" />
          {connecting ? m.connect.connecting : m.connect.connect}
        </button>
      </p>
    </form>
  );
}

/** A number that waits for its PIN, and a webhook that waits to be subscribed, are done when connecting. */
function isPassable({ step, state }: Step): boolean {
  return state === 'ok' || state === 'warning' || (state === 'waiting' && (step === 'number' || step === 'webhook'));
}
