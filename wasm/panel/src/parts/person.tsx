// What the page of a person shows beside the timeline: who held the number, what campaigns sent, attributes, and what can be
// done here. Whoever may not do something is not offered it; the host decides all the same.

import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';

import { may, standing } from '../access.ts';
import type { ConsentEvent, Timeline } from '../api/documents.ts';
import {
  changeAttribute,
  erasePerson,
  evidenceAddress,
  person,
  recordOptOut,
  type KnownPerson,
} from '../api/person.ts';
import { useAsking } from '../asking.ts';
import { useCell } from '../cell.ts';
import { useWords } from '../messages/words.ts';
import { Field, useSending } from './access.tsx';
import { Icon } from './icon.tsx';
import { Moment } from './moment.tsx';
import { TroubleNote } from './trouble-note.tsx';

/** Longest note on who heard an opt-out, as the host takes it, in characters. */
const HEARD_CHARS_MAX = 100;

/** May be written to or not, since when, and by what word: one sentence. */
export function Sentence({ answer, events, says }: { answer: Timeline; events: ConsentEvent[]; says: string }) {
  const { m, f } = useWords();
  const since = answer.standing?.since;
  const source = events.find((event) => event.seq === answer.standing?.event)?.source;
  if (!since || !source) return <p class="lead">{says}</p>;
  const word =
    source.kind === 'file'
      ? m.person.byFile(source.file || source.import, f.number(source.row))
      : source.kind === 'person'
        ? m.person.byPerson
        : source.kind === 'undo'
          ? m.person.byUndo(source.file || source.import)
          : m.person.byErasure;
  return <p class="lead">{`${m.person.since(says, f.day(since))} ${word}`}</p>;
}

/** What can be taken away or done here. */
export function PersonActions({ answer, onChanged }: { answer: Timeline; onChanged: () => void }) {
  const { m } = useWords();
  const who = useCell(standing);
  const isKnown = answer.current !== null || answer.events.length > 0;
  const number = answer.current ? answer.current.wpNumber : answer.of.startsWith('+') ? answer.of : null;
  if (!isKnown) return null;
  return (
    <p class="person-actions no-print">
      {may(who, 'export') && (
        <a class="button" href={evidenceAddress(answer.of)} download title={m.person.evidenceHint}>
          <Icon name="download" />
          {m.person.evidence}
        </a>
      )}
      <button type="button" onClick={() => print()}>
        <Icon name="scroll" />
        {m.person.print}
      </button>
      {may(who, 'opt-out') && number && <OptOut number={number} onRecorded={onChanged} />}
      {may(who, 'erase') && answer.current && <Erase profile={answer.current.profile} />}
    </p>
  );
}

function OptOut({ number, onRecorded }: { number: string; onRecorded: () => void }) {
  const { m } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const [heard, setHeard] = useState('');
  const { waiting, trouble, send } = useSending();
  const open = () => {
    dialog.current?.showModal();
    title.current?.focus();
  };
  return (
    <>
      <button type="button" onClick={open}>
        <Icon name="stop" />
        {m.person.optOut}
      </button>
      <dialog ref={dialog} class="take-back" aria-labelledby="opt-out-title" aria-describedby="opt-out-text">
        <form
          aria-busy={waiting}
          onSubmit={(event) => {
            event.preventDefault();
            send(async () => {
              await recordOptOut(number, heard.trim().slice(0, HEARD_CHARS_MAX));
              dialog.current?.close();
              onRecorded();
            });
          }}
        >
          <h2 id="opt-out-title" ref={title} tabIndex={-1}>
            {m.person.optOutTitle}
          </h2>
          <p>
            <strong>
              <bdi dir="ltr">{number}</bdi>
            </strong>
          </p>
          <p id="opt-out-text" class="soft">
            {m.person.optOutText}
          </p>
          {trouble && <TroubleNote trouble={trouble} />}
          <Field label={m.person.optOutHeard} hint={m.person.optOutHint} value={heard} onValue={setHeard} />
          <p class="actions">
            <button type="button" onClick={() => dialog.current?.close()}>
              {m.person.cancel}
            </button>
            <button type="submit" class="primary" aria-disabled={waiting}>
              {m.person.optOutConfirm}
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}

/** Erases the person, once their profile was typed: there is no way back. */
function Erase({ profile }: { profile: string }) {
  const { m } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const { waiting, trouble, send } = useSending();
  const isMeant = typed.trim() === profile && reason.trim() !== '';
  const open = () => {
    dialog.current?.showModal();
    title.current?.focus();
  };
  return (
    <>
      <button type="button" onClick={open}>
        <Icon name="stop" />
        {m.person.erase}
      </button>
      <dialog ref={dialog} class="take-back" aria-labelledby="erase-title" aria-describedby="erase-goes erase-stays">
        <form
          aria-busy={waiting}
          onSubmit={(event) => {
            event.preventDefault();
            if (!isMeant) return;
            send(async () => {
              await erasePerson(profile, reason.trim());
              dialog.current?.close();
              // Whatever the address said of the person is gone; the profile still tells that they were erased.
              location.replace(`/profiles/${profile}`);
            });
          }}
        >
          <h2 id="erase-title" ref={title} tabIndex={-1}>
            {m.person.eraseTitle(profile)}
          </h2>
          <p id="erase-goes">{m.person.eraseGoes}</p>
          <p id="erase-stays" class="soft">
            {m.person.eraseStays}
          </p>
          {trouble && <TroubleNote trouble={trouble} />}
          <Field label={m.person.eraseReason} hint={m.person.eraseReasonHint} value={reason} onValue={setReason} />
          <Field label={m.person.eraseType(profile)} value={typed} onValue={setTyped} />
          <p class="actions">
            <button type="button" onClick={() => dialog.current?.close()}>
              {m.person.cancel}
            </button>
            <button type="submit" class="primary" aria-disabled={waiting || !isMeant}>
              {m.person.eraseConfirm}
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}

/** Who has held the number, the last holder first. */
export function Custody({ answer }: { answer: Timeline }) {
  const { m, f } = useWords();
  if (answer.custody.length === 0) return null;
  return (
    <section class="card person-part">
      <h2>{m.person.custody}</h2>
      <ol class="custody">
        {[...answer.custody].reverse().map((one) => (
          <li key={`${one.profile}/${one.from_event ?? ''}`}>
            <a href={`/profiles/${one.profile}`}>{one.profile}</a>{' '}
            <span class="soft">
              {!one.until && (one.from ? m.person.holds(f.moment(one.from)) : m.person.holdsNow)}
              {one.until && one.from && `${m.person.from(f.moment(one.from))} `}
              {one.until && m.person.until(f.moment(one.until))}
            </span>
            {one.moved_to && (
              <span>
                {' '}
                {m.person.movedTo} <a href={`/profiles/${one.moved_to}`}>{one.moved_to}</a>
              </span>
            )}
          </li>
        ))}
      </ol>
      {answer.user_ids.length > 0 && (
        <p class="soft">
          {m.person.userIds}: <bdi dir="ltr">{answer.user_ids.join(', ')}</bdi>
        </p>
      )}
    </section>
  );
}

/** What else is known of a profile: attributes, and messages of campaigns. */
export function KnownOf({ profile }: { profile: string }) {
  const { answer, trouble, again } = useAsking((signal) => person(profile, signal), profile);
  const [changed, setChanged] = useState<KnownPerson>();
  if (trouble) return <TroubleNote trouble={trouble} onRetry={again} />;
  const known = changed?.profile.profile === profile ? changed : answer;
  if (!known) return null;
  return (
    <>
      <Attributes known={known} onChanged={setChanged} />
      <Messages known={known} />
    </>
  );
}

function Attributes({ known, onChanged }: { known: KnownPerson; onChanged: (known: KnownPerson) => void }) {
  const { m } = useWords();
  const may_ = may(useCell(standing), 'import');
  const { profile, edits } = known;
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const { waiting, trouble, send } = useSending();
  const all = Object.entries(profile.attributes);
  const change = (of: string, to: string | null) =>
    send(async () => {
      onChanged(await changeAttribute(profile.profile, of, profile.attributes[of] ?? null, to));
      setName('');
      setValue('');
    });
  return (
    <section class="card person-part" aria-busy={waiting}>
      <h2>{m.person.attributes}</h2>
      {all.length === 0 && <p class="soft">{m.person.noAttributes}</p>}
      {all.length > 0 && (
        <ul class="attributes">
          {all.map(([of, is]) => (
            <li key={of}>
              <span class="soft">
                <bdi>{of}</bdi>
              </span>
              <strong>
                <bdi>{is}</bdi>
              </strong>
              {may_ && (
                <button
                  type="button"
                  class="quiet icon-only no-print"
                  title={m.person.remove(of)}
                  aria-label={m.person.remove(of)}
                  onClick={() => change(of, null)}
                >
                  <Icon name="bin" />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {trouble && <TroubleNote trouble={trouble} />}
      {may_ && (
        <form
          class="attribute-form no-print"
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() && value.trim()) change(name.trim(), value.trim());
          }}
        >
          <Field label={m.person.name} value={name} onValue={setName} />
          <Field label={m.person.value} value={value} onValue={setValue} />
          <button type="submit" aria-disabled={waiting}>
            {m.person.set}
          </button>
        </form>
      )}
      {edits.length > 0 && (
        <details>
          <summary>{m.person.edited}</summary>
          <ul class="notes">
            {edits.map((edit, at) => (
              <li key={at}>
                <Moment at={edit.at} exact /> <bdi>{edit.by}</bdi>: <bdi>{edit.name}</bdi>{' '}
                <Said value={edit.from} /> → <Said value={edit.to} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Said({ value }: { value: string | null }) {
  const { m } = useWords();
  const text: ComponentChildren = value === null ? <span class="soft">{m.person.none}</span> : <bdi>{value}</bdi>;
  return <>{text}</>;
}

function Messages({ known }: { known: KnownPerson }) {
  const { m } = useWords();
  if (known.messages.length === 0) return null;
  return (
    <section class="person-part">
      <h2>{m.person.messages}</h2>
      <div class="card flush">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">{m.person.campaign}</th>
              <th scope="col">{m.person.template}</th>
              <th scope="col">{m.person.became}</th>
              <th scope="col">{m.person.at}</th>
            </tr>
          </thead>
          <tbody>
            {known.messages.map((one) => (
              <tr key={`${one.campaign}/${one.place}`}>
                <td data-label={m.person.campaign}>
                  <a href={`/campaigns/${one.campaign}`} dir="auto">
                    {one.name || one.campaign}
                  </a>
                </td>
                <td data-label={m.person.template}>
                  <bdi>{one.template}</bdi>
                </td>
                <td data-label={m.person.became}>
                  {[
                    m.person.status[one.status] ?? one.status,
                    one.code !== undefined && `${one.code}${one.reason ? `: ${one.reason}` : ''}`,
                    one.clicked_at && m.person.clicked,
                    one.replied_at && m.person.replied,
                    one.opted_out_at && m.person.optedOutAfter,
                  ]
                    .filter(Boolean)
                    .join(', ')}
                </td>
                <td data-label={m.person.at} class="soft">
                  {one.intended_at ? <Moment at={one.intended_at} exact /> : '–'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
