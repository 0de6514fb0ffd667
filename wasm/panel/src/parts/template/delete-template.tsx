// Deletes a template: says what that does, and wants its name typed, because nobody gets it back for weeks.

import { useRef, useState } from 'preact/hooks';

import { deleteTemplate, forgetDraft, type TemplateDoc } from '../../api/templates.ts';
import { useWords } from '../../messages/words.ts';
import { go } from '../../router.ts';
import { languageName } from '../../template/languages.ts';
import { troubleFrom, type Trouble } from '../../trouble.ts';
import { announce } from '../announcer.tsx';
import { ProgressBar } from '../figures.tsx';
import { Icon } from '../icon.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import { MetaSaid } from './meta-said.tsx';

interface Props {
  /** One language, or all of them. */
  of: readonly TemplateDoc[];
  onDeleted: () => void;
}

export function DeleteTemplate({ of, onDeleted }: Props) {
  const { m, lang } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const [typed, setTyped] = useState('');
  const [waiting, setWaiting] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const [first] = of;
  if (!first) return null;
  const { account, name } = first;
  const isAll = of.length > 1;
  const language = languageName(first.language, lang);
  const isDraft = of.every(({ status }) => status === 'DRAFT');
  const id = `delete-${isAll ? 'all' : first.language}`;
  const label = isAll ? m.template.deleteAll : m.template.delete;

  const work = async () => {
    if (waiting || typed !== name) return;
    setWaiting(true);
    setTrouble(undefined);
    try {
      // Of a draft, Meta knows nothing.
      if (isDraft) for (const one of of) await forgetDraft(one);
      else await deleteTemplate(account, name, isAll ? undefined : first.language);
      dialog.current?.close();
      announce(m.template.deleted(name));
      if (isAll) go('/templates');
      else onDeleted();
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
    }
    setWaiting(false);
  };
  return (
    <>
      <button
        type="button"
        aria-label={isAll ? label : `${label}: ${language}`}
        onClick={() => {
          setTyped('');
          setTrouble(undefined);
          dialog.current?.showModal();
          title.current?.focus();
        }}
      >
        <Icon name="bin" />
        {label}
      </button>
      <dialog ref={dialog} class="take-back" aria-labelledby={`${id}-title`} onCancel={(event) => waiting && event.preventDefault()}>
        <form
          aria-busy={waiting}
          onSubmit={(event) => {
            event.preventDefault();
            void work();
          }}
        >
          <h2 id={`${id}-title`} ref={title} tabIndex={-1}>
            {isAll ? m.template.deleteAllTitle(of.length) : m.template.deleteTitle(language)}
          </h2>
          <p>{isDraft ? m.template.deleteDraftText : m.template.deleteText}</p>
          {trouble && (trouble.meta ? <MetaSaid refusal={trouble.meta} /> : <TroubleNote trouble={trouble} />)}
          <div class="field">
            <label for={`${id}-name`}>
              {m.template.typeName} <code>{name}</code>
            </label>
            <input
              id={`${id}-name`}
              dir="ltr"
              autocomplete="off"
              spellcheck={false}
              value={typed}
              readOnly={waiting}
              onInput={(event) => setTyped(event.currentTarget.value.trim())}
            />
          </div>
          {waiting && <ProgressBar label={m.template.deleting} />}
          <p class="actions">
            <button type="button" disabled={waiting} onClick={() => dialog.current?.close()}>
              {m.template.keepIt}
            </button>
            <button type="submit" class="danger" disabled={waiting || typed !== name}>
              {label}
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}
