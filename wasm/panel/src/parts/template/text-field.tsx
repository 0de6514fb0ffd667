// A field of the template: its label, how long it may be, and what is wrong with it, tied together for every reader.

import type { ComponentChildren } from 'preact';

import { useWords } from '../../messages/words.ts';
import { set, textAt } from '../../template/document.ts';
import { at, idOf, type Editing } from './editing.ts';
import { FindingNotes } from './finding-note.tsx';

/** Marks of an input that is tied to its findings. */
export interface Ties {
  id: string;
  'aria-describedby': string;
  'aria-invalid': boolean;
}

interface PlaceProps {
  editing: Editing;
  pointer: string;
  label: string;
  hint?: string | undefined;
  /** Characters used, and allowed. */
  count?: readonly [used: number, max: number];
  /** Further places whose findings belong here. */
  also?: readonly string[];
  children: (ties: Ties) => ComponentChildren;
}

export function Place({ editing, pointer, label, hint, count, also = [], children }: PlaceProps) {
  const { m, f } = useWords();
  const id = idOf(pointer);
  const findings = at(editing, pointer, ...also);
  const ties = {
    id,
    'aria-describedby': `${id}-hint ${id}-said`,
    'aria-invalid': findings.some(({ severity }) => severity === 'error'),
  };
  return (
    <div class="field">
      <div class="apart">
        <label for={id}>{label}</label>
        {count && (
          <span class={count[0] > count[1] ? 'count-along is-over' : 'count-along'}>
            <span class="unseen">{m.builder.characters} </span>
            {f.number(count[0])} / {f.number(count[1])}
          </span>
        )}
      </div>
      {children(ties)}
      {hint && (
        <small id={`${id}-hint`} class="soft">
          {hint}
        </small>
      )}
      <FindingNotes editing={editing} findings={findings} id={`${id}-said`} />
    </div>
  );
}

interface TextProps extends Omit<PlaceProps, 'children' | 'count'> {
  max?: number;
  placeholder?: string;
  type?: 'text' | 'url' | 'tel';
  dir?: 'auto' | 'ltr';
  readOnly?: boolean;
  onBlur?: () => void;
}

/** One line of text at a place of the document. */
export function TextField({ max, placeholder, type = 'text', dir = 'auto', readOnly, onBlur, ...place }: TextProps) {
  const { editing, pointer } = place;
  const text = textAt(editing.template, pointer);
  return (
    <Place {...place} {...(max !== undefined && { count: [chars(text), max] as const })}>
      {(ties) => (
        <input
          {...ties}
          type={type === 'url' ? 'text' : type}
          inputMode={type}
          dir={dir}
          autocomplete="off"
          spellcheck={type === 'text'}
          placeholder={placeholder}
          readOnly={readOnly}
          value={text}
          onInput={(event) => {
            const { value } = event.currentTarget;
            editing.change((template) => set(template, pointer, value));
          }}
          onBlur={onBlur}
        />
      )}
    </Place>
  );
}

/** Characters as Meta counts them: code points, not halves of an emoji. */
export function chars(text: string): number {
  return [...text].length;
}
