// What the pages about signing in share: a field with its label, a thing that is shown once, a form that waits.

import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';

import { useWords } from '../messages/words.ts';
import { troubleFrom, type Trouble } from '../trouble.ts';
import { announce } from './announcer.tsx';
import { Icon } from './icon.tsx';
import { TroubleNote } from './trouble-note.tsx';

interface FieldProps {
  label: string;
  value: string;
  onValue(value: string): void;
  hint?: string;
  type?: 'text' | 'email' | 'password' | 'number';
  autocomplete?: string;
  minLength?: number;
  isCode?: boolean;
  optional?: boolean;
}

export function Field({ label, value, onValue, hint, type = 'text', isCode, optional, ...more }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type={type}
        value={value}
        required={!optional}
        dir={type === 'text' && !isCode ? 'auto' : 'ltr'}
        inputMode={isCode ? 'numeric' : undefined}
        autoCapitalize={type === 'text' && !isCode ? undefined : 'none'}
        spellcheck={false}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onInput={(event) => onValue(event.currentTarget.value)}
        {...more}
      />
      {hint && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}

/** A form that sends once, and says what went wrong. */
export function useSending(): { waiting: boolean; trouble: Trouble | undefined; send(work: () => Promise<void>): void } {
  const [waiting, setWaiting] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const send = (work: () => Promise<void>) => {
    if (waiting) return;
    setWaiting(true);
    setTrouble(undefined);
    work()
      .catch((thrown: unknown) => setTrouble(troubleFrom(thrown)))
      .finally(() => setWaiting(false));
  };
  return { waiting, trouble, send };
}

/** The frame of the pages that stand before the panel. */
export function Entrance({ children, trouble }: { children: ComponentChildren; trouble: Trouble | undefined }) {
  return (
    <section class="entrance">
      {trouble && <TroubleNote trouble={trouble} />}
      {children}
    </section>
  );
}

/** Something that is shown once, with a button that copies it whole. */
export function Once({ title, text, value }: { title: string; text: string; value: string }) {
  const { m } = useWords();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(value);
    setCopied(true);
    announce(m.copied);
  };
  return (
    <div class="card once" role="status">
      <strong>{title}</strong>
      <p class="soft">{text}</p>
      <pre dir="ltr" tabIndex={0} aria-label={title}>
        {value}
      </pre>
      <button type="button" onClick={() => void copy().catch(() => {})}>
        <Icon name={copied ? 'check' : 'copy'} />
        {copied ? m.copied : m.copy}
      </button>
    </div>
  );
}

/** Some of several words, as boxes to tick. */
export function Choice<T extends string>(props: {
  legend: string;
  all: readonly T[];
  chosen: readonly T[];
  words: { [one in T]: string };
  onChosen(chosen: T[]): void;
}) {
  const { legend, all, chosen, words, onChosen } = props;
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      {all.map((one) => (
        <label key={one}>
          <input
            type="checkbox"
            checked={chosen.includes(one)}
            onChange={(event) =>
              onChosen(event.currentTarget.checked ? [...chosen, one] : chosen.filter((other) => other !== one))
            }
          />
          <span>{words[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}
