// A message as it will stand on a phone: our own drawing of what the engine says about it. It decides nothing.

import type { MessagePreview, PreviewButton, PreviewCard, TextDirection } from 'consentry';
import { useEffect, useRef, useState } from 'preact/hooks';

import { useWords } from '../../messages/words.ts';
import { Icon, type IconName } from '../icon.tsx';
import { Blocks, HeaderPicture } from './bubble-text.tsx';

interface Props {
  drawn: MessagePreview;
  /** Samples that were uploaded from this page, by handle. */
  pictures?: ReadonlyMap<string, string> | undefined;
}

/** The bubble alone, with what hangs below it. */
export function Bubble({ drawn, pictures }: Props) {
  const { m } = useWords();
  const { direction, header, body, footer, offer, cards, unknown } = drawn;
  return (
    <div class="chat" dir={direction}>
      <div class="bubble">
        {header && <HeaderPicture header={header} direction={direction} pictures={pictures} />}
        {offer && (
          <p class="bubble-offer">
            <Icon name="gift" />
            <span>
              <strong>{offer.text}</strong>
              <small>{m.bubble.offer}</small>
            </span>
          </p>
        )}
        <div class="bubble-text">
          <Blocks blocks={body} direction={direction} />
        </div>
        {footer && (
          <div class="bubble-footer">
            <Blocks blocks={[footer]} direction={direction} />
          </div>
        )}
        {unknown?.map((words, at) => (
          <p key={at} class="bubble-unknown">
            {words}
          </p>
        ))}
        <span class="bubble-time" aria-hidden="true">
          12:30
        </span>
        <Buttons buttons={drawn.buttons} all={drawn.all_buttons} />
      </div>
      {cards && cards.length > 0 && <Cards cards={cards} direction={direction} pictures={pictures} />}
    </div>
  );
}

function Cards({ cards, direction, pictures }: { cards: readonly PreviewCard[]; direction: TextDirection } & Omit<Props, 'drawn'>) {
  const { m } = useWords();
  return (
    // Reached by the keyboard, so that it can be scrolled with it.
    <ul class="bubble-cards" tabIndex={0} aria-label={m.bubble.cards(cards.length)}>
      {cards.map((card, at) => (
        <li key={at} class="bubble">
          {card.header && <HeaderPicture header={card.header} direction={direction} pictures={pictures} />}
          {card.body.length > 0 && (
            <div class="bubble-text">
              <Blocks blocks={card.body} direction={direction} />
            </div>
          )}
          <Buttons buttons={card.buttons} />
        </li>
      ))}
    </ul>
  );
}

const BUTTON_ICONS: { [kind: string]: IconName } = {
  url: 'out',
  quick_reply: 'reply',
  phone_number: 'phone',
  voice_call: 'phone',
  copy_code: 'copy',
  otp: 'copy',
  flow: 'sheet',
  catalog: 'shop',
  mpm: 'shop',
  spm: 'shop',
  request_contact_info: 'people',
};

function Buttons({ buttons, all }: { buttons: readonly PreviewButton[]; all?: readonly PreviewButton[] | undefined }) {
  const { m } = useWords();
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!all) setOpen(false);
  }, [all]);
  if (buttons.length === 0 && !all) return null;
  return (
    <div class="bubble-buttons">
      {buttons.map((button, at) => (
        <BubbleButton key={at} button={button} />
      ))}
      {all && (
        <button ref={opener} type="button" class="bubble-button" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name="menu" />
          {m.bubble.all}
        </button>
      )}
      {all && open && (
        <ul class="bubble-all" aria-label={m.bubble.allTitle(all.length)}>
          {all.map((button, at) => (
            <li key={at}>
              <BubbleButton button={button} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function BubbleButton({ button }: { button: PreviewButton }) {
  const { m } = useWords();
  const missing = button.source === 'missing';
  return (
    <span class={missing ? 'bubble-button is-missing' : 'bubble-button'} title={button.target}>
      <Icon name={BUTTON_ICONS[button.kind] ?? 'next'} />
      <span dir="auto">{button.label}</span>
      {missing && <small>{m.bubble.missing}</small>}
    </span>
  );
}
