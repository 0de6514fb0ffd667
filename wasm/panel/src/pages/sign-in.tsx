// The door: address, password, code. What is wrong of the three is not said, so that nobody learns who is here.

import { useState } from 'preact/hooks';

import { leave, standing, turnedAway } from '../access.ts';
import { signIn } from '../api/access.ts';
import { useCell } from '../cell.ts';
import { useWords } from '../messages/words.ts';
import { Entrance, Field, useSending } from '../parts/access.tsx';
import { Heading } from '../parts/heading.tsx';

export function SignInPage({ isNew, provider }: { isNew: boolean; provider: string | null }) {
  const { m } = useWords();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const { waiting, trouble, send } = useSending();
  const away = useCell(turnedAway);
  const submit = async () => {
    turnedAway.set(undefined);
    try {
      const document = await signIn(email, password, code);
      standing.set({ known: true, ...document });
    } finally {
      setCode('');
    }
  };
  if (isNew) {
    return (
      <Entrance trouble={undefined}>
        <Heading title={m.access.newTitle} />
        <p class="lead">{m.access.newText}</p>
      </Entrance>
    );
  }
  return (
    <Entrance trouble={trouble ?? away?.trouble}>
      <Heading title={m.access.signIn} />
      {away && !away.trouble && <p role="alert">{m.access.gaveUp}</p>}
      {provider !== null && (
        <div class="provider">
          <button type="button" class="primary" disabled={waiting} onClick={() => send(leave)}>
            {m.access.signInWith(provider)}
          </button>
          <p class="soft">{m.access.orPassword}</p>
        </div>
      )}
      <form
        class="card fields"
        onSubmit={(event) => {
          event.preventDefault();
          send(submit);
        }}
      >
        <Field label={m.access.email} type="email" autocomplete="username" value={email} onValue={setEmail} />
        <Field
          label={m.access.password}
          type="password"
          autocomplete="current-password"
          value={password}
          onValue={setPassword}
        />
        <Field
          label={m.access.code}
          hint={m.access.codeHint}
          autocomplete="one-time-code"
          isCode
          value={code}
          onValue={setCode}
        />
        <p class="actions">
          <button type="submit" class={provider === null ? 'primary' : ''} disabled={waiting}>
            {waiting ? m.access.signingIn : m.access.signIn}
          </button>
        </p>
        <p class="soft small-print">{m.access.lost}</p>
      </form>
    </Entrance>
  );
}
