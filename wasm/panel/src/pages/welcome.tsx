// Somebody follows their link: they choose a password, tell an app the secret, keep their recovery codes, and are in.

import { useEffect, useState } from 'preact/hooks';

import { ask, invitation } from '../access.ts';
import { arrive, welcome, type Welcome } from '../api/access.ts';
import { useWords } from '../messages/words.ts';
import { Entrance, Field, Once, useSending } from '../parts/access.tsx';
import { Heading } from '../parts/heading.tsx';
import { troubleFrom, type Trouble } from '../trouble.ts';

export function WelcomePage({ token }: { token: string }) {
  const { m } = useWords();
  const [of, setOf] = useState<Welcome>();
  const [unknown, setUnknown] = useState<Trouble>();
  const [recovery, setRecovery] = useState<string[]>();
  useEffect(() => {
    welcome(token).then(setOf, (thrown: unknown) => setUnknown(troubleFrom(thrown)));
  }, [token]);
  const enter = () => {
    invitation.set('');
    void ask();
  };
  if (recovery) {
    return (
      <Entrance trouble={undefined}>
        <Heading title={m.access.recoveryTitle} />
        <Once title={m.access.recovery} text={m.access.recoveryText} value={recovery.join('\n')} />
        <p class="actions">
          <button type="button" class="primary" onClick={enter}>
            {m.access.enter}
          </button>
        </p>
      </Entrance>
    );
  }
  return (
    <Entrance trouble={unknown}>
      <Heading title={m.access.welcome(of?.name ?? '')} />
      {unknown && (
        <p class="actions">
          <button type="button" onClick={enter}>
            {m.access.toSignIn}
          </button>
        </p>
      )}
      {!of && !unknown && <p class="loading">{m.loading}</p>}
      {of && <Choose token={token} of={of} onArrived={setRecovery} />}
    </Entrance>
  );
}

function Choose(props: { token: string; of: Welcome; onArrived(recovery: string[]): void }) {
  const { token, of, onArrived } = props;
  const { m } = useWords();
  const [email, setEmail] = useState(of.email ?? '');
  const [name, setName] = useState(of.name ?? '');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const { waiting, trouble, send } = useSending();
  const submit = async () => {
    const arrival = { token, name, password, code, ...(of.email === null && { email }) };
    onArrived((await arrive(arrival)).recovery);
  };
  return (
    <form
      class="card fields"
      onSubmit={(event) => {
        event.preventDefault();
        send(submit);
      }}
    >
      <p class="lead">{of.email === null ? m.access.firstText : m.access.invitedText(of.email)}</p>
      {of.email === null && (
        <Field label={m.access.email} type="email" autocomplete="username" value={email} onValue={setEmail} />
      )}
      <Field label={m.access.name} autocomplete="name" value={name} onValue={setName} />
      {of.email !== null && <input type="hidden" autocomplete="username" value={of.email} />}
      <Field
        label={m.access.newPassword}
        hint={m.access.passwordHint}
        type="password"
        autocomplete="new-password"
        minLength={12}
        value={password}
        onValue={setPassword}
      />
      <div class="authenticator">
        <div>
          <strong>{m.access.app}</strong>
          <p class="soft">{m.access.appText}</p>
          <code class="app-secret" dir="ltr">
            {of.secret.replace(/(.{4})(?=.)/g, '$1 ')}
          </code>
        </div>
        {of.picture_size > 0 && (
          <svg
            class="qr"
            role="img"
            aria-label={m.access.picture}
            viewBox={`0 0 ${of.picture_size} ${of.picture_size}`}
            shape-rendering="crispEdges"
          >
            <path class="qr-paper" d={`M0 0h${of.picture_size}v${of.picture_size}H0z`} />
            <path class="qr-ink" d={of.picture_path} />
          </svg>
        )}
      </div>
      <Field
        label={m.access.appCode}
        hint={m.access.appCodeHint}
        autocomplete="one-time-code"
        isCode
        value={code}
        onValue={setCode}
      />
      <TroubleOf trouble={trouble} />
      <p class="actions">
        <button type="submit" class="primary" disabled={waiting}>
          {waiting ? m.access.arriving : m.access.arrive}
        </button>
      </p>
    </form>
  );
}

function TroubleOf({ trouble }: { trouble: Trouble | undefined }) {
  const { m } = useWords();
  if (!trouble) return null;
  return (
    <p class="field-trouble" role="alert">
      <strong>{m.trouble[trouble.kind].title}</strong> {trouble.detail}
    </p>
  );
}
