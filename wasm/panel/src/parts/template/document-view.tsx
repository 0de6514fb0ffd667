// The document itself: parts that have no fields of their own, kept as they came, and all of it as text for whoever
// wants to write that.

import { useState } from 'preact/hooks';

import { useWords } from '../../messages/words.ts';
import { others } from '../../template/components.ts';
import { get, isObject, remove, type JsonObject } from '../../template/document.ts';
import { Icon } from '../icon.tsx';
import { idOf, within, type Editing } from './editing.ts';
import { FindingNotes } from './finding-note.tsx';

export function KeptParts({ editing }: { editing: Editing }) {
  const { m } = useWords();
  const kept = others(editing.template, '/components');
  if (kept.length === 0) return null;
  return (
    <section class="card builder-part" aria-labelledby="kept">
      <h2 id="kept">{m.builder.kept}</h2>
      <p class="soft">{m.builder.keptText}</p>
      <ul class="kept-parts">
        {kept.map(({ at, kind }) => (
          <li key={at} id={idOf(at)} tabIndex={-1}>
            <div class="apart">
              <code>{kind}</code>
              <button type="button" class="link" onClick={() => editing.change((template) => remove(template, at))}>
                {m.builder.remove}
              </button>
            </div>
            <pre dir="ltr">{JSON.stringify(get(editing.template, at), null, 2)}</pre>
            <FindingNotes editing={editing} findings={within(editing, at)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

export function DocumentText({ editing }: { editing: Editing }) {
  const { m } = useWords();
  const [open, setOpen] = useState(false);
  /** What somebody writes, and the document that it stands for, or stood for before it could no longer be read. */
  const [written, setWritten] = useState<{ text: string; of: JsonObject; wrong: string }>();
  const isOwn = written?.of === editing.template;
  const text = !open ? '' : isOwn ? written.text : JSON.stringify(editing.template, null, 2);
  const wrong = isOwn ? written.wrong : '';
  const write = (value: string) => {
    try {
      const parsed: unknown = JSON.parse(value);
      if (!isObject(parsed)) return setWritten({ text: value, of: editing.template, wrong: m.builder.notAnObject });
      setWritten({ text: value, of: parsed, wrong: '' });
      editing.change(() => parsed);
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      setWritten({ text: value, of: editing.template, wrong: why });
    }
  };
  return (
    <details class="card options" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="sheet" />
        <span>{m.builder.json}</span>
        <Icon name="chevron" />
      </summary>
      <div class="field">
        <label for="document-text" class="soft">
          {m.builder.jsonText}
        </label>
        <textarea
          id="document-text"
          class="document-text"
          dir="ltr"
          rows={18}
          spellcheck={false}
          aria-invalid={wrong !== ''}
          aria-describedby="document-text-said"
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
        />
        <p id="document-text-said" class="is-error" role="status">
          {wrong && `${m.builder.jsonWrong} ${wrong}`}
        </p>
      </div>
    </details>
  );
}
