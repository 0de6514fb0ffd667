// Everything about one event: what was made of it, what became of the message, and what Meta had sent.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import type { Entry, Heard, MetaError, Pricing } from '../../api/events.ts';
import { address, sentMessage } from '../../events/kinds.ts';
import { inLine } from '../../events/text.ts';
import { useWords } from '../../messages/words.ts';
import { Copyable } from '../copyable.tsx';
import { Fact } from '../facts.tsx';
import { Icon } from '../icon.tsx';
import { Moment } from '../moment.tsx';
import { wordFor } from './chip.tsx';
import { DeliverySteps } from './delivery-steps.tsx';

const WORD_CHARS_MAX = 600;
/** Members that are texts of people or words of Meta's, in the order in which they are told. */
const TEXTS = ['name', 'username', 'text', 'payload', 'words', 'field', 'news', 'callback_data'] as const;
/** Members that are numbers of people. */
const NUMBERS = ['number', 'previous_number'] as const;
/** Members that are ids, which nobody reads but many copy. */
const IDS = ['user_id', 'previous_user_id', 'context_id', 'message_id', 'group_id', 'phone_number_id', 'waba_id', 'conversation_id', 'id'] as const;

export function Details({ id, entry }: { id: string; entry: Entry }) {
  const { m } = useWords();
  const { event } = entry;
  const sent = sentMessage(event);
  const person = event.number ?? event.user_id;
  return (
    <div class="feed-details" id={id}>
      {sent !== undefined && <DeliverySteps message={sent} />}
      {sent === undefined && event.errors && <Errors errors={event.errors} />}
      <Facts entry={entry} />
      <p class="feed-links">
        {event.number !== undefined && <a href={`/profiles/${encodeURIComponent(event.number)}`}>{m.events.timeline}</a>}
        {person !== undefined && <a href={address('all', person)}>{m.events.personEvents}</a>}
        {event.message_id !== undefined && <a href={address('all', event.message_id)}>{m.events.messageEvents}</a>}
      </p>
      <Raw raw={event.raw} />
    </div>
  );
}

function Facts({ entry }: { entry: Entry }) {
  const { m } = useWords();
  const { event, received_at } = entry;
  const label = m.events.facts;
  const fact = (name: keyof typeof label, value: ComponentChildren) => (
    <Fact key={name} label={label[name]}>
      {value}
    </Fact>
  );
  return (
    <dl class="facts">
      {event.at !== undefined && fact('at', <Moment at={event.at} exact />)}
      {fact('received_at', <Moment at={received_at} exact />)}
      {NUMBERS.map((name) => event[name] !== undefined && fact(name, <bdi dir="ltr">{event[name]}</bdi>))}
      {TEXTS.map((name) => event[name] !== undefined && fact(name, <Whole text={event[name]} />))}
      {event.type !== undefined && (
        <Fact label={m.events.type}>
          <bdi>{wordFor(m.events.types, event.type)}</bdi>
        </Fact>
      )}
      {event.by !== undefined && fact('by', <bdi>{wordFor(m.events.by, event.by)}</bdi>)}
      {event.template_name !== undefined && fact('template', <Template event={event} />)}
      {event.pricing && fact('pricing', <Price pricing={event.pricing} />)}
      {IDS.map((name) => event[name] !== undefined && fact(name, <Copyable text={event[name]} label={label[name]} />))}
    </dl>
  );
}

/** A text as it came, with its lines. */
function Whole({ text }: { text: string }) {
  return (
    <span class="feed-whole" dir="auto">
      {text}
    </span>
  );
}

function Template({ event }: { event: Heard }) {
  return (
    <>
      <bdi>{inLine(event.template_name ?? '', WORD_CHARS_MAX)}</bdi>{' '}
      {event.template_language !== undefined && <bdi>({inLine(event.template_language, WORD_CHARS_MAX)})</bdi>}
    </>
  );
}

export function Price({ pricing }: { pricing: Pricing }) {
  const { m } = useWords();
  const { category, type, model, billable } = pricing;
  const words = m.templates.category;
  const known = category === undefined ? undefined : (words[category.toUpperCase()] ?? category);
  const paid = billable === undefined ? undefined : billable ? m.events.charged : m.events.free;
  return <bdi>{[known, type, model, paid].flatMap((part) => part ?? []).map((part) => inLine(part, WORD_CHARS_MAX)).join(' · ')}</bdi>;
}

export function Errors({ errors }: { errors: readonly MetaError[] }) {
  const { m } = useWords();
  const told = errors.filter(({ code, title, details }) => code !== undefined || title !== undefined || details !== undefined);
  if (told.length === 0) return null;
  return (
    <ul class="feed-errors" aria-label={m.events.errors}>
      {told.map(({ code, title, details }, at) => (
        <li key={at} lang="en">
          <Icon name="error" />
          <span>
            {code !== undefined && <code>{code}</code>} <b>{title !== undefined && <bdi>{inLine(title, WORD_CHARS_MAX)}</bdi>}</b>
            {details !== undefined && details !== title && (
              <span class="soft">
                {' '}
                <bdi>{inLine(details, WORD_CHARS_MAX)}</bdi>
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Written out only when somebody wants to see it: it may be long. */
function Raw({ raw }: { raw: unknown }) {
  const { m } = useWords();
  const [open, setOpen] = useState(false);
  const text = open ? JSON.stringify(raw, null, 2) : '';
  return (
    <details class="feed-raw" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="chevron" />
        {m.events.raw}
      </summary>
      {open && (
        <>
          <pre dir="ltr" tabIndex={0}>
            {text}
          </pre>
          <Copyable text={text} label={m.events.rawCopy} />
        </>
      )}
    </details>
  );
}
