// How far an import has come, in one word.

import type { ImportState } from '../api/documents.ts';
import { useWords } from '../messages/words.ts';
import type { Tone } from './figures.tsx';

const TONES: { [state in ImportState]: Tone } = {
  accepted: 'accent',
  checking: 'accent',
  applying: 'accent',
  committed: 'good',
  refused: 'bad',
  failed: 'bad',
  undone: 'warn',
  dry_run: 'plain',
  already_imported: 'plain',
};

export function StateBadge({ state }: { state: ImportState }) {
  const { m } = useWords();
  return <span class={`badge tone-${TONES[state] ?? 'plain'}`}>{m.states[state] ?? state}</span>;
}
