// The accounts that are connected: their numbers, whether they can send, and how to forget one.

import { useEffect, useRef, useState } from 'preact/hooks';

import { useMay } from '../access.ts';
import { forget, type Account } from '../api/templates.ts';
import { useWords } from '../messages/words.ts';
import { troubleFrom, type Trouble } from '../trouble.ts';
import { announce } from './announcer.tsx';
import { Copyable } from './copyable.tsx';
import { Fact } from './facts.tsx';
import { Icon } from './icon.tsx';
import { Moment } from './moment.tsx';
import { QualityBadge } from './template/status.tsx';
import { TroubleNote } from './trouble-note.tsx';

interface Props {
  accounts: readonly Account[];
  /** The one that was connected a moment ago. */
  just: string | undefined;
  onForgotten: () => void;
}

export function Connected({ accounts, just, onForgotten }: Props) {
  const { m } = useWords();
  if (accounts.length === 0) return null;
  return (
    <section class="connected" aria-labelledby="connected">
      <h2 id="connected">{m.connect.connected}</h2>
      <ul>
        {accounts.map((account) => (
          <OneAccount key={account.account} account={account} isNew={account.account === just} onForgotten={onForgotten} />
        ))}
      </ul>
    </section>
  );
}

function OneAccount({ account, isNew, onForgotten }: { account: Account; isNew: boolean; onForgotten: () => void }) {
  const { m } = useWords();
  const name = useRef<HTMLHeadingElement>(null);
  const may = useMay();
  const { health, webhook } = account;
  // Reading goes on with the news.
  useEffect(() => {
    if (isNew) name.current?.focus();
  }, [isNew]);
  const tone = health?.can_send === 'AVAILABLE' ? 'good' : health?.can_send === 'BLOCKED' ? 'bad' : 'warn';
  return (
    <li class={isNew ? 'card account is-new' : 'card account'}>
      <div class="apart wrap">
        <h3 ref={name} tabIndex={-1} dir="auto">{account.name}</h3>
        <span class="template-tags">
          {account.sandbox && <span class="badge tone-accent">{m.connect.isSandbox}</span>}
          {health && <span class={`badge tone-${tone}`}>{m.connect.health[health.can_send] ?? health.can_send}</span>}
        </span>
      </div>
      {isNew && (
        <p class="clean">
          <Icon name="check" />
          <span>
            {m.connect.done(account.name)} <a href="/templates">{m.connect.toTemplates}</a>
          </span>
        </p>
      )}
      {account.trouble !== undefined && (
        <p class="rejected">
          <Icon name="error" />
          <span>{account.trouble}</span>
        </p>
      )}
      {health && health.errors.length > 0 && (
        <ul class="notes" lang="en">
          {health.errors.map((error) => (
            <li key={error}>{error}</li>
          ))}
        </ul>
      )}
      <ul class="numbers">
        {account.numbers.map((number) => (
          <li key={number.id}>
            <bdi dir="ltr" class="number">
              {number.display}
            </bdi>
            <span class="soft">{number.name}</span>
            <QualityBadge quality={number.quality} />
            {number.status !== undefined && (
              <span class={`badge tone-${number.status === 'CONNECTED' ? 'good' : 'warn'}`}>
                {m.connect.numberStates[number.status] ?? number.status}
              </span>
            )}
          </li>
        ))}
      </ul>
      <dl class="facts">
        <Fact label={m.connect.wabaId}>
          <Copyable text={account.waba_id} label={m.connect.wabaId} />
        </Fact>
        <Fact label={m.connect.since}>
          <Moment at={account.connected_at} />
        </Fact>
        <Fact label={m.connect.steps.webhook}>{webhook.subscribed ? m.connect.subscribed : m.connect.notSubscribed}</Fact>
        {webhook.url !== undefined && (
          <Fact label={m.connect.webhookUrl}>
            <Copyable text={webhook.url} label={m.connect.webhookUrl} />
          </Fact>
        )}
        <Fact label={m.connect.verifyToken}>
          <Copyable text={webhook.verify_token} label={m.connect.verifyToken} />
        </Fact>
      </dl>
      {webhook.url === undefined && !account.sandbox && <p class="soft small-print">{m.connect.noUrl}</p>}
      {may('accounts') && <Forget account={account} onForgotten={onForgotten} />}
    </li>
  );
}

function Forget({ account, onForgotten }: { account: Account; onForgotten: () => void }) {
  const { m } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const [trouble, setTrouble] = useState<Trouble>();
  const work = async () => {
    try {
      await forget(account.account);
      dialog.current?.close();
      announce(m.connect.forgotten(account.name));
      onForgotten();
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
    }
  };
  return (
    <div class="actions">
      <button
        type="button"
        aria-label={`${m.connect.forget}: ${account.name}`}
        onClick={() => {
          setTrouble(undefined);
          dialog.current?.showModal();
          title.current?.focus();
        }}
      >
        {m.connect.forget}
      </button>
      <dialog ref={dialog} class="take-back" aria-labelledby={`forget-${account.account}`}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void work();
          }}
        >
          <h2 id={`forget-${account.account}`} ref={title} tabIndex={-1}>
            {m.connect.forgetTitle(account.name)}
          </h2>
          <p>{m.connect.forgetText}</p>
          {trouble && <TroubleNote trouble={trouble} />}
          <p class="actions">
            <button type="button" onClick={() => dialog.current?.close()}>
              {m.connect.keep}
            </button>
            <button type="submit" class="danger">
              {m.connect.forget}
            </button>
          </p>
        </form>
      </dialog>
    </div>
  );
}
