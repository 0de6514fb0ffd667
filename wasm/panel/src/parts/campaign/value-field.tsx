// What stands for one variable: an attribute of the person with a default, the same words for everybody, or a file.

import { useId, useState } from 'preact/hooks';

import type { Attribute, Value } from '../../api/campaign-documents.ts';
import { uploadMedia } from '../../api/campaigns.ts';
import { mediaExpiry } from '../../campaign/draft.ts';
import { useWords } from '../../messages/words.ts';
import { pictureOf } from '../../template/picture.ts';
import type { Slot } from '../../template/variables.ts';
import { troubleFrom, type Trouble } from '../../trouble.ts';
import { announce } from '../announcer.tsx';
import { ProgressBar } from '../figures.tsx';
import { TroubleNote } from '../trouble-note.tsx';

/** What can be sent, by header. */
const ACCEPT: { [format: string]: string } = {
  IMAGE: 'image/jpeg,image/png',
  VIDEO: 'video/mp4,video/3gpp',
  DOCUMENT: 'application/pdf',
};
/** Days before its end at which a file's end is warned of. */
const SOON_MS = 3 * 86_400_000;
/** Identifiers that stand beside a person's attributes. */
export const IDENTIFIERS: readonly string[] = ['exid', 'email', 'msisdn', 'wpNumber'];
const EXAMPLES_SHOWN = 3;

interface Props {
  slot: Slot;
  value: Value | undefined;
  attributes: readonly Attribute[];
  onValue(value: Value): void;
}

export function ValueField(props: Props) {
  const { m } = useWords();
  const id = useId();
  const { slot, value } = props;
  const where = `${slot.card > 0 ? `${m.builder.card(slot.card)}, ` : ''}${m.builder.places[slot.place]}`;
  const kind = value && 'text' in value ? 'text' : 'attribute';
  const title = slot.name === '' ? where : `{{${slot.name}}} · ${where}`;
  return (
    <li>
      <div class="apart wrap">
        <p class="variable-name">
          {slot.name !== '' && <code dir="ltr">{`{{${slot.name}}}`}</code>}
          <span class="soft">{where}</span>
        </p>
        <div class="chips" role="group" aria-label={`${m.compose.comesFrom}: ${title}`}>
          {(['attribute', 'text'] as const).map((one) => (
            <button
              key={one}
              type="button"
              class="chip"
              aria-pressed={one === kind}
              onClick={() => one !== kind && props.onValue(one === 'text' ? { text: wordOf(value) } : { attribute: { name: '' } })}
            >
              {m.compose.kinds[one]}
            </button>
          ))}
        </div>
      </div>
      {kind === 'text' ? (
        <div class="field">
          <label for={`${id}-text`}>{m.compose.text}</label>
          <input
            id={`${id}-text`}
            dir="auto"
            autocomplete="off"
            aria-label={`${m.compose.text}: ${title}`}
            value={value && 'text' in value ? value.text : ''}
            onInput={(event) => props.onValue({ text: event.currentTarget.value })}
          />
        </div>
      ) : (
        <FromAttribute id={id} title={title} {...props} />
      )}
    </li>
  );
}

function FromAttribute({ id, title, value, attributes, onValue }: Props & { id: string; title: string }) {
  const { m, f } = useWords();
  const { name, default: otherwise } = value && 'attribute' in value ? value.attribute : { name: '', default: undefined };
  const known = attributes.find((one) => one.name === name);
  const names = [...attributes.map((one) => one.name), ...IDENTIFIERS];
  const set = (next: string, fallback: string | undefined) =>
    onValue({ attribute: { name: next, ...(fallback && { default: fallback }) } });
  return (
    <div class="pair">
      <div class="field">
        <label for={`${id}-attribute`}>{m.compose.attribute}</label>
        <select
          id={`${id}-attribute`}
          aria-label={`${m.compose.attribute}: ${title}`}
          aria-describedby={known ? `${id}-known` : undefined}
          value={name}
          onChange={(event) => set(event.currentTarget.value, otherwise)}
        >
          <option value="">{m.compose.chooseAttribute}</option>
          {!names.includes(name) && name !== '' && <option value={name}>{name}</option>}
          {names.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
        {known && (
          <small id={`${id}-known`} class="soft">
            {m.compose.has(f.number(known.people))}
            {known.examples.length > 0 && (
              <>
                {' · '}
                <bdi>{known.examples.slice(0, EXAMPLES_SHOWN).join(', ')}</bdi>
              </>
            )}
          </small>
        )}
      </div>
      <div class="field">
        <label for={`${id}-default`}>{m.compose.otherwise}</label>
        <input
          id={`${id}-default`}
          dir="auto"
          autocomplete="off"
          aria-label={`${m.compose.otherwise}: ${title}`}
          aria-describedby={`${id}-none`}
          value={otherwise ?? ''}
          onInput={(event) => set(name, event.currentTarget.value)}
        />
        <small id={`${id}-none`} class="soft">
          {otherwise ? m.compose.otherwiseSaid : m.compose.otherwiseNone}
        </small>
      </div>
    </div>
  );
}

interface MediaProps extends Omit<Props, 'attributes'> {
  account: string;
  /** Meta's word for the kind of file. */
  format: string;
  onPicture(id: string, picture: string): void;
}

export function MediaField({ slot, value, onValue, account, format, onPicture }: MediaProps) {
  const { m, f } = useWords();
  const id = useId();
  const [waiting, setWaiting] = useState('');
  const [trouble, setTrouble] = useState<Trouble>();
  const where = `${slot.card > 0 ? `${m.builder.card(slot.card)}, ` : ''}${m.builder.places.media}`;
  const expires = value && 'media' in value ? value.media.expires_at : undefined;
  const isSoon = expires !== undefined && Date.parse(expires) - Date.now() < SOON_MS;
  const upload = async (file: File) => {
    setWaiting(file.name);
    setTrouble(undefined);
    try {
      const [given, picture] = await Promise.all([uploadMedia(account, file), pictureOf(file)]);
      if (picture) onPicture(given, picture);
      onValue({ media: { id: given, expires_at: mediaExpiry(Date.now()) } });
      announce(m.compose.uploaded);
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
    }
    setWaiting('');
  };
  return (
    <li>
      <p class="variable-name">
        <span>{where}</span>
        <span class="soft">{m.bubble.media[format.toLowerCase() as keyof typeof m.bubble.media] ?? ''}</span>
      </p>
      <div class="pair">
        <div class="field">
          <label for={`${id}-file`}>{m.compose.file}</label>
          <input
            id={`${id}-file`}
            type="file"
            accept={ACCEPT[format]}
            aria-label={`${m.compose.file}: ${where}`}
            disabled={waiting !== ''}
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              if (file) void upload(file);
            }}
          />
          <small class={isSoon ? 'warned' : 'soft'}>
            {expires === undefined ? m.compose.fileHint : m.compose.keptUntil(f.moment(expires))}
          </small>
        </div>
        <div class="field">
          <label for={`${id}-link`}>{m.compose.link}</label>
          <input
            id={`${id}-link`}
            type="url"
            dir="ltr"
            autocomplete="off"
            placeholder="https://"
            aria-label={`${m.compose.link}: ${where}`}
            value={value && 'link' in value ? value.link : ''}
            onInput={(event) => onValue({ link: event.currentTarget.value })}
          />
          <small class="soft">{m.compose.linkHint}</small>
        </div>
      </div>
      {waiting !== '' && <ProgressBar label={m.builder.uploading(waiting)} />}
      {trouble && <TroubleNote trouble={trouble} />}
    </li>
  );
}

/** What was written stays when its kind changes. */
function wordOf(value: Value | undefined): string {
  return value && 'attribute' in value ? (value.attribute.default ?? '') : '';
}
