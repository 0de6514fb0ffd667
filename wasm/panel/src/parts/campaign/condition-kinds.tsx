// The fields of each kind of condition.

import { useId } from 'preact/hooks';

import type { Age, AttributeIs, LastMessage, LastStatus } from '../../api/campaign-documents.ts';
import { compared, operatorOf, OPERATORS, type Operator } from '../../campaign/conditions.ts';
import { useWords } from '../../messages/words.ts';
import type { Editing } from './editing.ts';
import { IDENTIFIERS } from './value-field.tsx';
import { WordsField } from './words-field.tsx';

const STATUSES: readonly LastStatus[] = ['none', 'accepted', 'sent', 'delivered', 'read', 'replied', 'clicked', 'failed', 'unknown'];

export function AttributeField({ editing, of, onOf }: { editing: Editing; of: AttributeIs; onOf(next: AttributeIs): void }) {
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

export function LastField({ of, onOf }: { of: LastMessage; onOf(next: LastMessage): void }) {
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

export function AgeField({ of, onOf }: { of: Age; onOf(next: Age): void }) {
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

/** Words that stand for themselves. */
export function plain(words: readonly string[]): { value: string; name: string }[] {
  return words.map((word) => ({ value: word, name: word }));
}
