// Everything that differs from person to person: what reviewers see there, and where the real value comes from.

import { useId } from 'preact/hooks';

import { useWords } from '../../messages/words.ts';
import { isNamed, renamed, slots, withExample, type Slot, type Source, type Sources } from '../../template/variables.ts';
import { idOf, within, type Editing } from './editing.ts';
import { FindingNotes } from './finding-note.tsx';

interface Props {
  editing: Editing;
  sources: Sources;
  onSources(next: Sources): void;
  /** Attributes that profiles have. */
  attributes: readonly string[];
}

export function VariablesField({ editing, sources, onSources, attributes }: Props) {
  const { m } = useWords();
  const list = useId();
  const all = slots(editing.template);
  return (
    <section class="card builder-part" aria-labelledby="variables">
      <h2 id="variables">{m.builder.variables}</h2>
      <p class="soft">{all.length === 0 ? m.builder.noVariables : m.builder.variablesText}</p>
      <datalist id={list}>
        {attributes.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <ul class="variable-list">
        {all.map((slot, n) => (
          <OneVariable
            key={slot.key}
            slot={slot}
            isFirst={slot.place !== 'media' && all[n - 1]?.at !== slot.at}
            isLast={slot.place !== 'media' && all[n + 1]?.at !== slot.at}
            editing={editing}
            list={list}
            source={sources[slot.key] ?? {}}
            onSource={(next) => onSources(withSource(sources, slot.key, next))}
            onRename={(to) => {
              const [template, moved] = renamed(editing.template, sources, slot, to);
              editing.change(() => template);
              onSources(moved);
            }}
          />
        ))}
      </ul>
    </section>
  );
}

interface OneProps {
  slot: Slot;
  /** Of those that have their examples at one place. */
  isFirst: boolean;
  isLast: boolean;
  editing: Editing;
  list: string;
  source: Source;
  onSource(next: Source): void;
  onRename(to: string): void;
}

function OneVariable({ slot, isFirst, isLast, editing, list, source, onSource, onRename }: OneProps) {
  const { m } = useWords();
  const id = useId();
  const where = `${slot.card > 0 ? `${m.builder.card(slot.card)}, ` : ''}${m.builder.places[slot.place]}`;
  const title = slot.name === '' ? where : `{{${slot.name}}} · ${where}`;
  const canRename = isNamed(editing.template) && (slot.place === 'header' || slot.place === 'body');
  const input = (name: string, label: string, value: string, onInput: (value: string) => void, listed = false) => (
    <div class="field">
      <label for={`${id}-${name}`}>{label}</label>
      <input
        id={`${id}-${name}`}
        dir="auto"
        autocomplete="off"
        list={listed ? list : undefined}
        value={value}
        aria-label={`${label}: ${title}`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  );
  return (
    <li id={isFirst ? idOf(`${slot.at}/example`) : undefined} tabIndex={-1}>
      <p class="variable-name">
        {slot.name !== '' && <code dir="ltr">{`{{${slot.name}}}`}</code>}
        <span class="soft">{where}</span>
      </p>
      <div class="trio">
        {canRename && (
          <div class="field">
            <label for={`${id}-name`}>{m.builder.variableName}</label>
            <input
              id={`${id}-name`}
              dir="ltr"
              autocomplete="off"
              spellcheck={false}
              defaultValue={slot.name}
              aria-label={`${m.builder.variableName}: ${title}`}
              onChange={(event) => onRename(event.currentTarget.value.trim())}
            />
          </div>
        )}
        {slot.place !== 'media' &&
          input('example', m.builder.sample, slot.example ?? '', (value) =>
            editing.change((template) => withExample(template, slot, value)),
          )}
        {input('attribute', m.builder.attribute, source.attribute ?? '', (attribute) => onSource({ ...source, attribute }), true)}
        {input('default', slot.place === 'media' ? m.builder.defaultLink : m.builder.default, source.default ?? '', (value) =>
          onSource({ ...source, default: value }),
        )}
      </div>
      {isLast && <FindingNotes editing={editing} findings={within(editing, `${slot.at}/example`)} />}
    </li>
  );
}

/** What is empty is not kept: no attribute and no default say nothing. */
function withSource(sources: Sources, key: string, source: Source): Sources {
  const kept = Object.entries(source).filter(([, value]) => value !== '');
  const others = Object.entries(sources).filter(([name]) => name !== key);
  return Object.fromEntries(kept.length > 0 ? [...others, [key, Object.fromEntries(kept)]] : others) as Sources;
}
