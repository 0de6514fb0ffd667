// Where a campaign is written: what, when, to whom, and go. The phone beside it shows what a real person gets.

import { preview, type MessagePreview } from 'consentry';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import { attributes, campaign, segments, type Attribute, type CampaignDoc, type Definition, type Segment } from '../api/campaigns.ts';
import type { ImportDoc, Profile } from '../api/documents.ts';
import { imports, profiles } from '../api/host.ts';
import { accounts, templates, type Account, type TemplateDoc } from '../api/templates.ts';
import { useAsking } from '../asking.ts';
import { blank, missingOf, shownFor, slotsOf, STEPS, templateOf, type StepName } from '../campaign/draft.ts';
import { useKeeping, type Keeping } from '../campaign/keeping.ts';
import { useWords } from '../messages/words.ts';
import { Ask } from '../parts/campaign/ask.tsx';
import { AudienceCount, AudienceStep } from '../parts/campaign/audience.tsx';
import { Compose } from '../parts/campaign/compose.tsx';
import { Delivery } from '../parts/campaign/delivery.tsx';
import type { Editing } from '../parts/campaign/editing.ts';
import { Launch } from '../parts/campaign/launch.tsx';
import { CampaignBadge } from '../parts/campaign/state-badge.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { Phone } from '../parts/template/phone.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';
import { go } from '../router.ts';

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
      {trouble && <TroubleNote trouble={trouble} onRetry={again} />}
      {!answer && !trouble && <p class="loading">{m.loading}</p>}
      {answer?.accounts.length === 0 && (
        <div class="empty card">
          <Heading title={m.templates.noAccount} />
          <p class="soft">{m.templates.noAccountText}</p>
          <a class="button primary" href="/connect">
            {m.templates.toConnect}
          </a>
        </div>
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

function Editor({ start, first, step, onReload }: { start: Start; first: Account; step: StepName; onReload(): void }) {
  const { m } = useWords();
  const [draft, setDraft] = useState<Definition>(() => start.doc?.definition ?? unsaved ?? blank(first.account));
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
  const isReady = !missing.includes('name') && !missing.includes('template') && !missing.includes('shares');
  const keeping = useKeeping(start.doc, draft, isReady, (doc) => {
    unsaved = undefined;
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
          </span>
        )}
      </div>
      <Steps step={step} onStep={to} incomplete={missing.length > 0} />
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
        <Bar step={step} keeping={keeping} isReady={isReady} onStep={to} onReload={onReload} />
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

/** The phone, with the values of somebody real. */
function Preview({ editing, people, onPerson, pictures }: { editing: Editing; people: readonly Profile[]; onPerson(person: Profile): void; pictures: ReadonlyMap<string, string> }) {
  const { m } = useWords();
  const { draft, shown, person, account, templates } = editing;
  const [found, setFound] = useState<readonly Profile[]>([]);
  const [isNobody, setNobody] = useState(false);
  const message = draft.messages[shown];
  const doc = message && templateOf(draft, message, templates);
  const values = useMemo(() => (doc && message ? valuesFor(doc, message.values ?? {}, person) : {}), [doc, message?.values, person]);
  const drawn = useDrawn(doc, values);
  const search = async (q: string) => {
    setNobody(false);
    if (q === '') return;
    const answer = await profiles(q, null, 1, new AbortController().signal).catch(() => undefined);
    const [one] = answer?.profiles ?? [];
    setNobody(one === undefined);
    if (!one) return;
    setFound((before) => [one, ...before.filter(({ profile }) => profile !== one.profile)]);
    onPerson(one);
  };
  const all = [...found, ...people.filter((one) => !found.some(({ profile }) => profile === one.profile))];
  return (
    <section class="campaign-preview" aria-label={m.bubble.title}>
      {draft.messages.length > 1 && (
        <div class="chips" role="group" aria-label={m.compose.message}>
          {draft.messages.map((_, at) => (
            <button key={at} type="button" class="chip" aria-pressed={at === shown} onClick={() => editing.onShown(at)}>
              {m.compose.messageOf(m.compose.letter(at))}
            </button>
          ))}
        </div>
      )}
      <Phone drawn={drawn} business={account.numbers[0]?.name || account.name} pictures={pictures} empty={m.editor.empty} />
      {all.length > 0 && (
        <div class="preview-person">
          <label for="preview-person">{m.editor.valuesOf}</label>
          <select
            id="preview-person"
            class="small"
            value={person?.profile ?? ''}
            onChange={(event) => {
              const one = all.find(({ profile }) => profile === event.currentTarget.value);
              if (one) onPerson(one);
            }}
          >
            {all.map((one) => (
              <option key={one.profile} value={one.profile}>
                {[one.wpNumber ?? one.profile, one.exid ?? one.email].filter(Boolean).join(' · ')}
              </option>
            ))}
          </select>
          <form
            class="preview-search"
            onSubmit={(event) => {
              event.preventDefault();
              void search(String(new FormData(event.currentTarget).get('q') ?? '').trim());
            }}
          >
            <input name="q" type="search" aria-label={m.profiles.search} placeholder={m.profiles.searchHint} autocomplete="off" />
            <button type="submit" class="small-button">
              {m.profiles.go}
            </button>
          </form>
          {isNobody && (
            <p class="warned small-print" role="status">
              {m.editor.nobody}
            </p>
          )}
        </div>
      )}
    </section>
  );
}

function valuesFor(doc: TemplateDoc, values: NonNullable<Definition['messages'][number]['values']>, person: Profile | undefined): { [name: string]: string } {
  const known = person
    ? { ...person.attributes, exid: person.exid, email: person.email, msisdn: person.msisdn, wpNumber: person.wpNumber }
    : {};
  const found = slotsOf(doc).map((slot) => [slot.key, shownFor(values[slot.key], known)] as const);
  return Object.fromEntries(found.filter((one): one is readonly [string, string] => one[1] !== undefined));
}

/** The message drawn anew as its values change; the last picture stays until then. */
function useDrawn(doc: TemplateDoc | undefined, values: { [name: string]: string }): MessagePreview | undefined {
  const [drawn, setDrawn] = useState<MessagePreview>();
  const asked = JSON.stringify(values);
  useEffect(() => {
    if (!doc) return setDrawn(undefined);
    let gone = false;
    preview({ template: doc.template, values }).then(
      (report) => !gone && setDrawn(report.preview),
      () => {}, // The fields say what stands there all the same.
    );
    return () => {
      gone = true;
    };
  }, [doc, asked]);
  return drawn;
}

/** Where one goes on, and whether the host has it: always in reach. */
function Bar({ step, keeping, isReady, onStep, onReload }: { step: StepName; keeping: Keeping; isReady: boolean; onStep(step: StepName): void; onReload(): void }) {
  const { m } = useWords();
  const at = STEPS.indexOf(step);
  const [before, after] = [STEPS[at - 1], STEPS[at + 1]];
  const { trouble, isKept } = keeping;
  return (
    <div class="keeping card">
      {trouble && (
        <div class="keeping-trouble">
          <TroubleNote trouble={trouble} onRetry={() => void keeping.keep()} />
          {trouble.kind === 'overtaken' && (
            <p class="actions">
              <button type="button" onClick={onReload}>
                {m.builder.takeTheirs}
              </button>
            </p>
          )}
        </div>
      )}
      <div class="keeping-line">
        <p class="soft keeping-said" role="status">
          {keeping.keeping ? m.builder.keeping : isKept ? m.editor.kept : isReady ? m.editor.notKept : m.editor.firstName}
        </p>
        <p class="actions">
          <button
            type="button"
            class="to-phone"
            title={m.builder.toPhone}
            aria-label={m.builder.toPhone}
            onClick={() => document.querySelector('.builder-aside')?.scrollIntoView({ block: 'start' })}
          >
            <Icon name="chat" />
          </button>
          {before && (
            <button type="button" onClick={() => onStep(before)}>
              {m.editor.back}
            </button>
          )}
          {after && (
            <button type="button" class="primary" onClick={() => onStep(after)}>
              {m.editor.next(m.steps[after])}
            </button>
          )}
        </p>
      </div>
    </div>
  );
}

async function begin(id: string, signal: AbortSignal): Promise<Start> {
  const [known, listed, people, names, files, saved, doc] = await Promise.all([
    accounts(signal),
    templates(signal),
    profiles('', null, PEOPLE_READ, signal),
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

function rank({ permission }: Profile): number {
  return permission === 'opt_in' ? 0 : 1;
}
