// One template: its languages side by side, how Meta sees each, and what can be done with it.

import { useEffect, useState } from 'preact/hooks';

import { useMay } from '../access.ts';
import { accounts, versions, type TemplateDoc } from '../api/templates.ts';
import { useAsking } from '../asking.ts';
import { sendWith } from '../first-steps.ts';
import { useWords } from '../messages/words.ts';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { Moment } from '../parts/moment.tsx';
import { DeleteTemplate } from '../parts/template/delete-template.tsx';
import { Phone } from '../parts/template/phone.tsx';
import { CategoryBadge, QualityBadge, StatusBadge, WhyNot } from '../parts/template/status.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';
import { languageName } from '../template/languages.ts';
import { useDrawn } from '../template/live.ts';

/** Where Meta lets a template be edited. */
const EDITABLE: readonly string[] = ['DRAFT', 'APPROVED', 'REJECTED', 'PAUSED'];
/** Where there is nothing left to delete. */
const GONE: readonly string[] = ['DELETED', 'PENDING_DELETION'];
/** How often it is looked whether Meta has decided, in milliseconds. */
const LOOK_AGAIN_MS = 1500;

export function TemplatePage({ account, name }: { account: string; name: string }) {
  const { m } = useWords();
  const { answer, trouble, again } = useAsking(
    async (signal) => {
      const [known, found] = await Promise.all([accounts(signal), versions(account, name, signal)]);
      return { business: known.accounts.find((one) => one.account === account), ...found };
    },
    `${account}/${name}`,
  );
  const shown = answer?.versions ?? [];
  const may = useMay();
  const isInReview = shown.some(({ status }) => status === 'PENDING');
  useEffect(() => {
    if (!isInReview) return;
    const timer = setInterval(() => !document.hidden && again(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isInReview]);
  return (
    <section>
      <p class="way-back">
        <a href="/templates">
          <Icon name="back" />
          {m.templates.title}
        </a>
      </p>
      <div class="apart wrap">
        <Heading title={name}>
          <bdi class="template-title">{name}</bdi>
        </Heading>
        {shown.length > 0 && may('templates') && (
          <div class="actions">
            <a class="button" href={`/templates/new?${new URLSearchParams({ account, from: name, language: shown[0]?.language ?? '' })}`}>
              <Icon name="plus" />
              {m.template.addLanguage}
            </a>
            {shown.length > 1 && <DeleteTemplate of={shown} onDeleted={again} />}
          </div>
        )}
      </div>
      {trouble && <TroubleNote trouble={trouble} onRetry={again} />}
      {!answer && !trouble && <p class="loading">{m.loading}</p>}
      <ul class="versions">
        {shown.map((one) => (
          <Version
            key={one.language}
            of={one}
            business={answer?.business?.numbers[0]?.name || answer?.business?.name || name}
            onDeleted={again}
          />
        ))}
      </ul>
    </section>
  );
}

function Version({ of, business, onDeleted }: { of: TemplateDoc; business: string; onDeleted: () => void }) {
  const { m, lang } = useWords();
  const [draft, setDraft] = useState(false);
  const isBoth = of.draft !== undefined && of.status !== 'DRAFT';
  const drawn = useDrawn(draft && of.draft ? of.draft.template : of.template);
  const language = languageName(of.language, lang);
  const title = `version-${of.language}`;
  const query = new URLSearchParams({ language: of.language });
  const address = `/templates/${of.account}/${encodeURIComponent(of.name)}`;
  const may = useMay();
  const canSend = of.sendable && of.category !== 'AUTHENTICATION' && may('campaigns');
  return (
    <li class="card version" aria-labelledby={title}>
      <div class="version-top">
        <h2 id={title}>
          {language} <code class="soft">{of.language}</code>
        </h2>
        <p class="template-tags">
          <StatusBadge status={of.status} />
          <QualityBadge quality={of.quality} />
          <CategoryBadge category={of.category} />
          {of.stale && <span class="badge tone-warn">{m.templates.stale}</span>}
        </p>
        <WhyNot of={of} />
        {of.status === 'PENDING' && (
          <p class="in-review" role="status">
            <Icon name="clock" />
            <span>{m.next.inReviewText}</span>
          </p>
        )}
        {of.rejected_reason !== undefined && (
          <p class="rejected">
            <Icon name="error" />
            <span>{m.template.reasons[of.rejected_reason] ?? m.template.reason(of.rejected_reason)}</span>
          </p>
        )}
        {of.previous_category !== undefined && of.previous_category !== of.category && (
          <p class="rejected is-warning">
            <Icon name="warning" />
            <span>
              {m.template.recategorised(
                m.templates.category[of.previous_category] ?? of.previous_category,
                m.templates.category[of.category] ?? of.category,
              )}
            </span>
          </p>
        )}
        {isBoth && (
          <div class="chips" role="group" aria-label={m.template.which}>
            <button type="button" class="chip" aria-pressed={!draft} onClick={() => setDraft(false)}>
              {m.template.atMeta}
            </button>
            <button type="button" class="chip" aria-pressed={draft} onClick={() => setDraft(true)}>
              {m.template.draft}
            </button>
          </div>
        )}
      </div>
      <Phone drawn={drawn} business={business} />
      <p class="soft version-time">
        {m.template.changed} <Moment at={of.changed_at} />
        {of.synced_at !== undefined && (
          <>
            {' · '}
            {m.template.seen} <Moment at={of.synced_at} />
          </>
        )}
      </p>
      <div class="actions">
        {canSend && (
          <a class="button primary" href={sendWith(of)} aria-label={`${m.next.sendTemplate}: ${language}`}>
            <Icon name="megaphone" />
            {m.next.sendTemplate}
          </a>
        )}
        {may('templates') && (EDITABLE.includes(of.status) || of.stale) && (
          <a class={canSend ? 'button' : 'button primary'} href={`${address}/edit?${query}`} aria-label={`${m.template.edit}: ${language}`}>
            <Icon name="pen" />
            {m.template.edit}
          </a>
        )}
        {may('templates') && (
          <a
            class="button"
            href={`/templates/new?${new URLSearchParams({ account: of.account, from: of.name, language: of.language })}`}
            aria-label={`${m.template.duplicate}: ${language}`}
          >
            <Icon name="copy" />
            {m.template.duplicate}
          </a>
        )}
        {may('templates') && !GONE.includes(of.status) && <DeleteTemplate of={[of]} onDeleted={onDeleted} />}
      </div>
    </li>
  );
}
