// What Meta says about a template, in a word or a sentence.

import type { TemplateDoc } from '../../api/templates.ts';
import { useWords } from '../../messages/words.ts';
import type { Tone } from '../figures.tsx';

const TONES: { [status: string]: Tone } = {
  APPROVED: 'good',
  REINSTATED: 'good',
  UNARCHIVED: 'good',
  FLAGGED: 'warn',
  PAUSED: 'warn',
  PENDING: 'accent',
  IN_APPEAL: 'accent',
  REJECTED: 'bad',
  DISABLED: 'bad',
  LIMIT_EXCEEDED: 'bad',
  DRAFT: 'plain',
};

const QUALITY_TONES: { [quality: string]: Tone } = { GREEN: 'good', YELLOW: 'warn', RED: 'bad' };

export function StatusBadge({ status }: { status: string }) {
  const { m } = useWords();
  return <span class={`badge tone-${TONES[status] ?? 'calm'}`}>{m.templates.status[status] ?? status}</span>;
}

/** Nothing is said about a quality that Meta does not know yet. */
export function QualityBadge({ quality }: { quality: string | undefined }) {
  const { m } = useWords();
  if (quality === undefined || quality === 'UNKNOWN') return null;
  return <span class={`badge tone-${QUALITY_TONES[quality] ?? 'calm'}`}>{m.templates.quality[quality] ?? quality}</span>;
}

export function CategoryBadge({ category }: { category: string }) {
  const { m } = useWords();
  return <span class="badge tone-plain">{m.templates.category[category] ?? category}</span>;
}

/** Why it cannot be sent, in the reader's language; what is not known here stands in the host's words. */
export function WhyNot({ of }: { of: TemplateDoc }) {
  const { m } = useWords();
  if (of.sendable) return null;
  const known = of.stale ? m.templates.staleText : m.templates.whyNot[of.status];
  return <p class="soft">{known ?? of.why_not}</p>;
}
