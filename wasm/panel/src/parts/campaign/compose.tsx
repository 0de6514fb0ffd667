// The first step: what is sent. One message, or several that are tried against each other.

import { useId } from 'preact/hooks';

import type { Message, Value } from '../../api/campaign-documents.ts';
import { evenly, firstValues, formatOf, MESSAGES_MAX, slotsOf, templateOf } from '../../campaign/draft.ts';
import { linksOf } from '../../campaign/links.ts';
import { BY_CHARS_MAX, sayWho, who } from '../../campaign/who.ts';
import { useCell } from '../../cell.ts';
import { useWords } from '../../messages/words.ts';
import { Icon } from '../icon.tsx';
import type { Editing } from './editing.ts';
import { Part, Tick } from './fields.tsx';
import { TemplatePicker } from './template-picker.tsx';
import { MediaField, ValueField } from './value-field.tsx';

export function Compose({ editing }: { editing: Editing }) {
  const { m } = useWords();
  const { draft, change, accounts } = editing;
  const name = useCell(who);
  const { messages } = draft;
  const shares = messages.reduce((sum, { share_percent = 100 }) => sum + share_percent, 0);
  const set = (at: number, next: (message: Message) => Message) =>
    change((now) => ({ ...now, messages: now.messages.map((one, n) => (n === at ? next(one) : one)) }));
  return (
    <>
      <section class="card builder-part" aria-labelledby="basics">
        <h2 id="basics">{m.compose.basics}</h2>
        <div class="pair">
          <div class="field">
            <label for="campaign-name">{m.compose.name}</label>
            <input
              id="campaign-name"
              dir="auto"
              autocomplete="off"
              aria-describedby="campaign-name-hint"
              value={draft.name}
              onInput={(event) => {
                const name = event.currentTarget.value;
                change((now) => ({ ...now, name }));
              }}
            />
            <small id="campaign-name-hint" class="soft">
              {m.compose.nameHint}
            </small>
          </div>
          <div class="field">
            <label for="campaign-by">
              {m.ask.by} <small class="soft">({m.ask.optional})</small>
            </label>
            <input
              id="campaign-by"
              dir="auto"
              autocomplete="name"
              maxLength={BY_CHARS_MAX}
              value={name}
              onInput={(event) => sayWho(event.currentTarget.value)}
            />
            <small class="soft">{m.compose.byHint}</small>
          </div>
          {accounts.length > 1 && (
            <div class="field">
              <label for="campaign-account">{m.compose.account}</label>
              <select
                id="campaign-account"
                value={draft.account}
                onChange={(event) => {
                  const account = event.currentTarget.value;
                  const messages = [{ template: '', language: '', share_percent: 100, values: {} }];
                  change(({ numbers: _, ...now }) => ({ ...now, account, messages }));
                }}
              >
                {accounts.map((one) => (
                  <option key={one.account} value={one.account}>
                    {one.name}
                  </option>
                ))}
              </select>
            </div>
          )}
        </div>
      </section>
      {messages.map((message, at) => (
        <OneMessage
          key={at}
          editing={editing}
          message={message}
          at={at}
          onMessage={(next) => set(at, next)}
          onRemove={() => {
            change((now) => ({ ...now, messages: evenly(now.messages.filter((_, n) => n !== at)) }));
            editing.onShown(0);
          }}
        />
      ))}
      <div class="add-message">
        {messages.length < MESSAGES_MAX && (
          <button
            type="button"
            onClick={() => {
              change((now) => ({ ...now, messages: evenly([...now.messages, { template: '', language: '', values: {} }]) }));
              editing.onShown(messages.length);
            }}
          >
            <Icon name="plus" />
            {m.compose.addMessage}
          </button>
        )}
        {messages.length > 1 && (
          <>
            <button type="button" onClick={() => change((now) => ({ ...now, messages: evenly(now.messages) }))}>
              {m.compose.evenly}
            </button>
            <span class={shares === 100 ? 'soft' : 'warned'} role="status">
              {m.compose.sharesAre(shares)}
            </span>
          </>
        )}
        <p class="soft small-print">{m.compose.addMessageText}</p>
      </div>
      <Links editing={editing} />
    </>
  );
}

/** Whether taps are counted. Where the host does not know its own address, it says what is missing. */
function Links({ editing }: { editing: Editing }) {
  const { m } = useWords();
  const { draft, change, account } = editing;
  const links = linksOf(account);
  return (
    <Part title={m.compose.links}>
      <Tick
        checked={draft.track_links === true}
        onChange={(track_links) => change((now) => ({ ...now, track_links }))}
        label={m.compose.trackLinks}
        text={m.compose.trackLinksText}
      />
      {draft.track_links && (links === '' ? <p class="warned">{m.compose.linksNowhere}</p> : <p class="soft small-print">{m.compose.linksButtons(`${links}{{1}}`)}</p>)}
    </Part>
  );
}

interface OneProps {
  editing: Editing;
  message: Message;
  at: number;
  onMessage(next: (message: Message) => Message): void;
  onRemove(): void;
}

function OneMessage({ editing, message, at, onMessage, onRemove }: OneProps) {
  const { m } = useWords();
  const id = useId();
  const { draft, templates, attributes, account } = editing;
  const several = draft.messages.length > 1;
  const doc = templateOf(draft, message, templates);
  const slots = doc ? slotsOf(doc) : [];
  const set = (key: string, value: Value) => onMessage((now) => ({ ...now, values: { ...now.values, [key]: value } }));
  return (
    <section class="card builder-part" aria-labelledby={id} onFocusIn={() => editing.onShown(at)}>
      <div class="apart wrap">
        <h2 id={id}>{several ? m.compose.messageOf(m.compose.letter(at)) : m.compose.message}</h2>
        {several && (
          <span class="message-share">
            <label for={`${id}-share`}>{m.compose.share}</label>
            <input
              id={`${id}-share`}
              type="number"
              min={1}
              max={99}
              inputMode="numeric"
              aria-label={`${m.compose.share}: ${m.compose.messageOf(m.compose.letter(at))}`}
              value={message.share_percent ?? 100}
              onInput={(event) => {
                const share = Number(event.currentTarget.value);
                onMessage((now) => ({ ...now, share_percent: share }));
              }}
            />
            %
            <button
              type="button"
              class="arrow"
              title={m.compose.remove}
              aria-label={`${m.compose.remove}: ${m.compose.messageOf(m.compose.letter(at))}`}
              onClick={onRemove}
            >
              <Icon name="bin" />
            </button>
          </span>
        )}
      </div>
      <TemplatePicker
        key={draft.account}
        templates={templates}
        chosen={doc}
        onChosen={(chosen) => {
          const names = attributes.map(({ name }) => name);
          const values = firstValues(chosen, names);
          onMessage(({ share_percent = 100 }) => ({ template: chosen.name, language: chosen.language, share_percent, values }));
          editing.onShown(at);
        }}
      />
      {doc && slots.length === 0 && <p class="soft">{m.compose.noVariables}</p>}
      {doc && slots.length > 0 && (
        <>
          <h3>{m.compose.variables}</h3>
          <ul class="variable-list">
            {slots.map((slot) =>
              slot.place === 'media' ? (
                <MediaField
                  key={slot.key}
                  slot={slot}
                  value={message.values?.[slot.key]}
                  account={account.account}
                  format={formatOf(doc, slot)}
                  onPicture={editing.onPicture}
                  onValue={(value) => set(slot.key, value)}
                />
              ) : (
                <ValueField
                  key={slot.key}
                  slot={slot}
                  value={message.values?.[slot.key]}
                  attributes={attributes}
                  onValue={(value) => set(slot.key, value)}
                />
              ),
            )}
          </ul>
        </>
      )}
    </section>
  );
}
