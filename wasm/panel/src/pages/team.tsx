// Who may do what: people with their roles.

import { useState } from 'preact/hooks';

import {
  changePerson,
  invite,
  newLink,
  people,
  ROLES,
  type Person,
  type Role,
} from '../api/access.ts';
import { useAsking } from '../asking.ts';
import { useWords } from '../messages/words.ts';
import { Choice, Field, Once, useSending } from '../parts/access.tsx';
import { Heading } from '../parts/heading.tsx';
import { Moment } from '../parts/moment.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';

const TONES = { invited: 'tone-warn', active: 'tone-good', disabled: 'tone-calm' } as const;

export function TeamPage() {
  const { m } = useWords();
  return (
    <section class="access">
      <Heading title={m.access.team} />
      <p class="lead">{m.access.teamText}</p>
      <People />
    </section>
  );
}

function People() {
  const { m } = useWords();
  const { answer, trouble, again } = useAsking(people, 'people');
  const [link, setLink] = useState('');
  return (
    <>
      <h2 class="unseen">{m.access.people}</h2>
      {trouble && <TroubleNote trouble={trouble} onRetry={again} />}
      {!answer && !trouble && <p class="loading">{m.loading}</p>}
      {link && <Once title={m.access.link} text={m.access.linkText} value={link} />}
      {answer && (
        <ul class="card rows">
          {answer.people.map((person) => (
            <OnePerson key={person.email} person={person} onChanged={again} onLink={setLink} />
          ))}
          {answer.people.length === 0 && <li class="soft">{m.access.nobody}</li>}
        </ul>
      )}
      {/* Not before those that there are: they would push it away. */}
      {(answer || trouble) && (
        <Invite
          onInvited={(made) => {
            setLink(made);
            again();
          }}
        />
      )}
    </>
  );
}

function OnePerson(props: { person: Person; onChanged(): void; onLink(link: string): void }) {
  const { person, onChanged, onLink } = props;
  const { m } = useWords();
  const [roles, setRoles] = useState<Role[]>();
  const { waiting, trouble, send } = useSending();
  const change = (to: { roles?: Role[]; disabled?: boolean }) =>
    send(async () => {
      await changePerson(person.email, to);
      setRoles(undefined);
      onChanged();
    });
  const isDisabled = person.state === 'disabled';
  return (
    <li class="person">
      <div>
        <strong dir="auto">{person.name}</strong>
        <span class="soft">
          <bdi>{person.email}</bdi> · {person.roles.map((role) => m.access.roles[role]).join(', ')}
          {person.signed_in_at && (
            <>
              {' '}
              · {m.access.lastSignIn} <Moment at={person.signed_in_at} />
            </>
          )}
        </span>
      </div>
      <span class={`badge ${TONES[person.state]}`}>{m.access.personStates[person.state]}</span>
      <p class="actions">
        <button
          type="button"
          aria-expanded={roles !== undefined}
          onClick={() => setRoles(roles ? undefined : person.roles)}
        >
          {m.access.changeRoles}
        </button>
        <button
          type="button"
          disabled={waiting}
          onClick={() => send(async () => onLink((await newLink(person.email)).link))}
        >
          {m.access.newLink}
        </button>
        <button type="button" disabled={waiting} onClick={() => change({ disabled: !isDisabled })}>
          {isDisabled ? m.access.enable : m.access.disable}
        </button>
      </p>
      {trouble && <TroubleNote trouble={trouble} />}
      {roles && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            change({ roles });
          }}
        >
          <Choice
            legend={m.access.rolesOf(person.name)}
            all={ROLES}
            chosen={roles}
            words={m.access.rolesExplained}
            onChosen={setRoles}
          />
          <button type="submit" class="primary" disabled={waiting || roles.length === 0}>
            {m.access.keep}
          </button>
        </form>
      )}
    </li>
  );
}

function Invite({ onInvited }: { onInvited(link: string): void }) {
  const { m } = useWords();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [roles, setRoles] = useState<Role[]>(['viewer']);
  const { waiting, trouble, send } = useSending();
  const submit = async () => {
    const { link } = await invite({ email, name, roles });
    setEmail('');
    setName('');
    setRoles(['viewer']);
    onInvited(link);
  };
  return (
    <form
      class="card fields"
      onSubmit={(event) => {
        event.preventDefault();
        send(submit);
      }}
    >
      <h2>{m.access.invite}</h2>
      {trouble && <TroubleNote trouble={trouble} />}
      <div class="pair">
        <Field label={m.access.email} type="email" autocomplete="off" value={email} onValue={setEmail} />
        <Field label={m.access.name} autocomplete="off" value={name} onValue={setName} />
      </div>
      <Choice legend={m.access.role} all={ROLES} chosen={roles} words={m.access.rolesExplained} onChosen={setRoles} />
      <p class="actions">
        <button type="submit" class="primary" disabled={waiting || roles.length === 0}>
          {m.access.invite}
        </button>
      </p>
    </form>
  );
}
