// Every template: one line for a name, with its languages side by side.

import { useEffect, useRef, useState } from 'preact/hooks';

import { accounts, pull, templates, type Account, type Sync, type TemplateDoc } from '../api/templates.ts';
import { useMay } from '../access.ts';
import { useAsking } from '../asking.ts';
import { useWords } from '../messages/words.ts';
import { announce } from '../parts/announcer.tsx';
import { Empty, NotConnected } from '../parts/empty.tsx';
import { ProgressBar } from '../parts/figures.tsx';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { Moment } from '../parts/moment.tsx';
import { CategoryBadge, QualityBadge, StatusBadge } from '../parts/template/status.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';
import { wordsOf } from '../template/components.ts';
import { languageName } from '../template/languages.ts';
import { troubleFrom, type Trouble } from '../trouble.ts';

export function TemplatesPage() {
  const { m } = useWords();
  const { answer, trouble, waiting, again } = useAsking(
    async (signal) => ({ ...(await accounts(signal)), ...(await templates(signal)) }),
    'templates',
  );
  const [status, setStatus] = useState('');
  const [q, setQ] = useState('');
  const may = useMay();
  const isConnected = answer !== undefined && answer.accounts.length > 0;
  return (
    <section aria-busy={waiting}>
      <div class="apart wrap">
        <Heading title={m.templates.title} />
        {isConnected && may('templates') && (
          <a class="button primary" href="/templates/new">
            <Icon name="plus" />
            {m.templates.create}
          </a>
        )}
      </div>
      {trouble && <TroubleNote trouble={trouble} onRetry={again} />}
      {!answer && !trouble && <p class="loading">{m.loading}</p>}
      {answer && !isConnected && <NotConnected />}
      {answer && isConnected && (
        <>
          <SyncLine accounts={answer.accounts} sync={answer.sync} onPulled={again} />
          {answer.templates.length === 0 ? (
            <Empty
              icon="chat"
              title={m.templates.empty}
              text={m.templates.emptyText}
              href="/templates/new"
              act={m.templates.create}
              right="templates"
            />
          ) : (
            <>
              <Filters templates={answer.templates} status={status} onStatus={setStatus} q={q} onQ={setQ} />
              <Names templates={answer.templates} accounts={answer.accounts} status={status} q={q} />
            </>
          )}
        </>
      )}
    </section>
  );
}

/** When the templates were pulled last, and the button that does it again. */
function SyncLine({ accounts, sync, onPulled }: { accounts: readonly Account[]; sync: Sync; onPulled: () => void }) {
  const { m } = useWords();
  const may = useMay();
  const [running, setRunning] = useState(false);
  const [ended, setEnded] = useState<Sync>();
  const [trouble, setTrouble] = useState<Trouble>();
  const stops = useRef<(() => void)[]>([]);
  useEffect(() => () => stops.current.forEach((stop) => stop()), []);
  const start = () => {
    setRunning(true);
    setTrouble(undefined);
    let left = accounts.length;
    const over = (last?: Sync) => {
      left -= 1;
      if (last) setEnded(last);
      if (left > 0) return;
      setRunning(false);
      onPulled();
      if (last?.state === 'done') announce(m.templates.pulled(last.pulled ?? 0, last.added ?? 0, last.changed ?? 0, last.gone ?? 0));
    };
    stops.current = accounts.map(({ account }) =>
      pull(account, over, (lost) => {
        setTrouble(troubleFrom(lost));
        over();
      }),
    );
  };
  // An account that was connected a moment ago is being pulled already.
  useEffect(() => {
    if (sync.state === 'running' && !running && may('templates')) start();
  }, [sync.state]);
  const shown = ended ?? sync;
  return (
    <>
      <div class="sync-line">
        {may('templates') && (
          <button type="button" disabled={running} onClick={start}>
            <Icon name="refresh" />
            {running ? m.templates.pulling : m.templates.pull}
          </button>
        )}
        <p class="soft" role="status">
          {shown.state === 'never' && m.templates.never}
          {shown.at !== undefined && (
            <>
              {m.templates.lastPull} <Moment at={shown.at} />
            </>
          )}
          {ended?.state === 'done' &&
            ` · ${m.templates.pulled(ended.pulled ?? 0, ended.added ?? 0, ended.changed ?? 0, ended.gone ?? 0)}`}
        </p>
        <a class="sync-accounts" href="/connect">
          <Icon name="plug" />
          {accounts.length === 1 ? accounts[0]?.name : m.templates.accounts(accounts.length)}
        </a>
      </div>
      {running && <ProgressBar label={m.templates.pulling} />}
      {shown.state === 'failed' && (
        <TroubleNote trouble={{ kind: 'meta-not-asked', detail: shown.trouble ?? '' }} onRetry={start} />
      )}
      {trouble && <TroubleNote trouble={trouble} onRetry={start} />}
    </>
  );
}

interface FilterProps {
  templates: readonly TemplateDoc[];
  status: string;
  onStatus(status: string): void;
  q: string;
  onQ(q: string): void;
}

function Filters({ templates, status, onStatus, q, onQ }: FilterProps) {
  const { m, f } = useWords();
  const counts = new Map<string, number>();
  for (const one of templates) counts.set(one.status, (counts.get(one.status) ?? 0) + 1);
  const chip = (value: string, label: string, count: number) => (
    <button key={value} type="button" class="chip" aria-pressed={status === value} onClick={() => onStatus(value)}>
      {label} <span class="soft">{f.number(count)}</span>
    </button>
  );
  return (
    <div class="filters">
      <div class="search">
        <label class="unseen" for="template-q">
          {m.templates.search}
        </label>
        <Icon name="search" />
        <input
          id="template-q"
          type="search"
          autocomplete="off"
          placeholder={m.templates.searchHint}
          value={q}
          onInput={(event) => onQ(event.currentTarget.value)}
        />
      </div>
      <div class="chips" role="group" aria-label={m.templates.byStatus}>
        {chip('', m.templates.allStatuses, templates.length)}
        {[...counts].sort(([a], [b]) => a.localeCompare(b)).map(([one, count]) =>
          chip(one, m.templates.status[one] ?? one, count),
        )}
      </div>
    </div>
  );
}

function Names({ templates, accounts, status, q }: { templates: readonly TemplateDoc[]; accounts: readonly Account[]; status: string; q: string }) {
  const { m, lang } = useWords();
  const wanted = q.trim().toLocaleLowerCase(lang);
  const shown = templates.filter(
    (one) =>
      (status === '' || one.status === status) &&
      (wanted === '' ||
        one.name.includes(wanted.replaceAll(' ', '_')) ||
        languageName(one.language, lang).toLocaleLowerCase(lang).includes(wanted) ||
        (wordsOf(one.template, 'BODY') ?? '').toLocaleLowerCase(lang).includes(wanted)),
  );
  const names = new Map<string, TemplateDoc[]>();
  for (const one of shown) {
    const key = `${one.account}/${one.name}`;
    names.set(key, [...(names.get(key) ?? []), one]);
  }
  if (names.size === 0) return <p class="soft nothing-found">{m.templates.noHit}</p>;
  return (
    <ul class="card flush template-list">
      {[...names].map(([key, versions]) => (
        <OneName key={key} versions={versions} account={accounts.length > 1 ? accounts.find(({ account }) => account === versions[0]?.account) : undefined} />
      ))}
    </ul>
  );
}

function OneName({ versions, account }: { versions: readonly TemplateDoc[]; account: Account | undefined }) {
  const { m, lang } = useWords();
  const [first] = versions;
  if (!first) return null;
  const categories = [...new Set(versions.map(({ category }) => category))];
  // The words in a language that the reader is likely to know.
  const near = versions.find((one) => one.language.split('_')[0] === lang) ?? versions.find((one) => one.language.startsWith('en'));
  const shown = near ?? first;
  const text = wordsOf(shown.draft?.template ?? shown.template, 'BODY') ?? '';
  return (
    <li>
      <div class="template-what">
        <span class="template-tags">
          <a class="row-link" href={`/templates/${first.account}/${encodeURIComponent(first.name)}`}>
            {first.name}
          </a>
          {categories.map((category) => (
            <CategoryBadge key={category} category={category} />
          ))}
          {account && <span class="soft">{account.name}</span>}
        </span>
        <p class="soft template-text" dir="auto">
          {text}
        </p>
      </div>
      <ul class="template-languages">
        {versions.map((one) => (
          <li key={one.language} class={one.stale ? 'is-stale' : ''}>
            <span title={one.language}>{languageName(one.language, lang)}</span>
            <StatusBadge status={one.status} />
            <QualityBadge quality={one.quality} />
            {one.stale && <span class="badge tone-warn">{m.templates.stale}</span>}
            {one.draft && one.status !== 'DRAFT' && <span class="badge tone-plain">{m.templates.hasDraft}</span>}
          </li>
        ))}
      </ul>
    </li>
  );
}
