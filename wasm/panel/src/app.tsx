// The frame around every page: navigation, language, theme, the place where files can be dropped.

import { useEffect, useState } from 'preact/hooks';

import { invitation, standing } from './access.ts';
import { useCell } from './cell.ts';
import { nameOf, useWords } from './messages/words.ts';
import { AccountPage } from './pages/account.tsx';
import { AuditPage } from './pages/audit.tsx';
import { CampaignEditorPage } from './pages/campaign-editor.tsx';
import { CampaignPage } from './pages/campaign.tsx';
import { CampaignsPage } from './pages/campaigns.tsx';
import { ConnectPage } from './pages/connect.tsx';
import { ConnectReturnPage } from './pages/connect-return.tsx';
import { EventsPage } from './pages/events.tsx';
import { FirstStepsPage } from './pages/first-steps.tsx';
import { HealthPage } from './pages/health.tsx';
import { HistoryPage } from './pages/history.tsx';
import { ImportPage } from './pages/import.tsx';
import { KeysPage } from './pages/keys.tsx';
import { MayNotPage } from './pages/may-not.tsx';
import { NowherePage } from './pages/nowhere.tsx';
import { ProfilesPage } from './pages/profiles.tsx';
import { SettingsPage } from './pages/settings.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { StartPage } from './pages/start.tsx';
import { TeamPage } from './pages/team.tsx';
import { BuilderPage } from './pages/template-builder.tsx';
import { TemplatePage } from './pages/template.tsx';
import { TemplatesPage } from './pages/templates.tsx';
import { TimelinePage } from './pages/timeline.tsx';
import { WebhooksPage } from './pages/webhooks.tsx';
import { WelcomePage } from './pages/welcome.tsx';
import { Announcer } from './parts/announcer.tsx';
import { Icon } from './parts/icon.tsx';
import { isSetting, Navigation, SettingsTabs, useMissingRight } from './parts/navigation.tsx';
import { chooseLanguage, chooseTheme, LANGUAGES, theme } from './preferences.ts';
import { go, route, type Route } from './router.ts';
import { open, session } from './session.ts';

export function App() {
  const { m } = useWords();
  const here = useCell(route);
  const who = useCell(standing);
  const link = useCell(invitation);
  // Nothing is offered before it is known who asks; where the host does not answer, pages say so themselves.
  const isOut = link !== '' || (who.known ? who.state === 'signed_out' : !who.trouble);
  const dragging = useDrop() && !isOut;
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
        {!isOut && <Navigation here={here} />}
        <LanguageChoice />
        <ThemeChoice />
      </header>
      <main id="main" class={dragging ? 'is-dragging' : ''} tabIndex={-1}>
        {link !== '' ? (
          <WelcomePage key={link} token={link} />
        ) : who.known && who.state === 'signed_out' ? (
          <SignInPage isNew={who.is_new} provider={who.provider} />
        ) : (
          !isOut && (
            <>
              {isSetting(here.page) && <SettingsTabs here={here.page} />}
              <Page here={here} dragging={dragging} />
            </>
          )
        )}
      </main>
      <Announcer />
    </>
  );
}

function Page({ here, dragging }: { here: Route; dragging: boolean }) {
  const missing = useMissingRight(here.page);
  if (missing !== undefined) return <MayNotPage key={here.page} right={missing} />;
  switch (here.page) {
    case 'start':
      return <StartPage dragging={dragging} />;
    case 'history':
      return <HistoryPage />;
    case 'import':
      return <ImportPage key={here.id} id={here.id} />;
    case 'profiles':
      return <ProfilesPage q={here.q} permission={here.permission} after={here.after} />;
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
    case 'settings':
      return <SettingsPage />;
    case 'webhooks':
      return <WebhooksPage />;
    case 'health':
      return <HealthPage />;
    case 'first-steps':
      return <FirstStepsPage />;
    case 'keys':
      return <KeysPage />;
    case 'account':
      return <AccountPage />;
    case 'team':
      return <TeamPage />;
    case 'audit':
      return <AuditPage />;
    case 'nowhere':
      return <NowherePage />;
  }
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
          aria-label={`${one.toUpperCase()}, ${nameOf(one)}`}
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
