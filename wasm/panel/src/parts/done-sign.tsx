// A round tick beside words that say the same.

import { Icon } from './icon.tsx';

export function DoneSign() {
  return (
    <span class="done-sign" aria-hidden="true">
      <Icon name="check" />
    </span>
  );
}
