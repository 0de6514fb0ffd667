// Where a template is written, changed, or carried over into another language: the fields, the phone beside them, and
// the way to Meta.

import type { LintContext } from 'consentry';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import { useMay } from '../access.ts';
import { accounts, templates, versions, type Account, type TemplateDoc } from '../api/templates.ts';
import { profiles } from '../api/host.ts';
import { useAsking } from '../asking.ts';
import { useWords } from '../messages/words.ts';
import { NotConnected } from '../parts/empty.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { BuilderFields } from '../parts/template/builder-fields.tsx';
import type { Editing } from '../parts/template/editing.ts';
import { FindingsSummary } from '../parts/template/findings-summary.tsx';
import { Keeping } from '../parts/template/keeping.tsx';
import { Phone } from '../parts/template/phone.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';
import { WhoMay } from '../parts/who-may.tsx';
import { BLANK, wordsOf, writable } from '../template/components.ts';
import { set, textAt, type JsonObject } from '../template/document.ts';
import { languageName } from '../template/languages.ts';
import { useLive } from '../template/live.ts';
import type { Sources } from '../template/variables.ts';

interface Props {
  account: string;
  /** Name of the template that is changed or carried over; empty for a new one. */
  from: string;
  language: string;
  mode: 'new' | 'copy' | 'edit';
}

/** What the page starts from. */
interface Start {
  account: Account;
  accounts: Account[];
  template: JsonObject;
  sources: Sources;
  /** The one that is changed, as the host knows it. */
  doc?: TemplateDoc;
  all: TemplateDoc[];
  attributes: string[];
}

/** What was written and never saved, by page: somebody may look something up and come back, as long as the tab is open. */
const unsaved = new Map<string, { template: JsonObject; sources: Sources }>();

/** Profiles that are looked through for the names of attributes. */
const PROFILES_READ = 50;

export function BuilderPage(props: Props) {
  const { m } = useWords();
  const mayWrite = useMay()('templates');
  const about = [props.mode, props.account, props.from, props.language].join('/');
  const { answer, trouble, again } = useAsking((signal) => begin(props, signal), about);
  return (
    <section class="builder">
      {trouble && <TroubleNote trouble={trouble} onRetry={again} />}
      {answer === undefined && !trouble && <p class="loading">{m.loading}</p>}
      {answer === null && (
        <NotConnected isPage />
      )}
      {/* Asked for again, what somebody else has saved takes the place of what stands here. */}
      {answer && !mayWrite && (
        <>
          <Heading title={m.builder.newTitle} />
          <WhoMay right="templates" />
        </>
      )}
      {answer && mayWrite && <Builder key={answer.doc?.draft?.version} start={answer} mode={props.mode} about={about} onReload={again} />}
    </section>
  );
}

interface BuilderProps {
  start: Start;
  mode: Props['mode'];
  about: string;
  onReload: () => void;
}

function Builder({ start, mode, about, onReload }: BuilderProps) {
  const { m, lang } = useWords();
  const [template, setTemplate] = useState(() => unsaved.get(about)?.template ?? start.template);
  const [sources, setSources] = useState(() => unsaved.get(about)?.sources ?? start.sources);
  const [account, setAccount] = useState(start.account);
  const [pictures, setPictures] = useState<ReadonlyMap<string, string>>(new Map());
  // Fields change what stands now, also when two of them speak before the page is drawn again.
  const standing = useRef(template);
  const change: Editing['change'] = (next) => {
    standing.current = next(standing.current);
    setTemplate(standing.current);
  };
  const { doc } = start;
  useEffect(() => {
    // A draft that the host has is saved by itself.
    if (template !== start.template && !doc?.draft) unsaved.set(about, { template, sources });
  }, [template, sources]);
  const atMeta = doc?.id !== undefined && !doc.stale;
  const context = useMemo(() => contextOf(start, account, atMeta), [start, account, atMeta]);
  const live = useLive(template, context);
  const editing: Editing = {
    template,
    change,
    findings: live.findings ?? [],
    account: account.account,
    onPicture: (handle, picture) => setPictures((known) => new Map([...known, [handle, picture]])),
  };
  const name = textAt(template, '/name');
  const title =
    mode === 'edit' && doc
      ? m.builder.editTitle(doc.name, languageName(doc.language, lang))
      : mode === 'copy'
        ? m.builder.copyTitle(name)
        : m.builder.newTitle;
  return (
    <>
      <p class="way-back">
        <a href={mode === 'new' ? '/templates' : `/templates/${account.account}/${encodeURIComponent(doc?.name ?? name)}`}>
          <Icon name="back" />
          {mode === 'new' ? m.templates.title : (doc?.name ?? name)}
        </a>
      </p>
      <Heading title={title} />
      {mode === 'copy' && <p class="lead">{m.builder.copyLead}</p>}
      <div class="builder-columns">
        <BuilderFields
          editing={editing}
          sources={sources}
          onSources={setSources}
          attributes={start.attributes}
          isFixed={atMeta || mode === 'edit'}
          isCopy={mode === 'copy'}
          taken={start.all
            .filter((one) => one.account === account.account && one.name === name && one !== doc)
            .map((one) => one.language)}
          choice={
            start.accounts.length > 1 && mode === 'new' ? { accounts: start.accounts, account, onAccount: setAccount } : undefined
          }
        />
        <div class="builder-aside">
          <Phone drawn={live.drawn} business={account.numbers[0]?.name || account.name} pictures={pictures} />
          {live.trouble && <TroubleNote trouble={live.trouble} />}
          <FindingsSummary editing={editing} findings={live.findings} />
        </div>
        <Keeping
          key={account.account}
          account={account.account}
          template={template}
          sources={sources}
          doc={doc}
          findings={live.of === template ? live.findings : undefined}
          onReload={onReload}
          onKept={() => unsaved.delete(about)}
        />
      </div>
    </>
  );
}

/** What is known of the account's other templates, so that a name or a text that is taken is told before Meta does. */
function contextOf(start: Start, account: Account, atMeta: boolean): LintContext {
  const others = start.all.filter((one) => one.account === account.account && one.id !== undefined && !one.stale);
  const existing = others
    .filter((one) => !(one.name === start.doc?.name && one.language === start.doc.language))
    .map(({ name, language, status, template }) => {
      const [body, footer] = [wordsOf(template, 'BODY'), wordsOf(template, 'FOOTER')];
      return { name, language, status, ...(body !== undefined && { body }), ...(footer !== undefined && { footer }) };
    });
  return { existing, ...(atMeta && { edit: true }) };
}

/** `null` where no account is connected. */
async function begin({ account: named, from, language, mode }: Props, signal: AbortSignal): Promise<Start | null> {
  const [known, listed, people] = await Promise.all([
    accounts(signal),
    templates(signal),
    profiles({}, PROFILES_READ, signal),
  ]);
  const account = known.accounts.find((one) => one.account === named) ?? known.accounts[0];
  if (!account) return null;
  const attributes = [...new Set(people.profiles.flatMap((one) => Object.keys(one.attributes)))].sort();
  const base = { account, accounts: known.accounts, all: listed.templates, attributes };
  if (mode === 'new') return { ...base, template: BLANK, sources: {} };
  const found = (await versions(account.account, from, signal)).versions;
  const doc = found.find((one) => one.language === language) ?? found[0];
  if (!doc) return { ...base, template: set(BLANK, '/name', from), sources: {} };
  const standing = writable(doc.draft?.template ?? doc.template);
  const sources = doc.draft?.values ?? doc.values;
  if (mode === 'edit') return { ...base, template: standing, sources, doc };
  return { ...base, template: set(set(standing, '/name', from), '/language', ''), sources };
}
