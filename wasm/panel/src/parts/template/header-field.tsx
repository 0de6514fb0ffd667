// What stands above the words: a line, a picture, a video, a document or a place.

import { useState } from 'preact/hooks';

import { uploadSample } from '../../api/templates.ts';
import { useWords } from '../../messages/words.ts';
import {
  CHARS_MAX,
  HEADER_FORMATS,
  find,
  withComponent,
  withoutComponent,
  wordAt,
  type HeaderFormat,
} from '../../template/components.ts';
import { get, set, textAt, type JsonObject } from '../../template/document.ts';
import { pictureOf } from '../../template/picture.ts';
import { nextVariable, pruned, variablesIn } from '../../template/variables.ts';
import { troubleFrom, type Trouble } from '../../trouble.ts';
import { announce } from '../announcer.tsx';
import { ProgressBar } from '../figures.tsx';
import { Icon } from '../icon.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import { at, idOf, within, type Editing } from './editing.ts';
import { FindingNotes } from './finding-note.tsx';
import { TextField } from './text-field.tsx';

/** What a sample may be, by header. */
const ACCEPT: { [format: string]: string } = {
  IMAGE: 'image/jpeg,image/png',
  VIDEO: 'video/mp4,video/3gpp',
  DOCUMENT: 'application/pdf',
};

interface Props {
  editing: Editing;
  /** The list of components. */
  list: string;
  isCard: boolean;
}

export function HeaderField({ editing, list, isCard }: Props) {
  const { m } = useWords();
  const here = find(editing.template, list, 'HEADER');
  const format = here === undefined ? '' : wordAt(editing.template, `${here}/format`) || 'TEXT';
  const offered: readonly string[] = isCard ? ['IMAGE', 'VIDEO'] : ['', ...HEADER_FORMATS];
  const choose = (chosen: string) =>
    editing.change((template) => {
      const without = withoutComponent(template, list, 'HEADER');
      if (chosen === '') return without;
      const text = chosen === 'TEXT' && { text: '' };
      return withComponent<JsonObject>(without, list, { type: 'HEADER', format: chosen as HeaderFormat, ...text });
    });
  const id = `${idOf(list)}-header`;
  return (
    <>
      <div class="field">
        <label for={id}>{m.builder.header}</label>
        <select id={id} value={format} onChange={(event) => choose(event.currentTarget.value)}>
          {!offered.includes(format) && <option value={format}>{format}</option>}
          {offered.map((one) => (
            <option key={one} value={one}>
              {m.builder.headers[one as '' | HeaderFormat]}
            </option>
          ))}
        </select>
        {here !== undefined && <FindingNotes editing={editing} findings={at(editing, here, `${here}/format`)} />}
      </div>
      {here !== undefined && format === 'TEXT' && <HeaderText editing={editing} here={here} />}
      {here !== undefined && ACCEPT[format] && <Sample editing={editing} here={here} format={format} />}
    </>
  );
}

function HeaderText({ editing, here }: { editing: Editing; here: string }) {
  const { m } = useWords();
  const text = textAt(editing.template, `${here}/text`);
  const add = () =>
    editing.change((template) => {
      const space = text === '' || /\s$/.test(text) ? '' : ' ';
      return set(template, `${here}/text`, `${text}${space}{{${nextVariable(template, text)}}}`);
    });
  return (
    <div class="with-button">
      <TextField
        editing={editing}
        pointer={`${here}/text`}
        label={m.builder.headerText}
        max={CHARS_MAX.header}
        onBlur={() => editing.change((template) => pruned(template, here, 'header'))}
      />
      {variablesIn(text).length === 0 && (
        <button type="button" class="small-button" onClick={add}>
          <Icon name="plus" />
          {m.builder.addVariable}
        </button>
      )}
    </div>
  );
}

function Sample({ editing, here, format }: { editing: Editing; here: string; format: string }) {
  const { m } = useWords();
  const [waiting, setWaiting] = useState('');
  const [trouble, setTrouble] = useState<Trouble>();
  const id = idOf(`${here}/example`);
  const handle = get(editing.template, `${here}/example/header_handle/0`);
  const upload = async (file: File) => {
    setWaiting(file.name);
    setTrouble(undefined);
    try {
      const [given, picture] = await Promise.all([uploadSample(editing.account, file), pictureOf(file)]);
      if (picture) editing.onPicture(given, picture);
      editing.change((template) => set(template, `${here}/example`, { header_handle: [given] }));
      announce(m.builder.sampleKept);
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
    }
    setWaiting('');
  };
  return (
    <div class="field">
      <label for={id}>{m.builder.sampleFile}</label>
      <input
        id={id}
        type="file"
        accept={ACCEPT[format]}
        aria-describedby={`${id}-hint`}
        disabled={waiting !== ''}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file) void upload(file);
        }}
      />
      <small id={`${id}-hint`} class="soft">
        {typeof handle === 'string' && handle.startsWith('4::') ? m.builder.sampleKept : m.builder.sampleHints[format]}
      </small>
      {waiting !== '' && <ProgressBar label={m.builder.uploading(waiting)} />}
      {trouble && <TroubleNote trouble={trouble} />}
      <FindingNotes editing={editing} findings={within(editing, `${here}/example`)} />
    </div>
  );
}
