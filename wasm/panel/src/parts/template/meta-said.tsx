// What Meta refused, in its words and in ours, and what its support would ask for.

import type { MetaRefusal } from '../../api/templates.ts';
import { useWords } from '../../messages/words.ts';
import { Copyable } from '../copyable.tsx';
import { Icon } from '../icon.tsx';

export function MetaSaid({ refusal }: { refusal: MetaRefusal }) {
  const { m, lang } = useWords();
  const action = m.metaActions[refusal.action];
  return (
    <div class="trouble" role="alert">
      <Icon name="error" />
      <div>
        <strong>{m.trouble['meta-refused'].title}</strong>
        <p lang="en" dir="auto">
          <b>{refusal.title}</b>
          {refusal.message !== refusal.title && `: ${refusal.message}`}
        </p>
        <p>{lang === 'en' ? refusal.cure : (action ?? m.trouble['meta-refused'].cure)}</p>
        <p class="detail">
          {refusal.code !== undefined && <code>{[refusal.code, refusal.error_subcode].filter(Boolean).join(' / ')}</code>}{' '}
          {refusal.fbtrace_id !== undefined && <Copyable text={refusal.fbtrace_id} label="fbtrace_id" />}
        </p>
      </div>
    </div>
  );
}
