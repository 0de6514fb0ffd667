// The words of a message: written plainly, with buttons for the marks that WhatsApp understands and for variables.

import { useLayoutEffect, useRef } from 'preact/hooks';

import { useWords } from '../../messages/words.ts';
import { CHARS_MAX } from '../../template/components.ts';
import { set, textAt } from '../../template/document.ts';
import { directionOf } from '../../template/languages.ts';
import { nextVariable, pruned } from '../../template/variables.ts';
import { Icon } from '../icon.tsx';
import type { Editing } from './editing.ts';
import { chars, Place } from './text-field.tsx';

/** What is put before and after the words that are selected. */
const MARKS = {
  bold: ['*', '*'],
  italic: ['_', '_'],
  strike: ['~', '~'],
  code: ['`', '`'],
  list: ['\n- ', ''],
} as const;

interface Props {
  editing: Editing;
  /** Of the component. */
  component: string;
  isCard: boolean;
}

export function BodyField({ editing, component, isCard }: Props) {
  const { m } = useWords();
  const area = useRef<HTMLTextAreaElement>(null);
  const select = useRef<readonly [number, number]>();
  const pointer = `${component}/text`;
  const text = textAt(editing.template, pointer);
  const write = (value: string) => editing.change((template) => set(template, pointer, value));

  useLayoutEffect(() => {
    if (!select.current || !area.current) return;
    area.current.focus();
    area.current.setSelectionRange(...select.current);
    select.current = undefined;
  }, [text]);

  const put = (before: string, after: string) => {
    const { selectionStart: start, selectionEnd: end } = area.current ?? { selectionStart: text.length, selectionEnd: text.length };
    const inside = text.slice(start, end);
    // A list begins on its own line, and the first line of a text already is one.
    const lead = before.startsWith('\n') && (start === 0 || text[start - 1] === '\n') ? before.slice(1) : before;
    select.current = [start + lead.length, start + lead.length + inside.length];
    write(text.slice(0, start) + lead + inside + after + text.slice(end));
  };
  const addVariable = () => {
    const { selectionEnd: end } = area.current ?? { selectionEnd: text.length };
    const variable = `{{${nextVariable(editing.template, text)}}}`;
    const space = end > 0 && !/\s$/.test(text.slice(0, end)) ? ' ' : '';
    const after = end + space.length + variable.length;
    select.current = [after, after];
    write(text.slice(0, end) + space + variable + text.slice(end));
  };
  return (
    <Place
      editing={editing}
      pointer={pointer}
      also={[component]}
      label={isCard ? m.builder.cardBody : m.builder.body}
      count={[chars(text), isCard ? CHARS_MAX.card : CHARS_MAX.body]}
    >
      {(ties) => (
        <div class="writing">
          <div class="marks" role="toolbar" aria-label={m.builder.marks.label}>
            {(Object.keys(MARKS) as (keyof typeof MARKS)[]).map((mark) => (
              <button
                key={mark}
                type="button"
                class={`mark is-${mark}`}
                title={m.builder.marks[mark]}
                aria-label={m.builder.marks[mark]}
                onClick={() => put(MARKS[mark][0], MARKS[mark][1])}
              >
                {mark === 'list' ? <Icon name="menu" /> : <span aria-hidden="true">{mark === 'code' ? '‹›' : mark[0]?.toUpperCase()}</span>}
              </button>
            ))}
            <button type="button" class="mark add-variable" onClick={addVariable}>
              <Icon name="plus" />
              {m.builder.addVariable}
            </button>
          </div>
          <textarea
            {...ties}
            ref={area}
            rows={isCard ? 3 : 6}
            dir={directionOf(textAt(editing.template, '/language'))}
            placeholder={m.builder.bodyHint}
            value={text}
            onInput={(event) => write(event.currentTarget.value)}
            onBlur={() => editing.change((template) => pruned(template, component, 'body'))}
          />
        </div>
      )}
    </Place>
  );
}
