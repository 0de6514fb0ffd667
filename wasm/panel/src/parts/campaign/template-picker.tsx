// Chooses a template. Those that cannot be sent are shown as well, with why not.

import { useId, useState } from 'preact/hooks';

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
        <button type="button" class="small-button" onClick={() => setOpen(true)}>
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
              <label class="pick">
                <input
                  type="radio"
                  name={`${id}-template`}
                  value={key}
                  disabled={!one.sendable}
                  checked={one === chosen}
                  onChange={() => {
                    onChosen(one);
                    setOpen(false);
                  }}
                />
                <span class="pick-what">
                  <span class="template-tags">
                    <strong dir="ltr">{one.name}</strong>
                    <span class="soft">{languageName(one.language, lang)}</span>
                    {!one.sendable && <StatusBadge status={one.status} />}
                    <QualityBadge quality={one.quality} />
                  </span>
                  <span class="soft template-text" dir="auto">
                    {wordsOf(one.template, 'BODY') ?? ''}
                  </span>
                  <WhyNot of={one} />
                </span>
              </label>
            </li>
          );
        })}
        {found.length === 0 && <li class="soft">{m.templates.noHit}</li>}
      </ul>
    </div>
  );
}
