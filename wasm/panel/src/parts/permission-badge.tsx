// Opted in, opted out, or neither: always in words, never by colour alone.

import type { Permission } from '../api/documents.ts';
import { useWords } from '../messages/words.ts';

export function PermissionBadge({ permission }: { permission: Permission | null | undefined }) {
  const { m } = useWords();
  const tone = permission === 'opt_in' ? 'good' : permission === 'opt_out' ? 'calm' : 'plain';
  return <span class={`badge tone-${tone}`}>{m.permission[permission ?? 'none']}</span>;
}
