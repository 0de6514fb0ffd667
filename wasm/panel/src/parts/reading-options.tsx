// What a person can say about the file when it was not understood by itself. Every change is judged again at once.

import type { Options } from 'consentry';
import type { ComponentChildren } from 'preact';
import { useId, useMemo, useState } from 'preact/hooks';

import { COUNTRIES } from '../countries.ts';
import { useWords } from '../messages/words.ts';
import type { Settings } from '../session.ts';
import { Icon } from './icon.tsx';

interface Props {
  settings: Settings;
  open: boolean;
  disabled: boolean;
  onChange(settings: Settings): void;
}

/** Vocabularies worth a name. `published` is the engine's default and therefore says nothing. */
const VOCABULARIES = {
  published: undefined,
  zero: '1=in,0=out',
  words: 'yes=in,no=out',
  turkish: 'evet=in,hayır=out',
} as const;

const DELIMITERS = [',', ';', '\t', '|'] as const;

export function ReadingOptions({ settings, open, disabled, onChange }: Props) {
  const { m, f } = useWords();
  const { options, asOf } = settings;
  const countries = useMemo(() => {
    const named = COUNTRIES.map((iso) => ({ iso, name: f.country(iso) ?? iso }));
    return named.sort((a, b) => f.compare(a.name, b.name));
  }, [f]);
  const set = (part: { [key in keyof Options]?: Options[key] | undefined }) =>
    onChange({ ...settings, options: without(options, part) });

  return (
    <details class="card options" open={open}>
      <summary>
        <Icon name="sliders" />
        <span>{m.options.title}</span>
        <Icon name="chevron" />
      </summary>
      <fieldset disabled={disabled}>
        <legend class="soft">{m.options.text}</legend>
        <Field label={m.options.country}>
          {(id) => (
            <select
              id={id}
              value={options.country ?? ''}
              onChange={(e) => set({ country: e.currentTarget.value || undefined })}
            >
              <option value="">{m.options.noCountry}</option>
              {countries.map(({ iso, name }) => (
                <option key={iso} value={iso}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Vocabulary value={options.permission} onChange={(permission) => set({ permission })} />
        <Field label={m.options.delimiter}>
          {(id) => (
            <select
              id={id}
              value={options.delimiter ?? ''}
              onChange={(e) => set({ delimiter: e.currentTarget.value || undefined })}
            >
              <option value="">{m.options.auto}</option>
              {DELIMITERS.map((sign) => (
                <option key={sign} value={sign}>
                  {m.delimiters[sign]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={m.options.encoding}>
          {(id) => (
            <select
              id={id}
              value={options.encoding ?? ''}
              onChange={(e) => set({ encoding: e.currentTarget.value || undefined })}
            >
              <option value="">{m.options.auto}</option>
              {Object.entries(m.options.encodings).map(([label, name]) => (
                <option key={label} value={label}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={m.options.asOf} hint={m.options.asOfHint}>
          {(id, hint) => (
            <input
              id={id}
              aria-describedby={hint}
              type="date"
              max={today()}
              value={asOf}
              onChange={(e) => onChange({ ...settings, asOf: e.currentTarget.value })}
            />
          )}
        </Field>
        <label class="tick">
          <input
            type="checkbox"
            checked={options.numbers === 'valid'}
            onChange={(e) => set({ numbers: e.currentTarget.checked ? 'valid' : undefined })}
          />
          {m.options.unassigned}
        </label>
      </fieldset>
    </details>
  );
}

function Vocabulary({ value, onChange }: { value: string | undefined; onChange(value: string | undefined): void }) {
  const { m } = useWords();
  const [own, setOwn] = useState(() => !Object.values(VOCABULARIES).some((known) => known === value));
  const named = Object.entries(VOCABULARIES).find(([, known]) => known === value)?.[0];
  return (
    <>
      <Field label={m.options.permission}>
        {(id) => (
          <select
            id={id}
            value={own || named === undefined ? 'own' : named}
            onChange={(e) => {
              const chosen = e.currentTarget.value;
              setOwn(chosen === 'own');
              if (chosen !== 'own') onChange(VOCABULARIES[chosen as keyof typeof VOCABULARIES]);
            }}
          >
            {(['published', 'zero', 'words', 'turkish', 'own'] as const).map((key) => (
              <option key={key} value={key}>
                {m.options.permissions[key]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {own && (
        <Field label={m.options.ownPermission} hint={m.options.ownPermissionHint}>
          {(id, hint) => (
            <input
              id={id}
              aria-describedby={hint}
              type="text"
              autocomplete="off"
              spellcheck={false}
              placeholder="A=in,P=out"
              value={value ?? ''}
              onChange={(e) => onChange(e.currentTarget.value.trim() || undefined)}
            />
          )}
        </Field>
      )}
    </>
  );
}

interface FieldProps {
  label: string;
  hint?: string;
  children: (id: string, hint: string) => ComponentChildren;
}

function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id, `${id}-hint`)}
      {hint && (
        <small id={`${id}-hint`} class="soft">
          {hint}
        </small>
      )}
    </div>
  );
}

/** The options with a part replaced; what is `undefined` goes, because an absent option is the engine's default. */
function without(options: Options, part: { [key in keyof Options]?: Options[key] | undefined }): Options {
  const kept = Object.entries({ ...options, ...part }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as Options;
}

/** Today where the person is, as `YYYY-MM-DD`. */
function today(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}
