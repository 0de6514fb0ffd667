// The frame around every page: navigation, language, theme, the place where files can be dropped.

import { useEffect, useState } from 'preact/hooks';

import { useCell } from './cell.ts';
import { nameOf, useWords } from './messages/words.ts';
import { CampaignEditorPage } from './pages/campaign-editor.tsx';
import { CampaignPage } from './pages/campaign.tsx';
import { CampaignsPage } from './pages/campaigns.tsx';
import { ConnectPage } from './pages/connect.tsx';
import { ConnectReturnPage } from './pages/connect-return.tsx';
import { EventsPage } from './pages/events.tsx';
import { HistoryPage } from './pages/history.tsx';
import { ImportPage } from './pages/import.tsx';
import { NowherePage } from './pages/nowhere.tsx';
import { ProfilesPage } from './pages/profiles.tsx';
import { StartPage } from './pages/start.tsx';
import { BuilderPage } from './pages/template-builder.tsx';
import { TemplatePage } from './pages/template.tsx';
import { TemplatesPage } from './pages/templates.tsx';
import { TimelinePage } from './pages/timeline.tsx';
import { Announcer } from './parts/announcer.tsx';
import { Icon } from './parts/icon.tsx';
import { chooseLanguage, chooseTheme, LANGUAGES, theme } from './preferences.ts';
import { go, route, type Route } from './router.ts';
import { open, session } from './session.ts';

export function App() {
  const { m } = useWords();
  const here = useCell(route);
  const dragging = useDrop();
  return (
    <>
      <a class="skip" href="#main">
        {m.skip}
      </a>
      <header class="top">
        <a class="brand" href="/">
          <Icon name="mark" />
          <span>Consentry</span>
        </a>
        <Navigation here={here} />
        <ConnectLink here={here} />
        <LanguageChoice />
        <ThemeChoice />
      </header>
      <main id="main" class={dragging ? 'is-dragging' : ''} tabIndex={-1}>
        <Page here={here} dragging={dragging} />
      </main>
      <Announcer />
    </>
  );
}

function Page({ here, dragging }: { here: Route; dragging: boolean }) {
  switch (here.page) {
    case 'start':
      return <StartPage dragging={dragging} />;
    case 'history':
      return <HistoryPage />;
    case 'import':
      return <ImportPage key={here.id} id={here.id} />;
    case 'profiles':
      return <ProfilesPage q={here.q} after={here.after} />;
    case 'timeline':
      return <TimelinePage key={here.of} of={here.of} />;
    case 'events':
      return <EventsPage show={here.show} q={here.q} />;
    case 'connect':
      return <ConnectPage />;
    case 'connect-return':
      return <ConnectReturnPage />;
    case 'templates':
      return <TemplatesPage />;
    case 'template':
      return <TemplatePage key={`${here.account}/${here.name}`} account={here.account} name={here.name} />;
    case 'builder': {
      const { account, from, language, mode } = here;
      const key = [mode, account, from, language].join('/');
      return <BuilderPage key={key} account={account} from={from} language={language} mode={mode} />;
    }
    case 'campaigns':
      return <CampaignsPage />;
    case 'campaign':
      return <CampaignPage key={here.id} id={here.id} />;
    case 'campaign-editor':
      // A new campaign gets its id while it is written; the page stays.
      return <CampaignEditorPage key="editor" id={here.id} step={here.step} />;
    case 'nowhere':
      return <NowherePage />;
  }
}

function Navigation({ here }: { here: Route }) {
  const { m } = useWords();
  const entries = [
    { href: '/', text: m.nav.import, icon: 'upload', current: here.page === 'start' },
    {
      href: '/imports',
      text: m.nav.history,
      icon: 'clock',
      current: here.page === 'history' || here.page === 'import',
    },
    {
      href: '/profiles',
      text: m.nav.profiles,
      icon: 'people',
      current: here.page === 'profiles' || here.page === 'timeline',
    },
    {
      href: '/templates',
      text: m.nav.templates,
      icon: 'chat',
      current: here.page === 'templates' || here.page === 'template' || here.page === 'builder',
    },
    {
      href: '/campaigns',
      text: m.campaigns.title,
      icon: 'megaphone',
      current: here.page === 'campaigns' || here.page === 'campaign' || here.page === 'campaign-editor',
    },
    { href: '/events', text: m.events.nav, icon: 'pulse', current: here.page === 'events' },
  ] as const;
  return (
    <nav class="pages" aria-label={m.nav.label}>
      {entries.map((entry) => (
        <a key={entry.href} href={entry.href} aria-current={entry.current ? 'page' : undefined}>
          <Icon name={entry.icon} />
          <span>{entry.text}</span>
        </a>
      ))}
    </nav>
  );
}

function ConnectLink({ here }: { here: Route }) {
  const { m } = useWords();
  const text = m.nav.connect;
  const current = here.page === 'connect' ? 'page' : undefined;
  return (
    <a class="top-link" href="/connect" title={text} aria-label={text} aria-current={current}>
      <Icon name="plug" />
    </a>
  );
}

function LanguageChoice() {
  const { m, lang } = useWords();
  return (
    <div class="languages" role="group" aria-label={m.switchLanguage}>
      {LANGUAGES.map((one) => (
        <button
          key={one}
          type="button"
          lang={one}
          title={nameOf(one)}
          aria-label={nameOf(one)}
          aria-pressed={one === lang}
          onClick={() => chooseLanguage(one)}
        >
          {one.toUpperCase()}
        </button>
      ))}
    </div>
  );
}

function ThemeChoice() {
  const { m } = useWords();
  const dark = useCell(theme) === 'dark';
  const text = dark ? m.toLight : m.toDark;
  return (
    <button
      class="quiet icon-only"
      type="button"
      title={text}
      aria-label={text}
      onClick={() => chooseTheme(dark ? 'light' : 'dark')}
    >
      <Icon name={dark ? 'sun' : 'moon'} />
    </button>
  );
}

/** Takes files dropped anywhere on the page. Missed drops would make the browser leave the panel and show the file. */
function useDrop(): boolean {
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    let depth = 0; // Entering a child comes before leaving its parent.
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const listeners: { [type: string]: (event: DragEvent) => void } = {
      dragenter(event) {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth += 1;
        setDragging(true);
      },
      dragover(event) {
        if (hasFiles(event)) event.preventDefault();
      },
      dragleave(event) {
        if (!hasFiles(event)) return;
        depth = Math.max(0, depth - 1);
        if (depth === 0) setDragging(false);
      },
      drop(event) {
        depth = 0;
        setDragging(false);
        if (!hasFiles(event)) return;
        event.preventDefault();
        // An upload that is under way is not thrown away by a stray drop.
        if (session.get().step === 'sending') return;
        if (route.get().page !== 'start') go('/');
        void open([...(event.dataTransfer?.files ?? [])]);
      },
    };
    for (const [type, listener] of Object.entries(listeners)) addEventListener(type, listener as EventListener);
    return () => {
      for (const [type, listener] of Object.entries(listeners)) removeEventListener(type, listener as EventListener);
    };
  }, []);
  return dragging;
}
