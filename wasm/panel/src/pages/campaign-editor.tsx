// Where a campaign is written: what, when, to whom, and go. The phone beside it shows what a real person gets.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import { useMay } from '../access.ts';
import type { Attribute, CampaignDoc, Definition, Segment } from '../api/campaign-documents.ts';
import { attributes, campaign, segments } from '../api/campaigns.ts';
import type { ImportDoc, Profile } from '../api/documents.ts';
import { imports, profiles } from '../api/host.ts';
import { accounts, templates, type Account, type TemplateDoc } from '../api/templates.ts';
import { useAsking } from '../asking.ts';
import { blank, missingOf, prefilled, STEPS, type StepName } from '../campaign/draft.ts';
import { useKeeping } from '../campaign/keeping.ts';
import { useWords } from '../messages/words.ts';
import { Ask } from '../parts/campaign/ask.tsx';
import { AudienceCount, AudienceStep } from '../parts/campaign/audience.tsx';
import { Bar } from '../parts/campaign/bar.tsx';
import { Compose } from '../parts/campaign/compose.tsx';
import { Delivery } from '../parts/campaign/delivery.tsx';
import type { Editing } from '../parts/campaign/editing.ts';
import { Launch } from '../parts/campaign/launch.tsx';
import { Preview } from '../parts/campaign/preview.tsx';
import { CampaignBadge } from '../parts/campaign/state-badge.tsx';
import { NotConnected } from '../parts/empty.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';
import { go, route } from '../router.ts';

/** People whose values can be looked at without searching. */
const PEOPLE_READ = 50;
/** States in which a campaign can be written on. */
const WRITABLE: readonly string[] = ['draft', 'freezing', 'frozen', 'awaiting_approval'];

interface Start {
  accounts: Account[];
  templates: TemplateDoc[];
  people: Profile[];
  attributes: Attribute[];
  imports: ImportDoc[];
  segments: Segment[];
  doc?: CampaignDoc;
}

/** What was written and has not enough to be kept yet: somebody may look something up and come back. */
let unsaved: Definition | undefined;

export function CampaignEditorPage({ id, step }: { id: string; step: StepName }) {
  const { m } = useWords();
  // A new campaign gets its id while it is written and goes on as it is; only asked for again, it is read.
  const { answer, trouble, again } = useAsking((signal) => begin(id, signal), 'campaign');
  const writable = answer && (!answer.doc || WRITABLE.includes(answer.doc.state));
  return (
    <section class="builder campaign-editor">
      {trouble && (
        <>
          {!answer && <Heading title={m.campaigns.title} />}
          <TroubleNote trouble={trouble} onRetry={again} />
        </>
      )}
      {!answer && !trouble && <p class="loading">{m.loading}</p>}
      {answer?.accounts.length === 0 && (
        <NotConnected isPage />
      )}
      {answer?.doc && !writable && (
        <div class="empty card">
          <Heading title={answer.doc.name} />
          <p class="soft">{m.editor.launched}</p>
          <a class="button primary" href={`/campaigns/${answer.doc.campaign}`}>
            {m.editor.toCampaign}
          </a>
        </div>
      )}
      {answer && answer.accounts[0] && writable && <Editor key={answer.doc?.version} start={answer} first={answer.accounts[0]} step={step} onReload={again} />}
    </section>
  );
}

function Editor({ start, first, step: asked, onReload }: { start: Start; first: Account; step: StepName; onReload(): void }) {
  const { m, f } = useWords();
  // Whoever may not write comes to approve, to start or to look: the last step is theirs.
  const mayWrite = useMay()('campaigns');
  const step = mayWrite ? asked : 'go';
  const [draft, setDraft] = useState<Definition>(() => start.doc?.definition ?? begun(start, f.day(today())) ?? unsaved ?? blank(first.account));
  const [known, setKnown] = useState(start.segments);
  const [shown, setShown] = useState(0);
  const [person, setPerson] = useState<Profile | undefined>(start.people[0]);
  const [pictures, setPictures] = useState<ReadonlyMap<string, string>>(new Map());
  const standing = useRef(draft);
  const change: Editing['change'] = (next) => {
    standing.current = next(standing.current);
    setDraft(standing.current);
  };
  const account = start.accounts.find((one) => one.account === draft.account) ?? first;
  const ofAccount = useMemo(() => start.templates.filter((one) => one.account === account.account), [account]);
  const missing = missingOf(draft, ofAccount);
  // Without a name and a template there is nothing to keep.
  const isReady = mayWrite && !missing.includes('name') && !missing.includes('template') && !missing.includes('shares');
  const keeping = useKeeping(start.doc, draft, isReady, (doc) => {
    unsaved = undefined;
    // Who has gone on to another page stays there.
    if (route.get().page !== 'campaign-editor') return;
    go(`/campaigns/${doc.campaign}/edit?step=${new URLSearchParams(location.search).get('step') ?? step}`, { replace: true });
  });
  const { doc } = keeping;
  useEffect(() => {
    if (!doc) unsaved = draft;
  }, [draft, doc]);
  const editing: Editing = {
    draft,
    change,
    account,
    accounts: start.accounts,
    templates: ofAccount,
    attributes: start.attributes,
    imports: start.imports,
    segments: known,
    onSegments: () => void segments(new AbortController().signal).then((answer) => setKnown(answer.segments)),
    person,
    shown: Math.min(shown, draft.messages.length - 1),
    onShown: setShown,
    onPicture: (id, picture) => setPictures((all) => new Map([...all, [id, picture]])),
  };
  const to = (next: StepName) => {
    const address = doc ? `/campaigns/${doc.campaign}/edit` : '/campaigns/new';
    go(`${address}?step=${next}`);
    document.getElementById('step-title')?.focus({ preventScroll: true });
  };
  return (
    <>
      <p class="way-back">
        <a href="/campaigns">
          <Icon name="back" />
          {m.campaigns.title}
        </a>
      </p>
      <div class="apart wrap">
        <Heading title={draft.name.trim() || m.editor.newTitle}>
          <bdi>{draft.name.trim() || m.editor.newTitle}</bdi>
        </Heading>
        {doc && (
          <span class="editor-state">
            <CampaignBadge state={doc.state} />
            {mayWrite && (
              <Ask
                open={m.editor.delete}
                icon="bin"
                grave
                title={m.editor.deleteTitle}
                confirm={m.editor.delete}
                onConfirm={async () => {
                  await keeping.remove();
                  go('/campaigns');
                }}
              >
                <p>{m.editor.deleteText}</p>
              </Ask>
            )}
          </span>
        )}
      </div>
      {mayWrite ? <Steps step={step} onStep={to} incomplete={missing.length > 0} /> : <p class="soft">{m.rights.lookOnly}</p>}
      <div class="builder-columns">
        <div class="builder-fields">
          <h2 id="step-title" class="unseen" tabIndex={-1}>
            {m.steps[step]}
          </h2>
          {step === 'compose' && <Compose editing={editing} />}
          {step === 'delivery' && <Delivery editing={editing} />}
          {step === 'audience' && <AudienceStep editing={editing} />}
          {step === 'go' && <Launch editing={editing} keeping={keeping} missing={missing} onStep={to} />}
        </div>
        <div class="builder-aside">
          {step === 'audience' && <AudienceCount editing={editing} />}
          <Preview editing={editing} people={start.people} onPerson={setPerson} pictures={pictures} />
        </div>
        {mayWrite && (
          <Bar step={step} keeping={keeping} isReady={isReady} onStep={to} onReload={onReload} />
        )}
      </div>
    </>
  );
}

function Steps({ step, onStep, incomplete }: { step: StepName; onStep(step: StepName): void; incomplete: boolean }) {
  const { m } = useWords();
  return (
    <ol class="steps" aria-label={m.editor.steps}>
      {STEPS.map((one, at) => (
        <li key={one}>
          <button type="button" aria-current={one === step ? 'step' : undefined} onClick={() => onStep(one)}>
            <span class="step-number" aria-hidden="true">
              {one === 'go' && !incomplete ? <Icon name="play" /> : at + 1}
            </span>
            <span>{m.steps[one]}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

async function begin(id: string, signal: AbortSignal): Promise<Start> {
  const [known, listed, people, names, files, saved, doc] = await Promise.all([
    accounts(signal),
    templates(signal),
    profiles({}, PEOPLE_READ, signal),
    attributes(signal),
    imports(signal),
    segments(signal),
    id === '' ? undefined : campaign(id, signal),
  ]);
  return {
    accounts: known.accounts,
    templates: listed.templates,
    // Whoever may be written to comes first.
    people: people.profiles.filter(({ wpNumber }) => wpNumber !== null).sort((a, b) => rank(a) - rank(b)),
    attributes: names.attributes,
    imports: files.imports,
    segments: saved.segments,
    ...(doc && { doc }),
  };
}

/** What the address of a new campaign says it begins with. */
function begun(start: Start, day: string): Definition | undefined {
  const names = start.attributes.map(({ name }) => name);
  return prefilled(new URLSearchParams(location.search), start.templates, names, day);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function rank({ permission }: Profile): number {
  return permission === 'opt_in' ? 0 : 1;
}
