// One condition: what may hold for a person, in the words of whoever writes it. Groups hold conditions of their own.

import type { Condition } from '../../api/campaign-documents.ts';
import {
  bare,
  fresh,
  groupOf,
  kindOf,
  KINDS,
  negated,
  written,
  type Group,
  type Kind,
} from '../../campaign/conditions.ts';
import { flag } from '../../campaign/flags.ts';
import { COUNTRIES } from '../../countries.ts';
import { useWords } from '../../messages/words.ts';
import { Icon } from '../icon.tsx';
import { AgeField, AttributeField, LastField, plain } from './condition-kinds.tsx';
import type { Editing } from './editing.ts';
import { WordsField } from './words-field.tsx';

/** How deep groups stand in groups: more than this nobody reads. */
const DEPTH_MAX = 3;

interface GroupProps {
  editing: Editing;
  condition: Condition | undefined;
  onCondition(condition: Condition | undefined): void;
  /** What the group is called. */
  label: string;
  depth?: number;
}

/** Conditions that are joined by "and" or by "or". */
export function GroupField({ editing, condition, onCondition, label, depth = 0 }: GroupProps) {
  const { m } = useWords();
  const group = groupOf(condition);
  const set = (next: Group) => onCondition(next.of.length > 0 || depth > 0 ? written(next) : undefined);
  const kinds = depth + 1 < DEPTH_MAX ? KINDS : KINDS.filter((kind) => kind !== 'group');
  return (
    <div class={depth > 0 ? 'group is-inner' : 'group'} role="group" aria-label={label}>
      {group.of.length > 1 && (
        <div class="chips joined" role="group" aria-label={m.audience.joinedBy}>
          {(['all', 'any'] as const).map((joined) => (
            <button key={joined} type="button" class="chip" aria-pressed={joined === group.joined} onClick={() => set({ ...group, joined })}>
              {m.audience.joined[joined]}
            </button>
          ))}
        </div>
      )}
      {group.of.length > 0 && (
        <ul class="conditions">
          {group.of.map((one, at) => (
            <li key={at}>
              {at > 0 && (
                <span class="joint" aria-hidden="true">
                  {m.audience.joints[group.joined]}
                </span>
              )}
              <ConditionField
                editing={editing}
                condition={one}
                depth={depth}
                onCondition={(next) => set({ ...group, of: group.of.map((other, n) => (n === at ? next : other)) })}
                onRemove={() => set({ ...group, of: group.of.filter((_, n) => n !== at) })}
              />
            </li>
          ))}
        </ul>
      )}
      <div class="add-button">
        <select
          aria-label={`${m.audience.add}: ${label}`}
          value=""
          onChange={(event) => {
            const kind = event.currentTarget.value as Kind;
            event.currentTarget.value = '';
            set({ ...group, of: [...group.of, fresh(kind)] });
          }}
        >
          <option value="">+ {m.audience.add}</option>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {m.audience.kinds[kind]}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

interface Props {
  editing: Editing;
  condition: Condition;
  depth: number;
  onCondition(condition: Condition): void;
  onRemove(): void;
}

function ConditionField({ editing, condition, depth, onCondition, onRemove }: Props) {
  const { m } = useWords();
  const { isNot, inner } = bare(condition);
  const name = m.audience.kinds[kindOf(inner)];
  return (
    <div class={isNot ? 'condition is-not' : 'condition'}>
      <div class="condition-top">
        <strong>{name}</strong>
        <button
          type="button"
          class="chip not"
          aria-pressed={isNot}
          aria-label={`${m.audience.not}: ${name}`}
          onClick={() => onCondition(negated(inner, !isNot))}
        >
          {m.audience.not}
        </button>
        <button type="button" class="arrow" title={m.audience.remove} aria-label={`${m.audience.remove}: ${name}`} onClick={onRemove}>
          <Icon name="bin" />
        </button>
      </div>
      <Inner editing={editing} condition={inner} depth={depth} name={name} onCondition={(next) => onCondition(negated(next, isNot))} />
    </div>
  );
}

function Inner({ editing, condition, depth, name, onCondition }: Omit<Props, 'onRemove'> & { name: string }) {
  const { m, f } = useWords();
  if ('all' in condition || 'any' in condition) {
    const set = (next: Condition | undefined) => onCondition(next ?? { any: [] });
    return <GroupField editing={editing} condition={condition} depth={depth + 1} label={m.audience.innerGroup} onCondition={set} />;
  }
  if ('attribute' in condition) {
    return <AttributeField editing={editing} of={condition.attribute} onOf={(attribute) => onCondition({ attribute })} />;
  }
  if ('country' in condition) {
    const offers = COUNTRIES.map((iso) => ({ value: iso, name: f.country(iso) ?? iso, sign: flag(iso) })).sort((a, b) =>
      f.compare(a.name, b.name),
    );
    return (
      <WordsField label={name} hint={m.audience.countryHint} only values={condition.country} offers={offers} onValues={(country) => onCondition({ country })} />
    );
  }
  if ('import' in condition) {
    const offers = editing.imports
      .filter(({ state }) => state === 'committed')
      .map((doc) => ({ value: doc.import, name: `${doc.file.name ?? m.history.unnamed} · ${f.moment(doc.received_at)}` }));
    return (
      <WordsField label={name} hint={m.audience.importHint} only values={condition.import} offers={offers} onValues={(chosen) => onCondition({ import: chosen })} />
    );
  }
  if ('tag' in condition) {
    const tags = editing.attributes.find((one) => one.name === 'tags')?.examples ?? [];
    const offers = [...new Set(tags.flatMap((one) => one.split(/[,;]/)).map((one) => one.trim()))].filter(Boolean);
    return (
      <WordsField label={name} hint={m.audience.tagHint} values={condition.tag} offers={plain(offers)} onValues={(tag) => onCondition({ tag })} />
    );
  }
  if ('last_message' in condition) {
    return <LastField of={condition.last_message} onOf={(last_message) => onCondition({ last_message })} />;
  }
  if ('consent_age' in condition) {
    return <AgeField of={condition.consent_age} onOf={(consent_age) => onCondition({ consent_age })} />;
  }
  if ('segment' in condition) {
    return (
      <select aria-label={name} value={condition.segment} onChange={(event) => onCondition({ segment: event.currentTarget.value })}>
        <option value="">{editing.segments.length === 0 ? m.audience.noSegments : m.audience.chooseSegment}</option>
        {editing.segments.map((one) => (
          <option key={one.name} value={one.name}>
            {one.name}
          </option>
        ))}
      </select>
    );
  }
  return null;
}
