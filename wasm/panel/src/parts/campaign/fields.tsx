// The small fields that the steps of a campaign are made of.

import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export function Part({ title, text, children }: { title: string; text?: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class="card builder-part" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {text && <p class="soft">{text}</p>}
      {children}
    </section>
  );
}

export function Radio({ name, checked, onChange, label }: { name: string; checked: boolean; onChange(): void; label: string }) {
  return (
    <label class="tick">
      <input type="radio" name={name} checked={checked} onChange={onChange} />
      <span>{label}</span>
    </label>
  );
}

export function Tick({ checked, onChange, label, text }: { checked: boolean; onChange(on: boolean): void; label: string; text: string }) {
  return (
    <label class="tick">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>
        {label}
        <br />
        <span class="soft">{text}</span>
      </span>
    </label>
  );
}

interface AmountProps {
  label: string;
  value: number;
  max?: number;
  step?: number;
  onValue(value: number): void;
}

/** A number above nothing. While it is not one, what stood before counts. */
export function Amount({ label, value, max, step = 1, onValue }: AmountProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        inputMode={step < 1 ? 'decimal' : 'numeric'}
        min={Math.min(1, step)}
        max={max}
        step={step}
        defaultValue={String(value)}
        onInput={({ currentTarget: input }) => {
          if (input.value !== '' && input.checkValidity()) onValue(input.valueAsNumber);
        }}
      />
    </div>
  );
}
