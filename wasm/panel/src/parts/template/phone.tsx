// A phone with the conversation on it. It can be looked at in light and in dark, whatever the panel wears.

import type { MessagePreview } from 'consentry';
import { useState } from 'preact/hooks';

import { useCell } from '../../cell.ts';
import { useWords } from '../../messages/words.ts';
import { theme, type Theme } from '../../preferences.ts';
import { Icon } from '../icon.tsx';
import { Bubble } from './bubble.tsx';

interface Props {
  drawn: MessagePreview | undefined;
  /** Who it comes from. */
  business: string;
  pictures?: ReadonlyMap<string, string>;
  /** What is said while there is nothing to show. */
  empty?: string;
}

export function Phone({ drawn, business, pictures, empty }: Props) {
  const { m } = useWords();
  const panel = useCell(theme);
  const [chosen, setChosen] = useState<Theme>();
  const look = chosen ?? panel;
  return (
    <figure class={`phone is-${look}`} aria-label={m.bubble.title}>
      <div class="phone-top">
        <span class="phone-face" aria-hidden="true">
          {(business.trim()[0] ?? '•').toLocaleUpperCase()}
        </span>
        <span class="phone-name" dir="auto">
          {business}
        </span>
        <button
          type="button"
          class="phone-look"
          title={look === 'dark' ? m.bubble.toLight : m.bubble.toDark}
          aria-label={look === 'dark' ? m.bubble.toLight : m.bubble.toDark}
          onClick={() => setChosen(look === 'dark' ? 'light' : 'dark')}
        >
          <Icon name={look === 'dark' ? 'sun' : 'moon'} />
        </button>
      </div>
      <div class="phone-wall">
        {drawn ? <Bubble drawn={drawn} {...(pictures && { pictures })} /> : <p class="phone-empty">{empty ?? m.bubble.empty}</p>}
      </div>
      {drawn && (drawn.by_meta || !drawn.on_desktop) && (
        <figcaption>
          {drawn.by_meta && <p>{m.bubble.byMeta}</p>}
          {!drawn.on_desktop && <p>{m.bubble.notOnDesktop}</p>}
        </figcaption>
      )}
    </figure>
  );
}
