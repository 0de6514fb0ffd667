// One of Meta's 111 languages, found by typing its name or its code.

import { useId, useMemo, useRef, useState } from 'preact/hooks';

import { useWords } from '../../messages/words.ts';
import { LANGUAGE_CODES, languageName } from '../../template/languages.ts';
import { idOf } from './editing.ts';

interface Props {
  value: string;
  onChange(code: string): void;
  /** Those that are taken already. */
  taken?: readonly string[];
  disabled?: boolean;
  describedBy?: string;
}

export function LanguagePicker({ value, onChange, taken = [], disabled, describedBy }: Props) {
  const { m, f, lang } = useWords();
  const list = useId();
  const id = idOf('/language');
  const [typed, setTyped] = useState<string>();
  const [active, setActive] = useState(0);
  const box = useRef<HTMLUListElement>(null);
  const languages = useMemo(() => {
    const named = LANGUAGE_CODES.map((code) => ({ code, name: languageName(code, lang) }));
    return named.sort((a, b) => f.compare(a.name, b.name));
  }, [lang]);
  const shownName = (code: string) => (code === '' ? '' : `${languageName(code, lang)} (${code})`);
  const wanted = (typed ?? '').trim().toLocaleLowerCase(lang);
  const found = languages
    .filter(({ code }) => !taken.includes(code) || code === value)
    .filter(({ code, name }) => name.toLocaleLowerCase(lang).includes(wanted) || code.toLowerCase().startsWith(wanted.replace('-', '_')));
  const open = typed !== undefined;

  const choose = (code: string | undefined) => {
    setTyped(undefined);
    if (code !== undefined && code !== value) onChange(code);
  };
  const turn = (to: number) => {
    const next = (to + found.length) % Math.max(1, found.length);
    setActive(next);
    box.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!open) setTyped('');
      else turn(active + (event.key === 'ArrowDown' ? 1 : -1));
    } else if (event.key === 'Enter' && open) {
      event.preventDefault();
      choose(found[active]?.code);
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      setTyped(undefined);
    }
  };
  return (
    <div class="picker">
      <input
        id={id}
        role="combobox"
        aria-expanded={open}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={open && found[active] ? `${list}-${found[active].code}` : undefined}
        aria-describedby={describedBy}
        autocomplete="off"
        spellcheck={false}
        disabled={disabled}
        placeholder={m.builder.languageHint}
        value={typed ?? shownName(value)}
        onClick={() => setTyped((now) => now ?? '')}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setTyped(undefined)}
      />
      <ul id={list} ref={box} role="listbox" aria-label={m.builder.language} hidden={!open}>
        {open &&
          found.map(({ code, name }, at) => (
            <li
              key={code}
              id={`${list}-${code}`}
              role="option"
              aria-selected={at === active}
              // Before the input loses the focus, which closes the list.
              onMouseDown={(event) => {
                event.preventDefault();
                choose(code);
              }}
            >
              <span>{name}</span> <code>{code}</code>
            </li>
          ))}
        {open && found.length === 0 && <li class="soft">{m.builder.noLanguage}</li>}
      </ul>
    </div>
  );
}
