// Says aloud, for screen readers, what others see happening.

import { cell, useCell } from '../cell.ts';

const said = cell('');

export function announce(text: string): void {
  said.set(text);
}

export function Announcer() {
  return (
    <div class="unseen" role="status" aria-live="polite">
      {useCell(said)}
    </div>
  );
}
