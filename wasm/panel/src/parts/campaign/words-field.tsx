// Several words in one field: each becomes a chip with Enter or a comma, and goes again with its button. Words can be
// chosen from those that are known, or only from those.

import { useId, useRef, useState } from 'preact/hooks';

import { useWords } from '../../messages/words.ts';
import { Icon } from '../icon.tsx';

export interface Offer {
  value: string;
  name: string;
  /** A sign before the name. */
  sign?: string;
}

interface Props {
  label: string;
  values: readonly string[];
  onValues(values: string[]): void;
  offers: readonly Offer[];
  /** Nothing else than what is offered can be chosen. */
  only?: boolean;
  hint?: string;
}

/** Offers that are shown at a time. */
const SHOWN_MAX = 60;

export function WordsField({ label, values, onValues, offers, only, hint }: Props) {
  const { m } = useWords();
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const [active, setActive] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLUListElement>(null);
  const wanted = folded(typed ?? '');
  const found = offers
    .filter(({ value }) => !values.includes(value))
    .filter(({ value, name }) => folded(name).includes(wanted) || folded(value).startsWith(wanted))
    // What begins with it comes before what only has it somewhere.
    .sort((a, b) => Number(folded(b.name).startsWith(wanted)) - Number(folded(a.name).startsWith(wanted)))
    .slice(0, SHOWN_MAX);
  const open = typed !== undefined && found.length > 0;
  const add = (value: string | undefined) => {
    setTyped('');
    setActive(-1);
    if (value !== undefined && value !== '' && !values.includes(value)) onValues([...values, value]);
  };
  const take = () => {
    const chosen = found[active] ?? (only ? found[0] : undefined);
    if (wanted === '' && active < 0) return;
    if (chosen) add(chosen.value);
    else if (!only) add((typed ?? '').trim());
  };
  const turn = (step: number) => {
    const next = (active + step + found.length) % Math.max(1, found.length);
    setActive(next);
    box.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (typed === undefined) setTyped('');
      else turn(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter' || (event.key === ',' && !only)) {
      event.preventDefault();
      take();
    } else if (event.key === 'Escape' && typed !== undefined) {
      event.preventDefault();
      setTyped(undefined);
    } else if (event.key === 'Backspace' && (typed ?? '') === '') onValues(values.slice(0, -1));
  };
  const named = (value: string) => offers.find((one) => one.value === value) ?? { value, name: value };
  return (
    <div class="words-field picker">
      <div class="words-box" onClick={() => input.current?.focus()}>
        {values.map((value) => {
          const { name, sign } = named(value);
          return (
            <span key={value} class="word">
              {sign && <span aria-hidden="true">{sign}</span>}
              <bdi>{name}</bdi>
              <button
                type="button"
                aria-label={m.audience.removeWord(name)}
                onClick={(event) => {
                  event.stopPropagation();
                  onValues(values.filter((one) => one !== value));
                  input.current?.focus();
                }}
              >
                ×
              </button>
            </span>
          );
        })}
        <input
          ref={input}
          role="combobox"
          aria-label={label}
          aria-expanded={open}
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={open && active >= 0 ? `${id}-${active}` : undefined}
          dir="auto"
          autocomplete="off"
          spellcheck={false}
          placeholder={values.length === 0 ? (hint ?? label) : undefined}
          value={typed ?? ''}
          onClick={() => setTyped((now) => now ?? '')}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setActive(-1);
          }}
          onKeyDown={onKeyDown}
          onBlur={() => {
            // What was typed counts, also when somebody goes on without Enter.
            if (!only) take();
            setTyped(undefined);
            setActive(-1);
          }}
        />
        <Icon name="chevron" />
      </div>
      <ul id={id} ref={box} role="listbox" aria-label={label} hidden={!open}>
        {open &&
          found.map(({ value, name, sign }, at) => (
            <li
              key={value}
              id={`${id}-${at}`}
              role="option"
              aria-selected={at === active}
              // Before the input loses the focus, which closes the list.
              onMouseDown={(event) => {
                event.preventDefault();
                add(value);
              }}
            >
              <span>
                {sign && <span aria-hidden="true">{sign}</span>}
                <bdi>{name}</bdi>
              </span>
              {name !== value && <code>{value}</code>}
            </li>
          ))}
      </ul>
    </div>
  );
}

/** Without case and marks, so that `turkiye` finds `Türkiye`. */
function folded(text: string): string {
  return text.trim().toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ı', 'i');
}
