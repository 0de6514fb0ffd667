// One condition: what may hold for a person, in the words of whoever writes it. Groups hold conditions of their own.

import { useId } from 'preact/hooks';

import type { Age, AttributeIs, Condition, LastMessage, LastStatus } from '../../api/campaigns.ts';
import {
  bare,
  compared,
  fresh,
  groupOf,
  kindOf,
  KINDS,
  negated,
  operatorOf,
  OPERATORS,
  written,
  type Group,
  type Kind,
  type Operator,
} from '../../campaign/conditions.ts';
import { flag } from '../../campaign/flags.ts';
import { COUNTRIES } from '../../countries.ts';
import { useWords } from '../../messages/words.ts';
import { Icon } from '../icon.tsx';
import type { Editing } from './editing.ts';
import { IDENTIFIERS } from './value-field.tsx';
import { WordsField } from './words-field.tsx';

/** How deep groups stand in groups: more than this nobody reads. */
const DEPTH_MAX = 3;
const STATUSES: readonly LastStatus[] = ['none', 'accepted', 'sent', 'delivered', 'read', 'replied', 'clicked', 'failed', 'unknown'];

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

function AttributeField({ editing, of, onOf }: { editing: Editing; of: AttributeIs; onOf(next: AttributeIs): void }) {
  const { m } = useWords();
  const known = editing.attributes.find((one) => one.name === of.name);
  const names = [...editing.attributes.map((one) => one.name), ...IDENTIFIERS.filter((one) => one !== 'wpNumber')];
  const operator = operatorOf(of);
  const word = of.contains ?? of.begins ?? of.at_least ?? of.at_most ?? '';
  return (
    <div class="condition-parts">
      <select aria-label={m.audience.attribute} value={of.name} onChange={(event) => onOf({ ...of, name: event.currentTarget.value })}>
        <option value="">{m.compose.chooseAttribute}</option>
        {!names.includes(of.name) && of.name !== '' && <option value={of.name}>{of.name}</option>}
        {names.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
      <select
        aria-label={m.audience.comparison}
        value={operator}
        onChange={(event) => onOf(compared(of, event.currentTarget.value as Operator))}
      >
        {OPERATORS.map((one) => (
          <option key={one} value={one}>
            {m.audience.operators[one]}
          </option>
        ))}
      </select>
      {operator === 'is' && (
        <WordsField
          label={m.audience.values}
          hint={m.audience.valuesHint}
          values={of.is ?? []}
          offers={plain(known?.examples ?? [])}
          onValues={(is) => onOf({ name: of.name, is })}
        />
      )}
      {operator !== 'is' && operator !== 'exists' && operator !== 'lacks' && (
        <input
          aria-label={m.audience.value}
          dir="auto"
          autocomplete="off"
          placeholder={operator === 'at_least' || operator === 'at_most' ? m.audience.numberHint : (known?.examples[0] ?? '')}
          value={word}
          onInput={(event) => onOf({ name: of.name, [operator]: event.currentTarget.value })}
        />
      )}
    </div>
  );
}

function LastField({ of, onOf }: { of: LastMessage; onOf(next: LastMessage): void }) {
  const { m } = useWords();
  const turn = (status: LastStatus) =>
    onOf({ ...of, status: of.status.includes(status) ? of.status.filter((one) => one !== status) : [...of.status, status] });
  return (
    <div class="condition-parts is-tall">
      <div class="chips" role="group" aria-label={m.audience.lastStatus}>
        {STATUSES.map((one) => (
          <button key={one} type="button" class="chip" aria-pressed={of.status.includes(one)} onClick={() => turn(one)}>
            {m.audience.statuses[one]}
          </button>
        ))}
      </div>
      <DaysField
        label={m.audience.withinDays}
        value={of.within_days}
        onValue={(within_days) => {
          const { within_days: _, ...rest } = of;
          onOf(within_days === undefined ? rest : { ...rest, within_days });
        }}
      />
    </div>
  );
}

function AgeField({ of, onOf }: { of: Age; onOf(next: Age): void }) {
  const { m } = useWords();
  const set = (name: keyof Age, value: number | undefined) => {
    const { [name]: _, ...rest } = of;
    onOf(value === undefined ? rest : { ...rest, [name]: value });
  };
  return (
    <div class="condition-parts">
      <DaysField label={m.audience.daysMin} value={of.days_min} onValue={(value) => set('days_min', value)} />
      <DaysField label={m.audience.daysMax} value={of.days_max} onValue={(value) => set('days_max', value)} />
    </div>
  );
}

function DaysField({ label, value, onValue }: { label: string; value: number | undefined; onValue(value: number | undefined): void }) {
  const id = useId();
  return (
    <div class="field days">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        min={0}
        inputMode="numeric"
        placeholder="–"
        value={value ?? ''}
        onInput={({ currentTarget: input }) => {
          if (input.value === '') onValue(undefined);
          else if (input.checkValidity()) onValue(input.valueAsNumber);
        }}
      />
    </div>
  );
}

function plain(words: readonly string[]): { value: string; name: string }[] {
  return words.map((word) => ({ value: word, name: word }));
}
