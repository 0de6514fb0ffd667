// The keys of programs: who shows which, what it may do, and a new one.

import { useState } from 'preact/hooks';

import { createKey, keys, revokeKey, SCOPES, type Key, type Scope } from '../api/access.ts';
import { useAsking } from '../asking.ts';
import { useWords } from '../messages/words.ts';
import { Choice, Field, Once, useSending } from '../parts/access.tsx';
import { Heading } from '../parts/heading.tsx';
import { Moment } from '../parts/moment.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';

export function KeysPage() {
  const { m } = useWords();
  const { answer, trouble, again } = useAsking(keys, 'keys');
  const [token, setToken] = useState('');
  return (
    <section class="access">
      <Heading title={m.access.keys} />
      <p class="lead">{m.access.keysText}</p>
      {trouble && <TroubleNote trouble={trouble} onRetry={again} />}
      {!answer && !trouble && <p class="loading">{m.loading}</p>}
      {token && <Once title={m.access.newKey} text={m.access.newKeyText} value={token} />}
      {answer && answer.keys.length > 0 && (
        <ul class="card rows">
          {answer.keys.map((key) => (
            <OneKey key={key.key} of={key} onChanged={again} />
          ))}
        </ul>
      )}
      {/* Not before those that there are: they would push it away. */}
      {(answer || trouble) && (
        <NewKey
          onMade={(made) => {
            setToken(made);
            again();
          }}
        />
      )}
    </section>
  );
}

function OneKey({ of, onChanged }: { of: Key; onChanged(): void }) {
  const { m, f } = useWords();
  const { waiting, trouble, send } = useSending();
  const revoke = async () => {
    await revokeKey(of.key);
    onChanged();
  };
  return (
    <li>
      <div>
        <strong dir="auto">{of.name}</strong>
        <span class="soft">
          <bdi>{of.key}</bdi> · {of.scopes.map((scope) => m.access.scopes[scope]).join(', ')}
          {of.expires_at && ` · ${m.access.until(f.moment(of.expires_at))}`} · {m.access.used}{' '}
          {of.used_at ? <Moment at={of.used_at} /> : m.access.never}
        </span>
        {trouble && <TroubleNote trouble={trouble} />}
      </div>
      {of.state === 'active' ? (
        <button type="button" disabled={waiting} onClick={() => send(revoke)}>
          {m.access.revoke}
        </button>
      ) : (
        <span class="badge tone-calm">{m.access.keyStates[of.state]}</span>
      )}
    </li>
  );
}

function NewKey({ onMade }: { onMade(token: string): void }) {
  const { m } = useWords();
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const [scopes, setScopes] = useState<Scope[]>(['look']);
  const { waiting, trouble, send } = useSending();
  const submit = async () => {
    const { token } = await createKey({ name, scopes, days: days === '' ? null : Number(days) });
    setName('');
    onMade(token);
  };
  return (
    <form
      class="card fields"
      onSubmit={(event) => {
        event.preventDefault();
        send(submit);
      }}
    >
      <h2>{m.access.makeKey}</h2>
      {trouble && <TroubleNote trouble={trouble} />}
      <div class="pair">
        <Field label={m.access.keyName} autocomplete="off" value={name} onValue={setName} />
        <Field
          label={m.access.days}
          hint={m.access.daysHint}
          type="number"
          autocomplete="off"
          optional
          value={days}
          onValue={setDays}
        />
      </div>
      <Choice legend={m.access.scope} all={SCOPES} chosen={scopes} words={m.access.scopes} onChosen={setScopes} />
      <p class="actions">
        <button type="submit" class="primary" disabled={waiting || scopes.length === 0}>
          {m.access.makeKey}
        </button>
      </p>
    </form>
  );
}
