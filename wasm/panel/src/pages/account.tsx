// One's own account: the password, the recovery codes, and where one is signed in.

import { useState } from 'preact/hooks';

import { ask, may, standing } from '../access.ts';
import { changePassword, endSession, renewRecovery, SCOPES, sessions, signOut } from '../api/access.ts';
import { accounts } from '../api/templates.ts';
import { useAsking } from '../asking.ts';
import { useCell } from '../cell.ts';
import { useWords } from '../messages/words.ts';
import { Field, Once, useSending } from '../parts/access.tsx';
import { announce } from '../parts/announcer.tsx';
import { Copyable } from '../parts/copyable.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { Moment } from '../parts/moment.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';

export function AccountPage() {
  const { m } = useWords();
  const here = useCell(standing);
  const { waiting, trouble, send } = useSending();
  const leave = (everywhere: boolean) =>
    send(async () => {
      await signOut(everywhere);
      await ask();
    });
  return (
    <section class="access">
      <Heading title={m.access.account} />
      {here.known && here.person ? (
        <>
          <p class="lead" dir="auto">
            {here.person.name} · {here.person.email}
          </p>
          {trouble && <TroubleNote trouble={trouble} />}
          <p class="actions">
            <button type="button" disabled={waiting} onClick={() => leave(false)}>
              {m.access.signOut}
            </button>
            <button type="button" disabled={waiting} onClick={() => leave(true)}>
              {m.access.signOutEverywhere}
            </button>
          </p>
          <Sessions />
          <Password />
          <Recovery />
        </>
      ) : (
        <Open />
      )}
    </section>
  );
}

/** Where nobody signs in: what that means, and the command that changes it. */
function Open() {
  const { m } = useWords();
  const { answer } = useAsking(accounts, 'accounts');
  const here = useCell(standing);
  const isSandbox = answer?.accounts.some(({ sandbox }) => sandbox) ?? false;
  const command = isSandbox ? 'consentry serve --sandbox --sign-in' : 'consentry serve --sign-in';
  if (!answer) return <p class="loading">{m.loading}</p>;
  return (
    <div class="card fields">
      <h2>{m.openAccount.title}</h2>
      <p class="soft">{m.openAccount.may}</p>
      <ul class="rights-list">
        {SCOPES.filter((scope) => may(here, scope)).map((scope) => (
          <li key={scope}>
            <Icon name="check" />
            {m.access.scopes[scope]}
          </li>
        ))}
      </ul>
      <p class="soft">{isSandbox ? m.openAccount.sandboxHow : m.openAccount.how}</p>
      <p>
        <Copyable text={command} label={m.openAccount.how} whole />
      </p>
    </div>
  );
}

function Sessions() {
  const { m } = useWords();
  const { answer, trouble, again } = useAsking(sessions, 'sessions');
  const { waiting, trouble: notEnded, send } = useSending();
  const failed = trouble ?? notEnded;
  return (
    <div class="card">
      <h2>{m.access.sessions}</h2>
      {failed && <TroubleNote trouble={failed} onRetry={again} />}
      <ul class="rows">
        {answer?.sessions.map((one) => (
          <li key={one.session}>
            <div>
              <strong dir="auto">{one.agent || m.access.unknownBrowser}</strong>
              <span class="soft">
                <bdi>{one.address}</bdi> · {m.access.seen} <Moment at={one.seen_at} />
              </span>
            </div>
            {one.is_this ? (
              <span class="badge tone-plain">{m.access.thisBrowser}</span>
            ) : (
              <button
                type="button"
                disabled={waiting}
                onClick={() =>
                  send(async () => {
                    await endSession(one.session);
                    again();
                  })
                }
              >
                {m.access.endSession}
              </button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Password() {
  const { m } = useWords();
  const [now, setNow] = useState('');
  const [next, setNext] = useState('');
  const { waiting, trouble, send } = useSending();
  const submit = async () => {
    await changePassword(now, next);
    setNow('');
    setNext('');
    announce(m.access.passwordChanged);
  };
  return (
    <form
      class="card fields"
      onSubmit={(event) => {
        event.preventDefault();
        send(submit);
      }}
    >
      <h2>{m.access.changePassword}</h2>
      {trouble && <TroubleNote trouble={trouble} />}
      <Field
        label={m.access.presentPassword}
        type="password"
        autocomplete="current-password"
        value={now}
        onValue={setNow}
      />
      <Field
        label={m.access.newPassword}
        hint={m.access.passwordHint}
        type="password"
        autocomplete="new-password"
        minLength={12}
        value={next}
        onValue={setNext}
      />
      <p class="actions">
        <button type="submit" disabled={waiting}>
          {m.access.changePassword}
        </button>
      </p>
    </form>
  );
}

function Recovery() {
  const { m } = useWords();
  const [codes, setCodes] = useState<string[]>();
  const { waiting, trouble, send } = useSending();
  return (
    <div class="card fields">
      <h2>{m.access.recovery}</h2>
      <p class="soft">{m.access.renewText}</p>
      {trouble && <TroubleNote trouble={trouble} />}
      {codes && <Once title={m.access.recovery} text={m.access.recoveryText} value={codes.join('\n')} />}
      <p class="actions">
        <button type="button" disabled={waiting} onClick={() => send(async () => setCodes((await renewRecovery()).recovery))}>
          {m.access.renew}
        </button>
      </p>
    </div>
  );
}
