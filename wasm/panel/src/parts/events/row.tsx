// One event in one line, and everything about it below when it is opened. Whatever people or Meta wrote is shown as
// text, in its own direction, and clipped.

import { Component } from 'preact';
import { useRef } from 'preact/hooks';

import type { Entry, Heard } from '../../api/events.ts';
import { useCountry } from '../../events/country.ts';
import { iconOf, toneOf } from '../../events/kinds.ts';
import { useNow } from '../../events/now.ts';
import { inLine } from '../../events/text.ts';
import { useWords } from '../../messages/words.ts';
import { Icon } from '../icon.tsx';
import { Moment } from '../moment.tsx';
import { Chip, wordFor } from './chip.tsx';
import { Details } from './details.tsx';

/** Characters that there is room for; the rest is never laid out. */
const TEXT_CHARS_MAX = 280;
const WORD_CHARS_MAX = 120;
/** What has not been acted on for so long is said to wait, in milliseconds. */
const WAITS_MS = 10_000;

interface Props {
  entry: Entry;
  isOpen: boolean;
  onOpen(seq: number | undefined): void;
}

/** Draws again only what has changed: of a thousand rows that is one. */
export class EventRow extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    return next.entry !== this.props.entry || next.isOpen !== this.props.isOpen;
  }

  override render() {
    return <Row {...this.props} />;
  }
}

function Row({ entry, isOpen, onOpen }: Props) {
  const { m } = useWords();
  const { seq, event } = entry;
  const opener = useRef<HTMLButtonElement>(null);
  const id = `event-${seq}`;
  const close = (pressed: KeyboardEvent) => {
    if (pressed.key !== 'Escape' || !isOpen) return;
    pressed.stopPropagation();
    onOpen(undefined);
    opener.current?.focus({ preventScroll: true });
  };
  return (
    <li class={isOpen ? 'feed-row is-open' : 'feed-row'} onKeyDown={close}>
      <div class="feed-line">
        <button
          ref={opener}
          type="button"
          class={`feed-open tone-${toneOf(event)}`}
          aria-expanded={isOpen}
          aria-controls={isOpen ? `${id}-details` : undefined}
          aria-describedby={`${id}-who ${id}-what`}
          onClick={() => onOpen(isOpen ? undefined : seq)}
        >
          <Icon name={iconOf(event)} />
          <span>{wordFor(m.events.kinds, event.kind)}</span>
        </button>
        <span class="feed-who" id={`${id}-who`}>
          <Who event={event} />
        </span>
        <span class="feed-what" id={`${id}-what`}>
          <What event={event} />
        </span>
        <span class="feed-chips">
          <Chip event={event} />
          {!entry.done && <Waits since={entry.received_at} />}
        </span>
        <When at={event.at ?? entry.received_at} />
        <Icon name="chevron" />
      </div>
      {isOpen && <Details id={`${id}-details`} entry={entry} />}
    </li>
  );
}

/** What is acted on at once, as nearly everything is, does not wait. */
function Waits({ since }: { since: string }) {
  const { m } = useWords();
  useNow();
  if (Date.now() - Date.parse(since) < WAITS_MS) return null;
  return <span class="badge tone-warn">{m.events.waitsChip}</span>;
}

function When({ at }: { at: string }) {
  useNow();
  return (
    <span class="feed-when soft">
      <Moment at={at} />
    </span>
  );
}

function Who({ event }: { event: Heard }) {
  const { f } = useWords();
  const iso = useCountry(event.number);
  const { number, user_id, name, waba_id } = event;
  const country = iso === undefined ? undefined : f.country(iso);
  if (number === undefined && user_id === undefined) {
    return waba_id === undefined ? null : <bdi class="soft feed-id">{inLine(waba_id, WORD_CHARS_MAX)}</bdi>;
  }
  return (
    <>
      {number !== undefined ? (
        <a class="number" href={`/profiles/${encodeURIComponent(number)}`}>
          <bdi dir="ltr">{number}</bdi>
        </a>
      ) : (
        <bdi class="feed-id">{inLine(user_id ?? '', WORD_CHARS_MAX)}</bdi>
      )}
      {(name !== undefined || country !== undefined) && (
        <span class="soft feed-name">
          {name !== undefined && <bdi>{inLine(name, WORD_CHARS_MAX)}</bdi>}
          {name !== undefined && country !== undefined && ' · '}
          {country}
        </span>
      )}
    </>
  );
}

function What({ event }: { event: Heard }) {
  const { m } = useWords();
  switch (event.kind) {
    case 'message':
    case 'echo': {
      const text = event.text ?? event.payload;
      if (text !== undefined && text !== '') return <Text text={text} />;
      return <span class="soft">{wordFor(m.events.types, event.type) ?? m.events.noText}</span>;
    }
    case 'opt_out':
    case 'resume':
    case 'sign_up':
      return event.words === undefined ? null : <Text text={event.words} />;
    case 'moved':
      return (
        <span>
          <bdi dir="ltr">{inLine(event.previous_number ?? event.previous_user_id ?? '–', WORD_CHARS_MAX)}</bdi> →{' '}
          <bdi dir="ltr">{inLine(event.number ?? event.user_id ?? '–', WORD_CHARS_MAX)}</bdi>
        </span>
      );
    case 'template':
      return (
        <span>
          <bdi>{inLine(event.template_name ?? '–', WORD_CHARS_MAX)}</bdi>
          {event.template_language !== undefined && <span class="soft"> · {inLine(event.template_language, WORD_CHARS_MAX)}</span>}
        </span>
      );
    default: {
      const [first] = event.errors ?? [];
      if (first?.code !== undefined || first?.title !== undefined) {
        return (
          <span lang="en">
            {first.code !== undefined && <code>{first.code}</code>} <bdi>{inLine(first.title ?? first.details ?? '', WORD_CHARS_MAX)}</bdi>
          </span>
        );
      }
      const about = event.callback_data ?? event.field ?? event.message_id;
      return about === undefined ? null : <bdi class="soft feed-id">{inLine(about, WORD_CHARS_MAX)}</bdi>;
    }
  }
}

function Text({ text }: { text: string }) {
  return <span dir="auto">{inLine(text, TEXT_CHARS_MAX)}</span>;
}
