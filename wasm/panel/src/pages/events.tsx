// What Meta tells, newest first and live: messages of people, what became of ours, opt-outs, templates, accounts.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import { useMay } from '../access.ts';
import { inboxStatus, type InboxStatus } from '../api/events.ts';
import { useCell } from '../cell.ts';
import { Feed, type FeedState, type Lane } from '../events/feed.ts';
import { address, groupOf, GROUPS, wanted, type Group } from '../events/kinds.ts';
import { inLine } from '../events/text.ts';
import { useBeginnings } from '../first-steps.ts';
import { useWords } from '../messages/words.ts';
import { announce } from '../parts/announcer.tsx';
import { EventRow } from '../parts/events/row.tsx';
import { Standing } from '../parts/events/standing.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { Prose } from '../parts/prose.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';
import { go } from '../router.ts';

/** How often the host is asked how it stands, in milliseconds. */
const STATUS_MS = 5000;
/** And how soon after something has come. */
const STATUS_SOON_MS = 1000;
const SEARCHED_CHARS_MAX = 120;

interface Props {
  show: string | null;
  q: string;
}

export function EventsPage({ show, q }: Props) {
  const { m } = useWords();
  const group = groupOf(show);
  const list = useRef<HTMLOListElement>(null);
  const [open, setOpen] = useState<number>();
  const opened = useRef(open);
  opened.current = open;
  // Other filters are another feed; the page around it stays, and with it the focus of whoever chose them.
  const feed = useMemo(
    () => new Feed(wanted(group, q), () => opened.current !== undefined || isRead(list.current)),
    [group, q],
  );
  const state = useCell(feed.state);
  const status = useStatus(feed, state.rows[0]?.seq);
  useEffect(() => {
    setOpen(undefined);
    void feed.start();
    return () => feed.stop();
  }, [feed]);
  useEffect(() => {
    const look = () => feed.look();
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, [feed]);
  useEffect(() => feed.look(), [feed, open]);
  const leap = () => {
    setOpen(undefined);
    // First the focus, so that nothing is read any more, then the way up, which lets them in.
    list.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
    opened.current = undefined;
    feed.look();
  };
  const { rows, loading, trouble } = state;
  const isFiltered = group !== 'all' || q !== '';
  return (
    <section class="events-page" aria-busy={loading}>
      <div class="apart wrap">
        <Heading title={m.events.title} />
        {!trouble && <LinkState feed={feed} state={state} />}
      </div>
      <p class="lead">{m.events.lead}</p>
      {status ? (
        <Standing status={status} />
      ) : (
        <p class="standing-line" aria-hidden="true">
          {'\u00a0'}
        </p>
      )}
      <div class="filters">
        <Chips group={group} q={q} />
        <Search key={q} q={q} group={group} />
      </div>
      {q !== '' && (
        <p class="hits">
          {m.events.foundFor} <bdi class="searched">{inLine(q, SEARCHED_CHARS_MAX)}</bdi> · <a href={address(group, '')}>{m.events.clear}</a>
        </p>
      )}
      {trouble && <TroubleNote trouble={trouble} onRetry={() => void feed.start()} />}
      {loading && rows.length === 0 && <p class="loading">{m.loading}</p>}
      {!loading && !trouble && rows.length === 0 && (isFiltered ? <NoHit hasOlder={state.hasOlder} /> : <Empty />)}
      <div class="fresh" aria-live="off">
        {state.waiting > 0 && (
          <button type="button" class="primary fresh-pill" onClick={leap}>
            <Icon name="up" />
            {m.events.fresh(state.waiting, state.waitingMore)}
          </button>
        )}
      </div>
      <ol
        ref={list}
        class={rows.length > 0 ? 'card flush feed' : 'feed'}
        aria-label={m.events.list}
        tabIndex={-1}
        onKeyDown={(event) => move(event, list.current)}
        onFocusOut={() => feed.look()}
      >
        {rows.map((entry) => (
          <EventRow key={entry.seq} entry={entry} isOpen={entry.seq === open} onOpen={setOpen} />
        ))}
      </ol>
      <Older feed={feed} state={state} />
    </section>
  );
}

/** Something of the list is being read that new rows would move: it is scrolled, or the keyboard is in it. */
function isRead(list: HTMLElement | null): boolean {
  if (list === null) return false;
  return list.getBoundingClientRect().top < 0 || list.querySelector(':focus-visible') !== null;
}

/** The arrows go from row to row. */
function move(event: KeyboardEvent, list: HTMLElement | null): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const on = event.target as HTMLElement;
  if (step === 0 || !on.classList.contains('feed-open')) return;
  const all = [...(list?.querySelectorAll<HTMLElement>('.feed-open') ?? [])];
  all[all.indexOf(on) + step]?.focus();
  event.preventDefault();
}

function LinkState({ feed, state }: { feed: Feed; state: FeedState }) {
  const { m } = useWords();
  const { link } = state;
  const was = useRef(link);
  useEffect(() => {
    if (link === 'lost' && was.current !== 'lost') announce(m.events.lostSaid);
    if (link === 'live' && was.current === 'lost') announce(m.events.backSaid);
    was.current = link;
  }, [link]);
  const isPaused = link === 'paused';
  return (
    <div class="feed-link">
      <span class={`feed-state is-${link}`} title={link === 'lost' ? m.events.lostSaid : undefined}>
        <i aria-hidden="true" />
        {m.events.link[link]}
      </span>
      {link === 'lost' && (
        <button type="button" class="link" onClick={() => feed.hurry()}>
          {m.events.hurry}
        </button>
      )}
      <button type="button" class="small" disabled={state.loading} onClick={() => feed.pause(!isPaused)}>
        <Icon name={isPaused ? 'play' : 'pause'} />
        {isPaused ? m.events.resume : m.events.pause}
      </button>
    </div>
  );
}

function Chips({ group, q }: { group: Group; q: string }) {
  const { m } = useWords();
  return (
    <div class="chips" role="group" aria-label={m.events.byKind}>
      {(Object.keys(GROUPS) as Group[]).map((one) => (
        <button key={one} type="button" class="chip" aria-pressed={one === group} onClick={() => go(address(one, q))}>
          {m.events.groups[one]}
        </button>
      ))}
    </div>
  );
}

function Search({ group, q }: { group: Group; q: string }) {
  const { m } = useWords();
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const asked = new FormData(event.currentTarget).get('q');
        go(address(group, String(asked ?? '').trim()));
      }}
    >
      <label class="unseen" for="event-q">
        {m.events.search}
      </label>
      <Icon name="search" />
      <input
        id="event-q"
        name="q"
        type="search"
        defaultValue={q}
        placeholder={m.events.searchHint}
        autocomplete="off"
        spellcheck={false}
      />
      <button type="submit">{m.events.go}</button>
    </form>
  );
}

function Older({ feed, state }: { feed: Feed; state: FeedState }) {
  const { m } = useWords();
  const { olderTrouble, hasOlder, loadingOlder } = state;
  if (olderTrouble) return <TroubleNote trouble={olderTrouble} onRetry={() => void feed.older()} />;
  if (!hasOlder) return null;
  return (
    <div class="feed-older">
      <button type="button" aria-disabled={loadingOlder} onClick={() => void feed.older()}>
        {loadingOlder ? m.events.loadingOlder : m.events.older}
      </button>
    </div>
  );
}

function NoHit({ hasOlder }: { hasOlder: boolean }) {
  const { m } = useWords();
  return (
    <div class="empty card">
      <h2>{m.events.noHit}</h2>
      {!hasOlder && <p class="soft">{m.events.noHitText}</p>}
      <a class="button" href="/events">
        {m.events.clear}
      </a>
    </div>
  );
}

function Empty() {
  const { m } = useWords();
  const may = useMay();
  // Whoever is connected hears something once they have written to somebody.
  const known = useBeginnings();
  return (
    <div class="empty card">
      <span class="big-sign" aria-hidden="true">
        <Icon name="pulse" />
      </span>
      <h2>{m.events.empty}</h2>
      <p class="soft">{m.events.emptyText}</p>
      <p class="soft">
        <Prose text={m.events.emptySandbox} />
      </p>
      {known && known.account && (
        <a class="button primary" href="/campaigns">
          {m.campaigns.title}
        </a>
      )}
      {known && !known.account && may('accounts') && (
        <a class="button primary" href="/connect">
          {m.events.toConnect}
        </a>
      )}
    </div>
  );
}

/** How the host stands, asked again and again while somebody looks. What cannot be asked stays as it was. */
function useStatus(feed: Feed, newest: number | undefined): InboxStatus | undefined {
  const [status, setStatus] = useState<InboxStatus>();
  const ask = useMemo(() => {
    let isUnderWay = false;
    return async (signal: AbortSignal) => {
      if (document.hidden || isUnderWay) return;
      isUnderWay = true;
      const upTo = feed.newest;
      const answer = await inboxStatus(signal).catch(() => undefined);
      isUnderWay = false;
      if (answer === undefined || signal.aborted) return;
      setStatus(answer);
      const empty = new Set<Lane>();
      if (answer.consent_waits === 0) empty.add('consent');
      if (answer.rest_waits === 0) empty.add('rest');
      await feed.acted(empty, upTo);
    };
  }, [feed]);
  useEffect(() => {
    const asking = new AbortController();
    const again = () => void ask(asking.signal);
    again();
    const timer = setInterval(again, STATUS_MS);
    document.addEventListener('visibilitychange', again);
    return () => {
      asking.abort();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', again);
    };
  }, [ask]);
  // While much comes in this is asked once in a while, not once for each.
  const soon = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => {
    if (newest === undefined) return;
    soon.current ??= setTimeout(() => {
      soon.current = undefined;
      void ask(new AbortController().signal);
    }, STATUS_SOON_MS);
  }, [newest]);
  useEffect(() => () => clearTimeout(soon.current), []);
  return status;
}
