// Why is this number opted in? Every event of a consent, newest first, with the place it came from.

import { useState } from 'preact/hooks';

import type { ConsentEvent, FileSource, Profile, Timeline, UndoSource } from '../api/documents.ts';
import { timeline } from '../api/host.ts';
import { useAsking } from '../asking.ts';
import { useWords } from '../messages/words.ts';
import { Copyable } from '../parts/copyable.tsx';
import { Fact } from '../parts/facts.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { Moment } from '../parts/moment.tsx';
import { PermissionBadge } from '../parts/permission-badge.tsx';
import { Custody, KnownOf, PersonActions, Sentence } from '../parts/person.tsx';
import { ByAndWhy } from '../parts/said.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';
import { troubleFrom, type Trouble } from '../trouble.ts';

export function TimelinePage({ of }: { of: string }) {
  const { m } = useWords();
  const { answer, trouble, again } = useAsking((signal) => timeline(of, signal), of);
  return (
    <section class="timeline-page">
      <a class="back" href="/profiles">
        <Icon name="back" />
        {m.timeline.back}
      </a>
      {trouble && (
        <>
          <Heading title={m.timeline.documentTitle(of)} />
          <TroubleNote trouble={trouble} onRetry={again} />
        </>
      )}
      {!answer && !trouble && <p class="loading">{m.loading}</p>}
      {answer && <Story answer={answer} onChanged={again} />}
    </section>
  );
}

function Story({ answer, onChanged }: { answer: Timeline; onChanged: () => void }) {
  const { m } = useWords();
  const { current } = answer;
  const { events, earlier } = useEarlier(answer);
  // Somebody of whom no profile is known may have spoken all the same.
  const last = events.at(-1);
  const spoken = last?.profile === null && last.number === answer.of ? last.permission : null;
  const permission = current ? current.permission : spoken;
  const says =
    permission === 'opt_in'
      ? m.timeline.mayMessage
      : permission === 'opt_out'
        ? m.timeline.mayNot
        : m.timeline.noConsent;
  const newestFirst = [...events].reverse();
  const title = current?.wpNumber ?? answer.of;
  return (
    <>
      <header class="standing card">
        <div>
          <Heading title={title} tab={m.timeline.documentTitle(title)}>
            <bdi dir="ltr">{title}</bdi>
          </Heading>
          <Sentence answer={answer} events={events} says={says} />
        </div>
        <div class="standing-facts">
          <PermissionBadge permission={permission} />
          {current && (
            <span class="soft">
              {m.timeline.profile} <a href={`/profiles/${current.profile}`}>{current.profile}</a>
            </span>
          )}
        </div>
        {current && <Identifiers profile={current} />}
      </header>
      <PersonActions answer={answer} onChanged={onChanged} />
      {events.length === 0 ? (
        <div class="empty">
          <h2>{m.timeline.nothing}</h2>
          <p class="soft">{m.timeline.nothingText}</p>
        </div>
      ) : (
        <>
          <h2>{m.timeline.history}</h2>
          <ol class="timeline" reversed>
            {newestFirst.map((event, at) => (
              <Event key={event.seq} event={event} decides={at === 0 && permission !== null} />
            ))}
          </ol>
          {earlier}
        </>
      )}
      <Custody answer={answer} />
      {current && <KnownOf profile={current.profile} />}
    </>
  );
}

/** All events that were asked for so far, oldest first, and what asks for those before them. */
function useEarlier(answer: Timeline) {
  const { m } = useWords();
  const [asked, setAsked] = useState<{ of: Timeline; parts: Timeline[] }>({ of: answer, parts: [] });
  const [waiting, setWaiting] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  // Another answer is another history: what was asked for belongs to the one before.
  const parts = asked.of === answer ? asked.parts : [];
  const before = (parts[0] ?? answer).earlier_before;
  const ask = async () => {
    if (before === undefined || waiting) return;
    setWaiting(true);
    setTrouble(undefined);
    try {
      const part = await timeline(answer.of, undefined, before);
      setAsked({ of: answer, parts: [part, ...parts] });
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
    } finally {
      setWaiting(false);
    }
  };
  const earlier = trouble ? (
    <TroubleNote trouble={trouble} onRetry={() => void ask()} />
  ) : (
    before !== undefined && (
      <div class="feed-older">
        <button type="button" aria-disabled={waiting} onClick={() => void ask()}>
          {waiting ? m.loading : m.timeline.earlier}
        </button>
      </div>
    )
  );
  return { events: [...parts.flatMap((part) => part.events), ...answer.events], earlier };
}

/** What else is known of the person. */
function Identifiers({ profile }: { profile: Profile }) {
  const { m } = useWords();
  const known = [
    [m.profiles.exid, profile.exid],
    [m.profiles.email, profile.email],
    [m.profiles.msisdn, profile.msisdn],
  ].filter(([, value]) => value);
  if (known.length === 0) return null;
  return (
    <dl class="facts">
      {known.map(([label, value]) => (
        <Fact key={label} label={label ?? ''}>
          <bdi>{value}</bdi>
        </Fact>
      ))}
    </dl>
  );
}

function Event({ event, decides }: { event: ConsentEvent; decides: boolean }) {
  const { m } = useWords();
  const { source } = event;
  const left = event.rule === 'number-moved-away' || event.rule === 'profile-undone';
  const tone = left ? 'plain' : event.permission === 'opt_in' ? 'good' : 'calm';
  const moved = event.previous_number !== null && event.previous_number !== event.number;
  return (
    <li class={`event tone-${tone}`}>
      <div class="event-head">
        <h3>{headline(event, m)}</h3>
        {decides && <span class="badge tone-accent">{m.timeline.now}</span>}
        <span class="soft">
          <Moment at={event.at} exact />
        </span>
      </div>
      <p>{m.timeline.rules[event.rule] ?? event.rule}</p>
      <dl class="facts">
        {source.kind === 'file' && <FromFile source={source} />}
        {source.kind === 'person' && <Fact label={m.timeline.heard}>{source.heard}</Fact>}
        {source.kind === 'erasure' && <Fact label={m.timeline.erasedBy}>{source.by}</Fact>}
        {source.kind === 'undo' && <FromUndo source={source} />}
        {source.kind === 'undo' && event.permission && (
          <Fact label={m.timeline.backTo}>{m.permission[event.permission]}</Fact>
        )}
        {moved && (
          <Fact label={m.timeline.numbers}>
            <bdi dir="ltr">
              {event.previous_number} → {event.number ?? '–'}
            </bdi>
          </Fact>
        )}
        {event.lost_to && (
          <Fact label={m.timeline.lostTo}>
            <a href={`/profiles/${event.lost_to}`}>{event.lost_to}</a>
          </Fact>
        )}
        {event.taken_from && (
          <Fact label={m.timeline.takenFrom}>
            <a href={`/profiles/${event.taken_from}`}>{event.taken_from}</a>
          </Fact>
        )}
        {event.lifted_opt_out_of && (
          <Fact label={m.timeline.liftedOptOut}>
            <Moment at={event.lifted_opt_out_of} exact />
          </Fact>
        )}
        <Fact label={m.timeline.hash}>
          <Copyable text={event.hash} label={m.timeline.hash} />
        </Fact>
      </dl>
    </li>
  );
}

function FromFile({ source }: { source: FileSource }) {
  const { m, f } = useWords();
  return (
    <>
      <Fact label={m.timeline.file}>
        <a href={`/imports/${source.import}`} dir="auto">
          {source.file || source.import}
        </a>
        , {m.timeline.row(f.number(source.row), f.number(source.line))}
      </Fact>
      <Fact label={m.timeline.numberCell}>
        <code dir="ltr">{source.number_cell}</code>
      </Fact>
      <Fact label={m.timeline.permissionCell}>
        <code dir="auto">{source.permission_cell}</code>
      </Fact>
      {source.as_of && <Fact label={m.timeline.collected}>{f.day(source.as_of)}</Fact>}
      {source.sha256 && (
        <Fact label={m.timeline.fileHash}>
          <Copyable text={source.sha256} label={m.timeline.fileHash} />
        </Fact>
      )}
    </>
  );
}

function FromUndo({ source }: { source: UndoSource }) {
  const { m } = useWords();
  return (
    <>
      <Fact label={m.timeline.undoneImport}>
        <a href={`/imports/${source.import}`} dir="auto">
          {source.file || source.import}
        </a>
      </Fact>
      <ByAndWhy by={source.by} />
    </>
  );
}

function headline(event: ConsentEvent, m: ReturnType<typeof useWords>['m']): string {
  if (event.rule === 'number-moved-away') return m.timeline.numberLost;
  if (event.rule === 'undone') return m.timeline.undone;
  if (event.rule === 'profile-undone') return m.timeline.removed;
  if (event.rule === 'lifted-opt-out') return m.timeline.lifted;
  if (event.rule === 'kept-opt-out') return m.timeline.stayedOut;
  const samePermission = event.permission === event.previous_permission;
  if (samePermission && event.previous_number !== null && event.previous_number !== event.number)
    return m.timeline.numberChanged;
  if (event.permission === 'opt_in') return m.timeline.optedIn;
  return event.permission === 'opt_out' ? m.timeline.optedOut : m.timeline.recorded;
}
