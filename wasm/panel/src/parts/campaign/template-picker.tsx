// Chooses a template. Those that cannot be sent are shown as well, with why not.

import { useEffect, useId, useRef, useState } from 'preact/hooks';

import type { TemplateDoc } from '../../api/templates.ts';
import { useWords } from '../../messages/words.ts';
import { wordsOf } from '../../template/components.ts';
import { languageName } from '../../template/languages.ts';
import { Icon } from '../icon.tsx';
import { CategoryBadge, QualityBadge, StatusBadge, WhyNot } from '../template/status.tsx';

interface Props {
  templates: readonly TemplateDoc[];
  chosen: TemplateDoc | undefined;
  onChosen(doc: TemplateDoc): void;
}

export function TemplatePicker({ templates, chosen, onChosen }: Props) {
  const { m, lang } = useWords();
  const id = useId();
  const [open, setOpen] = useState(chosen === undefined);
  const [q, setQ] = useState('');
  const hasChosen = useRef(false);
  const reopen = useRef<HTMLButtonElement>(null);
  // What was clicked is gone; the keyboard goes on where the choice stands.
  useEffect(() => {
    if (!open && hasChosen.current) reopen.current?.focus({ preventScroll: true });
  }, [open]);
  if (chosen && !open) {
    return (
      <div class="chosen-template">
        <span class="template-tags">
          <strong dir="ltr">{chosen.name}</strong>
          <span class="soft">{languageName(chosen.language, lang)}</span>
          <CategoryBadge category={chosen.category} />
          <StatusBadge status={chosen.status} />
          <QualityBadge quality={chosen.quality} />
        </span>
        <button ref={reopen} type="button" class="small-button" onClick={() => setOpen(true)}>
          {m.compose.another}
        </button>
        {!chosen.sendable && <WhyNot of={chosen} />}
      </div>
    );
  }
  const wanted = q.trim().toLocaleLowerCase(lang);
  const found = templates
    .filter(
      (one) =>
        wanted === '' ||
        one.name.includes(wanted.replaceAll(' ', '_')) ||
        languageName(one.language, lang).toLocaleLowerCase(lang).includes(wanted) ||
        (wordsOf(one.template, 'BODY') ?? '').toLocaleLowerCase(lang).includes(wanted),
    )
    // What can be sent comes first.
    .sort((a, b) => Number(b.sendable) - Number(a.sendable) || a.name.localeCompare(b.name));
  return (
    <div class="template-picker">
      <div class="search">
        <label class="unseen" for={`${id}-q`}>
          {m.templates.search}
        </label>
        <Icon name="search" />
        <input
          id={`${id}-q`}
          type="search"
          autocomplete="off"
          placeholder={m.templates.searchHint}
          value={q}
          onInput={(event) => setQ(event.currentTarget.value)}
        />
      </div>
      <ul class="pick-list" aria-label={m.compose.template}>
        {found.map((one) => {
          const key = `${one.name}/${one.language}`;
          return (
            <li key={key} class={one.sendable ? '' : 'is-barred'}>
              <button
                type="button"
                class="pick"
                disabled={!one.sendable}
                aria-pressed={one === chosen}
                onClick={() => {
                  onChosen(one);
                  setOpen(false);
                  hasChosen.current = true;
                }}
              >
                <span class="template-tags">
                  <strong dir="ltr">{one.name}</strong>
                  <span class="soft">{languageName(one.language, lang)}</span>
                  {!one.sendable && <StatusBadge status={one.status} />}
                  <QualityBadge quality={one.quality} />
                </span>
                <span class="soft template-text" dir="auto">
                  {wordsOf(one.template, 'BODY') ?? ''}
                </span>
              </button>
              <WhyNot of={one} />
            </li>
          );
        })}
        {found.length === 0 && <li class="soft">{m.templates.noHit}</li>}
      </ul>
    </div>
  );
}
