// What went wrong: what, why, what to do, and a way on.

import { useEffect, useRef } from 'preact/hooks';

import { useWords } from '../messages/words.ts';
import type { Trouble } from '../trouble.ts';
import { Icon } from './icon.tsx';
import { Prose } from './prose.tsx';

export function TroubleNote({ trouble, onRetry }: { trouble: Trouble; onRetry?: () => void }) {
  const { m } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const words = m.trouble[trouble.kind];
  useEffect(() => {
    box.current?.scrollIntoView({ block: 'nearest' });
  }, [trouble]);
  return (
    <div ref={box} class="trouble" role="alert">
      <Icon name="error" />
      <div>
        <strong>{words.title}</strong>
        <p>
          {words.cause} {words.cure}
        </p>
        {trouble.detail !== '' && (
          <p class="detail" dir="auto">
            <span class="unseen">{m.found}: </span>
            <Prose text={trouble.detail} />
          </p>
        )}
        {onRetry && (
          <button type="button" onClick={onRetry}>
            {m.retry}
          </button>
        )}
      </div>
    </div>
  );
}
