// Sends one message to one person, for real.

import { useId, useState } from 'preact/hooks';

import type { CampaignDoc } from '../../api/campaign-documents.ts';
import { test } from '../../api/campaigns.ts';
import { useWords } from '../../messages/words.ts';
import { troubleFrom, type Trouble } from '../../trouble.ts';
import { announce } from '../announcer.tsx';
import { Icon } from '../icon.tsx';
import { MetaSaid } from '../template/meta-said.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import type { Editing } from './editing.ts';

export function TestSend({ doc, editing }: { doc: CampaignDoc; editing: Editing }) {
  const { m } = useWords();
  const id = useId();
  const [to, setTo] = useState('');
  const [at, setAt] = useState(0);
  const [waiting, setWaiting] = useState(false);
  const [sent, setSent] = useState<{ to: string; wamid: string }>();
  const [trouble, setTrouble] = useState<Trouble>();
  const { messages } = editing.draft;
  const send = async () => {
    if (waiting || to.trim() === '') return;
    setWaiting(true);
    setTrouble(undefined);
    setSent(undefined);
    try {
      const answer = await test(doc.campaign, to.trim(), at);
      setSent(answer);
      announce(m.launch.tested(answer.to));
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
    }
    setWaiting(false);
  };
  return (
    <section class="card builder-part" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{m.launch.test}</h2>
      <p class="soft">{m.launch.testText}</p>
      <form
        class="test-send"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {messages.length > 1 && (
          <select aria-label={m.compose.message} value={String(at)} onChange={(event) => setAt(Number(event.currentTarget.value))}>
            {messages.map((one, n) => (
              <option key={n} value={String(n)}>
                {m.compose.letter(n)}: {one.template}
              </option>
            ))}
          </select>
        )}
        <label class="unseen" for={`${id}-to`}>
          {m.launch.testTo}
        </label>
        <input
          id={`${id}-to`}
          dir="ltr"
          autocomplete="off"
          spellcheck={false}
          placeholder={m.launch.testTo}
          value={to}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
        <button type="submit" disabled={waiting || to.trim() === ''}>
          {waiting ? m.launch.testing : m.launch.testSend}
        </button>
      </form>
      {sent && (
        <p class="clean" role="status">
          <Icon name="check" />
          <span>
            {m.launch.tested(sent.to)}{' '}
            <a href={`/events?${new URLSearchParams({ q: sent.wamid })}`}>{m.launch.testEvents}</a>
          </span>
        </p>
      )}
      {trouble && (trouble.meta ? <MetaSaid refusal={trouble.meta} /> : <TroubleNote trouble={trouble} />)}
    </section>
  );
}
