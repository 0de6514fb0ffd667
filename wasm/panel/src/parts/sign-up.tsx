// Connects an account by Meta's own sign-up, in a window of its own: no script of Meta's runs in this page. What comes back
// is believed only from Meta's exact origins, or from this site's own page with the word that was sent along.

import { useEffect, useRef, useState } from 'preact/hooks';

import { signUp, type Account, type SignUp } from '../api/templates.ts';
import { useWords } from '../messages/words.ts';
import { RETURN_PATH, returned, type Returned } from '../returning.ts';
import { troubleFrom, type Trouble } from '../trouble.ts';
import { announce } from './announcer.tsx';
import { Icon } from './icon.tsx';
import { ProgressBar } from './figures.tsx';
import { MetaSaid } from './template/meta-said.tsx';
import { TroubleNote } from './trouble-note.tsx';

const FEATURES = 'popup,width=640,height=760';
const PIN_DIGITS = 6;

interface Props {
  by: SignUp;
  onConnected(account: Account): void;
}

/** What the window told of the account before it came back. */
interface Chosen {
  waba_id?: string;
  phone_number_id?: string;
}

type Phase = 'idle' | 'away' | 'connecting' | 'blocked' | 'cancelled';

export function SignUpOffer({ by, onConnected }: Props) {
  const { m } = useWords();
  const [pin, setPin] = useState('');
  const [phase, setPhase] = useState<Phase>('idle');
  const [trouble, setTrouble] = useState<Trouble>();
  const leave = useRef<() => void>(() => {});
  useEffect(() => () => leave.current(), []);

  const begin = () => {
    leave.current();
    setTrouble(undefined);
    const word = crypto.randomUUID();
    const back = location.origin + RETURN_PATH;
    const address = new URL(by.dialog);
    address.searchParams.set('redirect_uri', back);
    address.searchParams.set('state', word);
    const chosen: Chosen = {};
    const onMessage = (event: MessageEvent) => {
      if (by.origins.includes(event.origin)) Object.assign(chosen, chosenIn(event.data));
    };
    const onReturned = async (what: Returned) => {
      if (what.state !== word) return;
      leave.current();
      if (what.code === undefined) {
        setPhase('cancelled');
        announce(m.signUp.cancelled);
        return;
      }
      setPhase('connecting');
      try {
        // The code lasts half a minute.
        onConnected(await signUp({ code: what.code, redirect_uri: back, pin, ...chosen }));
      } catch (thrown) {
        setTrouble(troubleFrom(thrown));
        setPhase('idle');
      }
    };
    addEventListener('message', onMessage);
    const stop = returned((what) => void onReturned(what));
    leave.current = () => {
      removeEventListener('message', onMessage);
      stop();
      leave.current = () => {};
    };
    const opened = window.open(address, 'consentry-sign-up', FEATURES);
    if (!opened) leave.current();
    setPhase(opened ? 'away' : 'blocked');
  };
  const isWaiting = phase === 'away' || phase === 'connecting';
  return (
    <form
      class="card sign-up"
      onSubmit={(event) => {
        event.preventDefault();
        if (phase !== 'connecting') begin();
      }}
    >
      <h2>{m.signUp.title}</h2>
      <p>{m.signUp.text}</p>
      <div class="field">
        <label for="sign-up-pin">
          {m.connect.pin} <span class="soft">({m.connect.optional})</span>
        </label>
        <input
          id="sign-up-pin"
          inputMode="numeric"
          dir="ltr"
          autocomplete="off"
          pattern={`[0-9]{${PIN_DIGITS}}`}
          maxLength={PIN_DIGITS}
          aria-describedby="sign-up-pin-hint"
          value={pin}
          onInput={(event) => setPin(event.currentTarget.value)}
        />
        <small id="sign-up-pin-hint" class="soft">
          {m.signUp.pinHint}
        </small>
      </div>
      {trouble && (trouble.meta ? <MetaSaid refusal={trouble.meta} /> : <TroubleNote trouble={trouble} />)}
      {phase === 'connecting' && <ProgressBar label={m.connect.connecting} />}
      <p role="status">
        {phase === 'away' && m.signUp.away}
        {phase === 'blocked' && m.signUp.blocked}
        {phase === 'cancelled' && m.signUp.cancelled}
      </p>
      <p class="actions">
        <button type="submit" disabled={isWaiting}>
          <Icon name="plug" />
          {m.signUp.begin}
        </button>
        {phase === 'away' && (
          <button
            type="button"
            onClick={() => {
              leave.current();
              setPhase('idle');
            }}
          >
            {m.signUp.stop}
          </button>
        )}
      </p>
    </form>
  );
}

/** The account and the number in a message of the window's; nothing where it says something else. */
function chosenIn(data: unknown): Chosen {
  const message = readIn(data);
  const told = message?.['data'];
  if (message?.['type'] !== 'WA_EMBEDDED_SIGNUP' || typeof told !== 'object' || told === null) return {};
  const found: Chosen = {};
  for (const name of ['waba_id', 'phone_number_id'] as const) {
    const id = (told as { [name: string]: unknown })[name];
    if (typeof id === 'string' && /^[0-9]{1,32}$/.test(id)) found[name] = id;
  }
  return found;
}

/** Messages come as texts with a document in them; others than Meta's sign-up's as whatever they like. */
function readIn(data: unknown): { [name: string]: unknown } | undefined {
  try {
    const read: unknown = typeof data === 'string' ? JSON.parse(data) : data;
    return typeof read === 'object' && read !== null ? (read as { [name: string]: unknown }) : undefined;
  } catch {
    return undefined;
  }
}
