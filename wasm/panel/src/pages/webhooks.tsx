// Where Meta calls, account by account, and whether it does.

import { inboxStatus } from '../api/events.ts';
import { accounts } from '../api/templates.ts';
import { useAsking } from '../asking.ts';
import { useWords } from '../messages/words.ts';
import { Copyable } from '../parts/copyable.tsx';
import { NotConnected } from '../parts/empty.tsx';
import { Fact } from '../parts/facts.tsx';
import { Heading } from '../parts/heading.tsx';
import { Moment } from '../parts/moment.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';

export function WebhooksPage() {
  const { m, f } = useWords();
  const { answer, trouble, again } = useAsking(
    async (signal) => ({ ...(await accounts(signal)), status: await inboxStatus(signal) }),
    'webhooks',
  );
  const status = answer?.status;
  const waits = status ? status.consent_waits + status.rest_waits : 0;
  return (
    <section class="access">
      <Heading title={m.webhooks.title} />
      <p class="lead">{m.webhooks.lead}</p>
      {trouble && <TroubleNote trouble={trouble} onRetry={again} />}
      {!answer && !trouble && <p class="loading">{m.loading}</p>}
      {answer?.accounts.length === 0 && <NotConnected />}
      {status && (
        <div class="card">
          <dl class="facts">
            <Fact label={m.webhooks.last}>
              {status.last_received_at === undefined ? m.webhooks.never : <Moment at={status.last_received_at} />}
            </Fact>
            <Fact label={m.webhooks.waiting}>{waits === 0 ? m.webhooks.nothingWaits : f.number(waits)}</Fact>
            <Fact label={m.webhooks.kept}>
              {f.number(status.events)} · <a href="/events">{m.webhooks.all}</a>
            </Fact>
          </dl>
        </div>
      )}
      {answer?.accounts.map(({ account, name, sandbox, webhook }) => (
        <section key={account} class="card fields" aria-labelledby={`webhook-${account}`}>
          <div class="apart wrap">
            <h2 id={`webhook-${account}`} dir="auto">
              {name}
            </h2>
            <span class={`badge tone-${webhook.subscribed ? 'good' : 'warn'}`}>
              {webhook.subscribed ? m.connect.subscribed : m.connect.notSubscribed}
            </span>
          </div>
          {!sandbox && <p class="soft">{m.webhooks.copyInto}</p>}
          <dl class="facts">
            {webhook.url !== undefined && (
              <Fact label={m.connect.webhookUrl}>
                <Copyable text={webhook.url} label={m.connect.webhookUrl} whole />
              </Fact>
            )}
            <Fact label={m.connect.verifyToken}>
              <Copyable text={webhook.verify_token} label={m.connect.verifyToken} whole />
            </Fact>
          </dl>
          {webhook.url === undefined && !sandbox && <p class="soft small-print">{m.connect.noUrl}</p>}
        </section>
      ))}
    </section>
  );
}
