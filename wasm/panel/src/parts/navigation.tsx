// The ways to the pages. On a desk all of them stand in a row; on a phone the four that are used daily are in reach of the
// thumb, and a menu has every page there is.

import { useLayoutEffect, useRef } from 'preact/hooks';

import { useMay } from '../access.ts';
import { useWords } from '../messages/words.ts';
import type { Right } from '../rights.ts';
import type { Route } from '../router.ts';
import { Icon, type IconName } from './icon.tsx';

type Page = Route['page'];

interface Entry {
  href: string;
  text: string;
  icon: IconName;
  /** Pages that belong to it. */
  of: readonly Page[];
  /** Not in the row of a phone. */
  seldom?: boolean;
}

/** What stands under "Settings", and what it needs. */
export const SETTINGS = [
  { page: 'health', icon: 'pulse', right: 'look' },
  { page: 'connect', icon: 'chat', right: 'look' },
  { page: 'webhooks', icon: 'plug', right: 'look' },
  { page: 'team', icon: 'people', right: 'access' },
  { page: 'keys', icon: 'lock', right: 'access' },
  { page: 'audit', icon: 'scroll', right: 'audit' },
  { page: 'account', icon: 'person', right: undefined },
  { page: 'first-steps', icon: 'ticks', right: 'look' },
] as const satisfies readonly { page: Page; icon: IconName; right: Right | undefined }[];

export type SettingsPage = (typeof SETTINGS)[number]['page'];

/** Those of them that are there for whoever is here. */
export function useSettings() {
  const may = useMay();
  return SETTINGS.filter(({ right }) => right === undefined || may(right));
}

/** What a page of the settings needs that whoever is here may not. */
export function useMissingRight(page: Page): Right | undefined {
  const may = useMay();
  const right = SETTINGS.find((one) => one.page === page)?.right;
  return right !== undefined && !may(right) ? right : undefined;
}

export function isSetting(page: Page): page is SettingsPage {
  return SETTINGS.some((one) => one.page === page);
}

export function Navigation({ here }: { here: Route }) {
  const { m } = useWords();
  const entries: readonly Entry[] = [
    { href: '/', text: m.nav.import, icon: 'upload', of: ['start'] },
    { href: '/imports', text: m.nav.history, icon: 'clock', of: ['history', 'import'], seldom: true },
    { href: '/profiles', text: m.nav.profiles, icon: 'people', of: ['profiles', 'timeline'] },
    { href: '/templates', text: m.nav.templates, icon: 'chat', of: ['templates', 'template', 'builder'] },
    { href: '/campaigns', text: m.campaigns.title, icon: 'megaphone', of: ['campaigns', 'campaign', 'campaign-editor'] },
    { href: '/events', text: m.events.nav, icon: 'pulse', of: ['events'], seldom: true },
    {
      href: '/settings',
      text: m.settings.title,
      icon: 'gear',
      of: ['settings', 'connect-return', ...SETTINGS.map(({ page }) => page)],
      seldom: true,
    },
  ];
  const isHere = (entry: Entry) => entry.of.includes(here.page);
  return (
    <nav class="pages" aria-label={m.nav.label}>
      {entries.map((entry) => (
        <a
          key={entry.href}
          class={entry.seldom ? 'is-seldom' : ''}
          href={entry.href}
          aria-current={isHere(entry) ? 'page' : undefined}
        >
          <Icon name={entry.icon} />
          <span>{entry.text}</span>
        </a>
      ))}
      <Menu entries={entries} here={here} holdsHere={entries.some((entry) => entry.seldom === true && isHere(entry))} />
    </nav>
  );
}

/** Every page, for phones: a dialog, so that the keyboard and a screen reader stay inside until it is closed. */
function Menu({ entries, here, holdsHere }: { entries: readonly Entry[]; here: Route; holdsHere: boolean }) {
  const { m } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const settings = useSettings();
  const close = () => dialog.current?.close();
  return (
    <>
      <button
        type="button"
        class={holdsHere ? 'menu-button is-here' : 'menu-button'}
        aria-haspopup="dialog"
        onClick={() => {
          dialog.current?.showModal();
          title.current?.focus();
        }}
      >
        <Icon name="menu" />
        <span>{m.menu.open}</span>
      </button>
      <dialog
        ref={dialog}
        class="menu"
        aria-labelledby="menu-title"
        closedby="any"
        // Every link leads away from here; a click beside the sheet closes it as well where browsers do not by themselves.
        onClick={(event) => {
          if (event.target === dialog.current || (event.target as Element).closest('a')) close();
        }}
      >
        <div class="menu-sheet">
          <div class="apart">
            <h2 id="menu-title" ref={title} tabIndex={-1}>
              {m.menu.title}
            </h2>
            <button type="button" class="small-button" onClick={close}>
              {m.menu.close}
            </button>
          </div>
          <ul>
            {entries.map((entry) => (
              <li key={entry.href}>
                <a href={entry.href} aria-current={entry.of[0] === here.page ? 'page' : undefined}>
                  <Icon name={entry.icon} />
                  {entry.text}
                </a>
              </li>
            ))}
          </ul>
          <h3>{m.settings.title}</h3>
          <ul>
            {settings.map(({ page, icon }) => (
              <li key={page}>
                <a href={`/${page}`} aria-current={page === here.page ? 'page' : undefined}>
                  <Icon name={icon} />
                  {m.settings.pages[page].name}
                </a>
              </li>
            ))}
          </ul>
        </div>
      </dialog>
    </>
  );
}

/** Above every page of the settings: the others beside it. */
export function SettingsTabs({ here }: { here: SettingsPage }) {
  const { m } = useWords();
  const tabs = useRef<HTMLElement>(null);
  // On a phone the row is longer than the screen. Only the row moves: the page stays where it is.
  useLayoutEffect(() => {
    const row = tabs.current;
    const current = row?.querySelector('[aria-current]');
    if (!row || !current) return;
    const [around, own] = [row.getBoundingClientRect(), current.getBoundingClientRect()];
    row.scrollLeft += own.left + own.width / 2 - (around.left + around.width / 2);
  });
  return (
    <nav ref={tabs} class="settings-tabs" aria-label={m.settings.label}>
      <a class="settings-up" href="/settings">
        {m.settings.title}
      </a>
      {useSettings().map(({ page }) => (
        <a key={page} href={`/${page}`} aria-current={page === here ? 'page' : undefined}>
          {m.settings.pages[page].name}
        </a>
      ))}
    </nav>
  );
}
