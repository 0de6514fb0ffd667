// Keeps a draft at the host, and submits it for approval. Once it was kept, every change is kept a moment later.

import type { TemplateDiagnostic } from 'consentry';
import { useEffect, useRef, useState } from 'preact/hooks';

import { forgetDraft, keepDraft, submit, versions, type TemplateDoc, type Which } from '../../api/templates.ts';
import { useWords } from '../../messages/words.ts';
import { go } from '../../router.ts';
import { textAt, type JsonObject } from '../../template/document.ts';
import type { Sources } from '../../template/variables.ts';
import { troubleFrom, type Trouble } from '../../trouble.ts';
import { announce } from '../announcer.tsx';
import { ProgressBar } from '../figures.tsx';
import { Icon } from '../icon.tsx';
import { Moment } from '../moment.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import { MetaSaid } from './meta-said.tsx';

/** How long nobody types before a draft is kept, in milliseconds. */
const QUIET_MS = 1200;

interface Props {
  account: string;
  template: JsonObject;
  sources: Sources;
  doc: TemplateDoc | undefined;
  /** What the engine found in exactly this; absent while it looks. */
  findings: readonly TemplateDiagnostic[] | undefined;
  onReload: () => void;
  onKept: () => void;
}

/** What the host has: which draft, in which version, and its content. */
interface Kept extends Which {
  version: number;
  at: string;
  template: JsonObject;
  sources: Sources;
}

export function Keeping({ account, template, sources, doc, findings, onReload, onKept }: Props) {
  const { m } = useWords();
  const [kept, setKept] = useState<Kept | undefined>(() => keptOf(doc, template, sources));
  const [doing, setDoing] = useState<'keep' | 'submit'>();
  const [trouble, setTrouble] = useState<Trouble>();
  const busy = useRef(false);

  const which = { account, name: textAt(template, '/name'), language: textAt(template, '/language') };
  const isNamed = /^[a-z0-9_]{1,512}$/.test(which.name) && which.language !== '';
  const errors = findings?.filter(({ severity }) => severity === 'error').length ?? 0;
  const isSame = kept?.template === template && kept.sources === sources;
  const isStill = kept !== undefined && kept.name === which.name && kept.language === which.language;

  const keep = async (over?: number): Promise<Kept | undefined> => {
    const known = isStill ? (over ?? kept.version) : over;
    const written = await keepDraft(which, { template, values: sources, ...(known !== undefined && { version: known }) });
    const next = keptOf(written, template, sources);
    // Under its former name it would be found twice.
    if (kept && !isStill) await forgetDraft(kept).catch(() => {});
    setKept(next);
    onKept();
    return next;
  };
  const attempt = async (what: 'keep' | 'submit', work: () => Promise<unknown>) => {
    if (busy.current) return;
    busy.current = true;
    setDoing(what);
    setTrouble(undefined);
    try {
      await work();
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
    }
    busy.current = false;
    setDoing(undefined);
  };
  const onKeep = () => attempt('keep', async () => (await keep()) && announce(m.builder.kept_));
  const onSubmit = () =>
    attempt('submit', async () => {
      announce(m.builder.submitting);
      if (!isSame || !isStill) await keep();
      const sent = await submit(which);
      announce(m.builder.submitted);
      go(`/templates/${account}/${encodeURIComponent(sent.name)}`);
    });
  /** Writes over what somebody else has kept meanwhile. */
  const onOver = () =>
    attempt('keep', async () => {
      const never = new AbortController().signal;
      const found = (await versions(account, which.name, never)).versions.find((one) => one.language === which.language);
      await keep(found?.draft?.version);
    });

  useEffect(() => {
    if (!kept || !isStill || isSame || trouble) return;
    const timer = setTimeout(() => void attempt('keep', keep), QUIET_MS);
    return () => clearTimeout(timer);
  });
  // Whoever leaves the page before the moment is over has it saved all the same.
  const last = useRef<() => void>();
  last.current = kept && isStill && !isSame && !trouble && !busy.current ? () => void keep().catch(() => {}) : undefined;
  useEffect(() => () => last.current?.(), []);
  const first = useRef(template);
  useEffect(() => {
    if (isSame || template === first.current) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', stay);
    return () => removeEventListener('beforeunload', stay);
  }, [isSame, template]);

  return (
    <div class="keeping card">
      {trouble && (
        <div class="keeping-trouble">
          {trouble.meta ? <MetaSaid refusal={trouble.meta} /> : <TroubleNote trouble={trouble} />}
          {trouble.kind === 'overtaken' && (
            <p class="actions">
              <button type="button" onClick={onReload}>
                {m.builder.takeTheirs}
              </button>
              <button type="button" onClick={() => void onOver()}>
                {m.builder.keepMine}
              </button>
            </p>
          )}
        </div>
      )}
      {doing === 'submit' && <ProgressBar label={m.builder.submitting} />}
      <div class="keeping-line">
        <p class="soft keeping-said" role="status">
          {doing === 'keep' ? (
            m.builder.keeping
          ) : isSame && kept ? (
            <>
              <Icon name="check" /> {m.builder.kept_} · <Moment at={kept.at} />
            </>
          ) : !isNamed ? (
            m.builder.nameFirst
          ) : errors > 0 ? (
            m.builder.errorsFirst(errors)
          ) : (
            m.builder.notKept
          )}
        </p>
        <p class="actions">
          <button
            type="button"
            class="to-phone"
            onClick={() => document.querySelector('.phone')?.scrollIntoView({ block: 'start' })}
          >
            <Icon name="chat" />
            {m.builder.toPhone}
          </button>
          <button type="button" disabled={!isNamed || doing !== undefined || isSame} onClick={() => void onKeep()}>
            {m.builder.keep}
          </button>
          <button
            type="button"
            class="primary"
            disabled={!isNamed || doing !== undefined || findings === undefined || errors > 0}
            onClick={() => void onSubmit()}
          >
            {doing === 'submit' ? m.builder.submitting : m.builder.submit}
          </button>
        </p>
      </div>
    </div>
  );
}

/** What the host has of it; `template` and `sources` as they are here, so that sameness is seen at once. */
function keptOf(doc: TemplateDoc | undefined, template: JsonObject, sources: Sources): Kept | undefined {
  if (!doc?.draft) return undefined;
  return {
    account: doc.account,
    name: doc.name,
    language: doc.language,
    version: doc.draft.version,
    at: doc.draft.changed_at,
    template,
    sources,
  };
}
