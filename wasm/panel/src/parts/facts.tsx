// One line of a list of facts: what it is, and what it says.

import type { ComponentChildren } from 'preact';

export function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
