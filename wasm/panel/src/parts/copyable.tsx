// A long hash, shortened to what eyes compare, or a text that is read as well; a click copies all of it.

import { useEffect, useState } from 'preact/hooks';

import { useWords } from '../messages/words.ts';
import { announce } from './announcer.tsx';
import { Icon } from './icon.tsx';

/** How long the tick stays, in milliseconds. */
const THANKS_MS = 1600;

export function Copyable({ text, label, whole }: { text: string; label: string; whole?: boolean }) {
  const { m } = useWords();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), THANKS_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    // The clipboard is missing on plain http, other than localhost; the title still shows the whole text.
    await navigator.clipboard?.writeText(text);
    setCopied(true);
    announce(m.copied);
  };
  return (
    <button
      class={whole ? 'copyable is-whole' : 'copyable'}
      type="button"
      title={text}
      onClick={() => void copy().catch(() => {})}
    >
      {/* The name has to hold what is seen: who speaks to the machine says what stands there. */}
      <span class="unseen">{`${m.copy}: ${label} `}</span>
      <code dir="ltr">{text.length > 20 && !whole ? `${text.slice(0, 8)}…${text.slice(-6)}` : text}</code>
      <Icon name={copied ? 'check' : 'copy'} />
    </button>
  );
}
