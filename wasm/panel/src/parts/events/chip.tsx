// The word that an event comes down to: how a message stands, how somebody opted out, what happened to a template.

import type { Heard } from '../../api/events.ts';
import { newsTone, statusTone } from '../../events/kinds.ts';
import { inLine } from '../../events/text.ts';
import { useWords } from '../../messages/words.ts';

const CHARS_MAX = 80;

export function Chip({ event }: { event: Heard }) {
  const { m } = useWords();
  const { kind, status, by, news, type, text } = event;
  if (status !== undefined) {
    return <span class={`badge tone-${statusTone(status)}`}>{wordFor(m.events.status, status)}</span>;
  }
  if (by !== undefined) return <span class="badge tone-plain">{wordFor(m.events.by, by)}</span>;
  if (news !== undefined) {
    const known = kind === 'template' ? { ...m.templates.category, ...m.templates.quality, ...m.templates.status } : {};
    return <span class={`badge tone-${newsTone(news)}`}>{Object.hasOwn(known, news) ? wordFor(known, news) : plain(news)}</span>;
  }
  // What has no text is called by its type where the text would be.
  if (type === undefined || type === 'text' || ((kind === 'message' || kind === 'echo') && !text)) return null;
  return <span class="badge tone-plain">{wordFor(m.events.types, type)}</span>;
}

/** The reader's word for one of Meta's, or that one as it is. */
export function wordFor(words: { [word: string]: string }, word: string): string;
export function wordFor(words: { [word: string]: string }, word: string | undefined): string | undefined;
export function wordFor(words: { [word: string]: string }, word: string | undefined): string | undefined {
  if (word === undefined) return undefined;
  return Object.hasOwn(words, word) ? words[word] : inLine(word, CHARS_MAX);
}

/** `ACCOUNT_UPDATE` as words. */
function plain(news: string): string {
  return inLine(/^[A-Z\d_]+$/.test(news) ? news.toLowerCase().replaceAll('_', ' ') : news, CHARS_MAX);
}
