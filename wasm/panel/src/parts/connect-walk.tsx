// The steps of connecting, each with its fields and with what was found out about it.

import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

import type { Candidate, Step, StepCode, StepName } from '../api/templates.ts';
import { useWords } from '../messages/words.ts';
import { Icon, type IconName } from './icon.tsx';
import { Prose, sentence } from './prose.tsx';

const SIGNS: { [state in Step['state']]: IconName } = { ok: 'check', warning: 'warning', failed: 'error', waiting: 'clock' };

interface Props {
  candidate: Candidate;
  onCandidate(next: Candidate): void;
  /** Absent before anything was checked. */
  steps: readonly Step[] | undefined;
  checking: boolean;
}

export function Walk({ candidate, onCandidate, steps, checking }: Props) {
  const { m } = useWords();
  const w = m.connect;
  const of = (name: StepName) => steps?.find(({ step }) => step === name);
  const set = (name: keyof Candidate) => (value: string) => onCandidate({ ...candidate, [name]: value });
  const found = of('account')?.found?.accounts ?? [];
  const numbers = of('number')?.found?.numbers ?? [];
  const needsPin = of('number')?.state === 'waiting' && numbers.length > 0;
  return (
    <ol class="walk" aria-busy={checking}>
      <OneStep name="token" step={of('token')} checking={checking}>
        <Input label={w.token} hint={w.tokenHint} value={candidate.token} onValue={set('token')} secret />
      </OneStep>
      <OneStep name="app" step={of('app')} checking={checking} optional>
        <div class="pair">
          <Input label={w.appId} value={candidate.app_id} onValue={set('app_id')} digits />
          <Input label={w.appSecret} hint={w.appSecretHint} value={candidate.app_secret} onValue={set('app_secret')} secret />
        </div>
      </OneStep>
      <OneStep name="account" step={of('account')} checking={checking}>
        {found.length > 1 && candidate.waba_id === '' ? (
          <Choice
            label={w.chooseAccount}
            of={found.map((one) => ({ id: one.waba_id, name: `${one.name} (${one.waba_id})` }))}
            onChosen={set('waba_id')}
          />
        ) : (
          <Input label={w.wabaId} hint={w.wabaHint} value={candidate.waba_id} onValue={set('waba_id')} digits />
        )}
      </OneStep>
      <OneStep name="number" step={of('number')} checking={checking}>
        {numbers.length > 1 && (
          <Choice
            label={w.chooseNumber}
            value={candidate.phone_number_id}
            empty={w.allNumbers}
            of={numbers.map((one) => ({ id: one.id, name: `${one.display} · ${one.name}` }))}
            onChosen={set('phone_number_id')}
          />
        )}
        {needsPin && <Input label={w.pin} hint={w.pinHint} value={candidate.pin} onValue={set('pin')} digits />}
      </OneStep>
      <OneStep name="webhook" step={of('webhook')} checking={checking} />
    </ol>
  );
}

interface StepProps {
  name: StepName;
  step: Step | undefined;
  checking: boolean;
  optional?: boolean;
  children?: ComponentChildren;
}

function OneStep({ name, step, checking, optional, children }: StepProps) {
  const { m } = useWords();
  const state = step?.state ?? 'waiting';
  return (
    <li class={`step is-${state} ${step ? '' : 'is-unknown'}`}>
      <span class="step-sign" aria-hidden="true">
        <Icon name={SIGNS[state]} />
      </span>
      <div class="step-body">
        <h2>
          {m.connect.steps[name]}
          {optional && <span class="soft"> ({m.connect.optional})</span>}
          {step && <span class="unseen">: {m.connect.states[state]}</span>}
        </h2>
        <p class="soft">{m.connect.stepTexts[name]}</p>
        {children}
        {step && !(checking && state === 'waiting') && (
          <Said step={step} />
        )}
      </div>
    </li>
  );
}

/** What was found out; where there are no words for it here, in those of the host, which are English. */
function Said({ step }: { step: Step }) {
  const { m, f, lang } = useWords();
  const values = { ...step.values };
  if (values.at !== undefined) values.at = f.moment(values.at);
  if (values.status !== undefined) values.status = m.connect.numberStates[values.status] ?? values.status;
  const own = m.connect.said[step.code as StepCode]?.(values);
  const foreign = lang === 'en' ? undefined : 'en';
  const cure = own?.cure ?? step.cure;
  return (
    <p class="step-said" role="status" lang={own ? undefined : foreign}>
      <Prose text={sentence(own?.said ?? step.said, own ? lang : 'en')} />
      {cure !== undefined && (
        <>
          .{' '}
          <span lang={own?.cure === undefined ? foreign : undefined}>
            <Prose text={cure} />
          </span>
        </>
      )}
    </p>
  );
}

interface InputProps {
  label: string;
  hint?: string;
  value: string;
  onValue(value: string): void;
  secret?: boolean;
  digits?: boolean;
}

function Input({ label, hint, value, onValue, secret, digits }: InputProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type={secret ? 'password' : 'text'}
        inputMode={digits ? 'numeric' : 'text'}
        dir="ltr"
        autocomplete="off"
        spellcheck={false}
        aria-describedby={hint ? `${id}-hint` : undefined}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      {hint && (
        <small id={`${id}-hint`} class="soft">
          {hint}
        </small>
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  of: readonly { id: string; name: string }[];
  value?: string;
  empty?: string;
  onChosen(id: string): void;
}

function Choice({ label, of, value = '', empty = '…', onChosen }: ChoiceProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChosen(event.currentTarget.value)}>
        <option value="">{empty}</option>
        {of.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
    </div>
  );
}
