// The buttons below a message: added, filled in, put in another order with arrows, removed.

import { useRef } from 'preact/hooks';

import { useWords } from '../../messages/words.ts';
import {
  BUTTON_KINDS,
  BUTTONS_MAX,
  CHARS_MAX,
  find,
  newButton,
  withComponent,
  withoutComponent,
  wordAt,
  type ButtonKind,
} from '../../template/components.ts';
import { insert, listAt, move, remove, set, textAt, type JsonObject } from '../../template/document.ts';
import { variablesIn } from '../../template/variables.ts';
import { announce } from '../announcer.tsx';
import { Icon } from '../icon.tsx';
import { at, idOf, type Editing } from './editing.ts';
import { FindingNotes } from './finding-note.tsx';
import { TextField } from './text-field.tsx';

const CARD_KINDS: readonly ButtonKind[] = ['QUICK_REPLY', 'URL', 'PHONE_NUMBER'];

interface Props {
  editing: Editing;
  /** The list of components. */
  list: string;
  isCard: boolean;
}

export function ButtonsField({ editing, list, isCard }: Props) {
  const { m } = useWords();
  const { template } = editing;
  const here = find(template, list, 'BUTTONS');
  const buttons = here === undefined ? [] : listAt(template, `${here}/buttons`);
  const max = isCard ? BUTTONS_MAX.card : BUTTONS_MAX.message;
  const add = (kind: ButtonKind) =>
    editing.change((before) => {
      const button = newButton(kind, m.builder.newLabels[kind]);
      const at = find(before, list, 'BUTTONS');
      if (at === undefined) return withComponent<JsonObject>(before, list, { type: 'BUTTONS', buttons: [button] });
      return insert(before, `${at}/buttons`, listAt(before, `${at}/buttons`).length, button);
    });
  return (
    <div class="field" id={here === undefined ? undefined : idOf(`${here}/buttons`)} tabIndex={-1}>
      {buttons.length > 0 && here !== undefined && (
        <ol class="button-list">
          {buttons.map((_, n) => (
            <OneButton key={n} editing={editing} list={list} component={here} n={n} count={buttons.length} />
          ))}
        </ol>
      )}
      {here !== undefined && <FindingNotes editing={editing} findings={at(editing, here, `${here}/buttons`)} />}
      <label class="add-button">
        <span class="unseen">{m.builder.addButton}</span>
        <select
          disabled={buttons.length >= max}
          value=""
          onChange={(event) => {
            add(event.currentTarget.value as ButtonKind);
            event.currentTarget.value = '';
          }}
        >
          <option value="">+ {m.builder.addButton}</option>
          {(isCard ? CARD_KINDS : BUTTON_KINDS).map((kind) => (
            <option key={kind} value={kind}>
              {m.builder.buttonKinds[kind]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

interface OneProps {
  editing: Editing;
  list: string;
  component: string;
  n: number;
  count: number;
}

function OneButton({ editing, list, component, n, count }: OneProps) {
  const { m } = useWords();
  const line = useRef<HTMLLIElement>(null);
  const { template } = editing;
  const pointer = `${component}/buttons/${n}`;
  const kind = wordAt(template, `${pointer}/type`);
  const name = m.builder.buttonKinds[kind as ButtonKind] ?? kind;
  const title = `${n + 1}. ${name}`;
  const shift = (to: number) => {
    editing.change((before) => move(before, `${component}/buttons`, n, to));
    announce(m.builder.moved(textAt(template, `${pointer}/text`) || name, to + 1));
    // The hand stays on the button that went, so that it can be moved on.
    const lines = line.current?.parentElement?.children;
    const arrow = to < n ? '.go-up' : '.go-down';
    requestAnimationFrame(() => {
      const other = lines?.[to];
      const next = other?.querySelector<HTMLButtonElement>(`${arrow}:not(:disabled)`);
      (next ?? other?.querySelector<HTMLButtonElement>('.arrow:not(:disabled)'))?.focus();
    });
  };
  const drop = () =>
    editing.change((before) =>
      count === 1 ? withoutComponent(before, list, 'BUTTONS') : remove(before, pointer),
    );
  return (
    <li ref={line} class="one-button" id={idOf(pointer)} tabIndex={-1} aria-label={title}>
      <div class="one-button-top">
        <strong>{title}</strong>
        <button
          type="button"
          class="arrow go-up"
          disabled={n === 0}
          aria-label={`${m.builder.up}: ${title}`}
          onClick={() => shift(n - 1)}
        >
          <Icon name="up" />
        </button>
        <button
          type="button"
          class="arrow go-down"
          disabled={n === count - 1}
          aria-label={`${m.builder.down}: ${title}`}
          onClick={() => shift(n + 1)}
        >
          <Icon name="down" />
        </button>
        <button type="button" class="arrow" aria-label={`${m.builder.removeButton}: ${title}`} onClick={drop}>
          <Icon name="bin" />
        </button>
      </div>
      <div class="pair">
        <ButtonFields editing={editing} pointer={pointer} kind={kind} />
      </div>
      <FindingNotes editing={editing} findings={at(editing, pointer, `${pointer}/type`)} />
    </li>
  );
}

function ButtonFields({ editing, pointer, kind }: { editing: Editing; pointer: string; kind: string }) {
  const { m } = useWords();
  const b = m.builder;
  const label = <TextField editing={editing} pointer={`${pointer}/text`} label={b.label} max={CHARS_MAX.label} />;
  const field = (member: string, text: string, hint?: string) => (
    <TextField editing={editing} pointer={`${pointer}/${member}`} label={text} hint={hint} dir="ltr" />
  );
  switch (kind) {
    case 'URL':
      return (
        <>
          {label}
          <UrlField editing={editing} pointer={pointer} />
        </>
      );
    case 'PHONE_NUMBER':
      return (
        <>
          {label}
          <TextField editing={editing} pointer={`${pointer}/phone_number`} label={b.phone} type="tel" dir="ltr" />
        </>
      );
    case 'COPY_CODE':
      return field('example', b.code, b.codeHint);
    case 'FLOW':
      return (
        <>
          {label}
          {field('flow_id', b.flow, b.flowHint)}
        </>
      );
    case 'OTP':
      return <TextField editing={editing} pointer={`${pointer}/text`} label={b.label} max={CHARS_MAX.label} />;
    case 'REQUEST_CONTACT_INFO':
      return <p class="soft">{b.fixedLabel}</p>;
    default:
      return label;
  }
}

function UrlField({ editing, pointer }: { editing: Editing; pointer: string }) {
  const { m } = useWords();
  const url = textAt(editing.template, `${pointer}/url`);
  const hasVariable = variablesIn(url).length > 0;
  return (
    <div class="with-button">
      <TextField editing={editing} pointer={`${pointer}/url`} label={m.builder.url} type="url" dir="ltr" />
      {!hasVariable && (
        <button
          type="button"
          class="small-button"
          onClick={() => editing.change((template) => set(template, `${pointer}/url`, `${url}{{1}}`))}
        >
          <Icon name="plus" />
          {m.builder.addEnd}
        </button>
      )}
    </div>
  );
}
