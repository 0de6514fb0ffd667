// A button that asks before it does something: what happens then, who wants it, and why where that is worth keeping.

import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';

import { addressOf, standing } from '../../access.ts';
import { BY_CHARS_MAX, sayWho, who } from '../../campaign/who.ts';
import { useCell } from '../../cell.ts';
import { useWords } from '../../messages/words.ts';
import { troubleFrom, type Trouble } from '../../trouble.ts';
import { ProgressBar } from '../figures.tsx';
import { Icon, type IconName } from '../icon.tsx';
import { TroubleNote } from '../trouble-note.tsx';

/** Longest reason, in characters. */
const WHY_CHARS_MAX = 200;

interface Props {
  /** What stands on the button. */
  open: string;
  icon?: IconName;
  tone?: 'primary' | 'danger' | 'plain';
  /** What cannot be taken back is confirmed in red, however quiet the button is that asks. */
  grave?: boolean;
  title: string;
  children: ComponentChildren;
  confirm: string;
  /** Whether a reason is asked for. */
  why?: boolean;
  disabled?: boolean;
  /** What is to be done; the dialog closes when it is. */
  onConfirm(said: { by: string; why: string }): Promise<void>;
}

export function Ask({ open, icon, tone = 'plain', grave = tone === 'danger', title, children, confirm, why: asksWhy, disabled, onConfirm }: Props) {
  const { m } = useWords();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const address = addressOf(useCell(standing));
  const said = useCell(who);
  const by = address || said;
  const [why, setWhy] = useState('');
  const [waiting, setWaiting] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const send = async () => {
    if (waiting) return;
    setWaiting(true);
    setTrouble(undefined);
    try {
      await onConfirm({ by: by.trim(), why: why.trim() });
      dialog.current?.close();
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
    }
    setWaiting(false);
  };
  return (
    <>
      <button
        type="button"
        class={tone === 'plain' ? '' : tone}
        disabled={disabled}
        onClick={() => {
          setTrouble(undefined);
          dialog.current?.showModal();
          // Reading starts at the question, and no keyboard covers it on a phone.
          heading.current?.focus();
        }}
      >
        {icon && <Icon name={icon} />}
        {open}
      </button>
      <dialog
        ref={dialog}
        class="take-back"
        aria-labelledby={`${id}-title`}
        closedby={waiting ? 'none' : 'closerequest'}
        onCancel={(event) => waiting && event.preventDefault()}
      >
        <form
          aria-busy={waiting}
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <h2 id={`${id}-title`} ref={heading} tabIndex={-1}>
            {title}
          </h2>
          <div>{children}</div>
          <div class="field">
            <label for={`${id}-by`}>{m.ask.by}</label>
            <input
              id={`${id}-by`}
              value={by}
              required
              pattern=".*\S.*"
              maxLength={BY_CHARS_MAX}
              autocomplete="name"
              readOnly={waiting || address !== ''}
              onInput={(event) => sayWho(event.currentTarget.value)}
            />
          </div>
          {asksWhy && (
            <div class="field">
              <label for={`${id}-why`}>
                {m.ask.why} <small class="soft">({m.ask.optional})</small>
              </label>
              <input
                id={`${id}-why`}
                value={why}
                maxLength={WHY_CHARS_MAX}
                autocomplete="off"
                readOnly={waiting}
                onInput={(event) => setWhy(event.currentTarget.value)}
              />
            </div>
          )}
          {trouble && <TroubleNote trouble={trouble} />}
          {waiting && <ProgressBar label={confirm} />}
          <p class="actions">
            <button type="button" aria-disabled={waiting} onClick={() => !waiting && dialog.current?.close()}>
              {m.ask.leave}
            </button>
            <button type="submit" class={grave ? 'danger' : 'primary'} aria-disabled={waiting}>
              {confirm}
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}
