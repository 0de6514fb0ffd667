// The promise that matters most to people who have other people's numbers on their disk.

import { useWords } from '../messages/words.ts';
import { Icon } from './icon.tsx';

export function StillHere() {
  const { m } = useWords();
  return (
    <p class="promise">
      <Icon name="lock" />
      {m.verdict.stillHere}
    </p>
  );
}
