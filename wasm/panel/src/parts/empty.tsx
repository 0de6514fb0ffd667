// A page that has nothing yet: why, and the one thing to do about it - for whoever may.

import { useMay } from '../access.ts';
import { useWords } from '../messages/words.ts';
import type { Right } from '../rights.ts';
import { Heading } from './heading.tsx';
import { Icon, type IconName } from './icon.tsx';
import { WhoMay } from './who-may.tsx';

interface Props {
  icon: IconName;
  title: string;
  text: string;
  /** Where it goes on, and what that needs. */
  href: string;
  act: string;
  right: Right;
  isPage?: boolean;
}

export function Empty({ icon, title, text, href, act, right, isPage }: Props) {
  const may = useMay();
  return (
    <div class="empty card">
      <span class="big-sign" aria-hidden="true">
        <Icon name={icon} />
      </span>
      {isPage ? <Heading title={title} /> : <h2>{title}</h2>}
      <p class="soft">{text}</p>
      {may(right) ? (
        <a class="button primary" href={href}>
          {act}
        </a>
      ) : (
        <WhoMay right={right} />
      )}
    </div>
  );
}

/** `isPage` where nothing else stands on the page, so that it has a heading of its own. */
export function NotConnected({ isPage }: { isPage?: boolean }) {
  const { m } = useWords();
  return (
    <Empty
      icon="plug"
      title={m.templates.noAccount}
      text={m.templates.noAccountText}
      href="/connect"
      act={m.templates.toConnect}
      right="accounts"
      {...(isPage && { isPage })}
    />
  );
}
