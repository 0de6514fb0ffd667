// Where one goes on, and whether the host has what was written: always in reach.

import { STEPS, type StepName } from '../../campaign/draft.ts';
import type { Keeping } from '../../campaign/keeping.ts';
import { useWords } from '../../messages/words.ts';
import { Icon } from '../icon.tsx';
import { TroubleNote } from '../trouble-note.tsx';

interface Props {
  step: StepName;
  keeping: Keeping;
  /** There is enough of it to be kept. */
  isReady: boolean;
  onStep(step: StepName): void;
  onReload(): void;
}

export function Bar({ step, keeping, isReady, onStep, onReload }: Props) {
  const { m } = useWords();
  const at = STEPS.indexOf(step);
  const [before, after] = [STEPS[at - 1], STEPS[at + 1]];
  const { trouble, isKept } = keeping;
  return (
    <div class="keeping card">
      {trouble && (
        <div class="keeping-trouble">
          <TroubleNote trouble={trouble} onRetry={() => void keeping.keep()} />
          {trouble.kind === 'overtaken' && (
            <p class="actions">
              <button type="button" onClick={onReload}>
                {m.builder.takeTheirs}
              </button>
            </p>
          )}
        </div>
      )}
      <div class="keeping-line">
        <p class="soft keeping-said" role="status">
          {keeping.keeping ? m.builder.keeping : isKept ? m.editor.kept : isReady ? m.editor.notKept : m.editor.firstName}
        </p>
        <p class="actions">
          <button
            type="button"
            class="to-phone"
            onClick={() => document.querySelector('.builder-aside')?.scrollIntoView({ block: 'start' })}
          >
            <Icon name="chat" />
            {m.builder.toPhone}
          </button>
          {before && (
            <button type="button" onClick={() => onStep(before)}>
              {m.editor.back}
            </button>
          )}
          {after && (
            <button type="button" class="primary" onClick={() => onStep(after)}>
              {m.editor.next(m.steps[after])}
            </button>
          )}
        </p>
      </div>
    </div>
  );
}
