// Says who can do what is not offered here, so that nobody looks for a button in vain.

import { useWords } from '../messages/words.ts';
import { ROLES_WITH, type Right } from '../rights.ts';
import { Icon } from './icon.tsx';

export function WhoMay({ right }: { right: Right }) {
  const { m } = useWords();
  const roles = ROLES_WITH[right].map((role) => m.access.roles[role]);
  const last = roles.pop() ?? '';
  return (
    <p class="soft who-may">
      <Icon name="lock" />
      <span>{m.rights.who(roles.length > 0 ? `${roles.join(', ')}${m.rights.or}${last}` : last)}</span>
    </p>
  );
}
