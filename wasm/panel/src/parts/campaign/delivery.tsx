// The second step: when, how fast, and when it stops by itself.

import { useId, useMemo } from 'preact/hooks';

import { BRAKE, type Brake, type Definition } from '../../api/campaign-documents.ts';
import { localAt, ownZone, textOf, whenOf, zones } from '../../campaign/when.ts';
import { useWords } from '../../messages/words.ts';
import type { Editing } from './editing.ts';
import { Amount, Part, Radio, Tick } from './fields.tsx';

const HOUR_MS = 3_600_000;
/** What can be chosen for how long Meta tries, in seconds. */
const TTLS: readonly number[] = [43_200, 86_400, 259_200, 604_800, 2_592_000];

type Change = (next: (draft: Definition) => Definition) => void;

export function Delivery({ editing }: { editing: Editing }) {
  const { draft, change } = editing;
  return (
    <>
      <Times draft={draft} change={change} />
      <QuietHours draft={draft} change={change} />
      <HowFast editing={editing} />
      <Limits draft={draft} change={change} />
      <Brakes draft={draft} change={change} />
    </>
  );
}

function Times({ draft, change }: { draft: Definition; change: Change }) {
  const { m } = useWords();
  const starts = draft.schedule?.starts_at;
  const ends = draft.schedule?.ends_at;
  const set = (name: 'starts_at' | 'ends_at', text: string | undefined) =>
    change(({ schedule, ...now }) => {
      const { [name]: _, ...others } = schedule ?? {};
      const next = text === undefined ? others : { ...others, [name]: text };
      return Object.keys(next).length > 0 ? { ...now, schedule: next } : now;
    });
  const soon = (hours: number) => textOf({ local: localAt(Date.now() + hours * HOUR_MS, ownZone()), zone: ownZone() });
  return (
    <Part title={m.delivery.when}>
      <fieldset>
        <legend class="unseen">{m.delivery.when}</legend>
        <div class="choice-line">
          <Radio name="starts" checked={starts === undefined} onChange={() => set('starts_at', undefined)} label={m.delivery.now} />
          <Radio name="starts" checked={starts !== undefined} onChange={() => set('starts_at', soon(1))} label={m.delivery.later} />
        </div>
      </fieldset>
      {starts !== undefined && <AtTime label={m.delivery.starts} text={starts} onText={(text) => set('starts_at', text)} />}
      <Tick
        checked={ends !== undefined}
        onChange={(on) => set('ends_at', on ? soon(48) : undefined)}
        label={m.delivery.ends}
        text={m.delivery.endsText}
      />
      {ends !== undefined && <AtTime label={m.delivery.endsAt} text={ends} onText={(text) => set('ends_at', text)} />}
    </Part>
  );
}

function AtTime({ label, text, onText }: { label: string; text: string; onText(text: string): void }) {
  const { m } = useWords();
  const id = useId();
  const all = useMemo(zones, []);
  const when = whenOf(text) ?? { local: '', zone: ownZone() };
  return (
    <div class="pair">
      <div class="field">
        <label for={`${id}-at`}>{label}</label>
        <input
          id={`${id}-at`}
          type="datetime-local"
          value={when.local}
          onInput={(event) => event.currentTarget.value && onText(textOf({ ...when, local: event.currentTarget.value }))}
        />
      </div>
      <div class="field">
        <label for={`${id}-zone`}>{m.delivery.zone}</label>
        <select
          id={`${id}-zone`}
          aria-label={`${m.delivery.zone}: ${label}`}
          value={when.zone}
          onChange={(event) => onText(textOf({ ...when, zone: event.currentTarget.value }))}
        >
          {!all.includes(when.zone) && <option value={when.zone}>{when.zone}</option>}
          {all.map((zone) => (
            <option key={zone} value={zone}>
              {zone.replaceAll('_', ' ')}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

function QuietHours({ draft, change }: { draft: Definition; change: Change }) {
  const { m } = useWords();
  const id = useId();
  const { quiet } = draft;
  const time = (name: 'from' | 'until', label: string) =>
    quiet && (
      <div class="field">
        <label for={`${id}-${name}`}>{label}</label>
        <input
          id={`${id}-${name}`}
          type="time"
          value={quiet[name]}
          onInput={(event) => {
            const value = event.currentTarget.value;
            if (value) change((now) => ({ ...now, quiet: { ...quiet, [name]: value } }));
          }}
        />
      </div>
    );
  return (
    <Part title={m.delivery.quiet}>
      <Tick
        checked={quiet !== undefined}
        onChange={(on) => change(({ quiet: _, ...now }) => (on ? { ...now, quiet: { from: '21:00', until: '09:00' } } : now))}
        label={m.delivery.quietOn}
        text={m.delivery.quietText}
      />
      {quiet && (
        <>
          <div class="pair">
            {time('from', m.delivery.quietFrom)}
            {time('until', m.delivery.quietUntil)}
          </div>
          <QuietPicture from={quiet.from} until={quiet.until} />
        </>
      )}
    </Part>
  );
}

/** The day as a line, with the quiet hours in it. */
function QuietPicture({ from, until }: { from: string; until: string }) {
  const share = (time: string) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    return ((hours * 60 + minutes) / 1440) * 100;
  };
  const [a, b] = [share(from), share(until)];
  const parts = a <= b ? [[a, b - a]] : [[0, b], [a, 100 - a]];
  return (
    <div class="day-line" aria-hidden="true">
      <div class="day-bar">
        {parts.map(([start, length]) => (
          <span key={start} style={{ insetInlineStart: `${start}%`, inlineSize: `${length}%` }} />
        ))}
      </div>
      <div class="day-hours">
        {[0, 6, 12, 18, 24].map((hour) => (
          <span key={hour}>{hour}</span>
        ))}
      </div>
    </div>
  );
}

function HowFast({ editing }: { editing: Editing }) {
  const { m } = useWords();
  const { draft, change, account } = editing;
  const { pace, numbers = [] } = draft;
  const kind = pace?.packages ? 'packages' : pace?.messages_per_s !== undefined ? 'per_s' : 'full';
  const set = (next: Definition['pace']) => change(({ pace: _, ...now }) => (next ? { ...now, pace: next } : now));
  const pick = (id: string, on: boolean) =>
    change(({ numbers: known = [], ...now }) => {
      const next = on ? [...known, id] : known.filter((one) => one !== id);
      return next.length > 0 ? { ...now, numbers: next } : now;
    });
  return (
    <Part title={m.delivery.pace}>
      <fieldset>
        <legend class="unseen">{m.delivery.pace}</legend>
        <div class="choice-line">
          <Radio name="pace" checked={kind === 'full'} onChange={() => set(undefined)} label={m.delivery.full} />
          <Radio name="pace" checked={kind === 'per_s'} onChange={() => set({ messages_per_s: 20 })} label={m.delivery.perSecond} />
          <Radio
            name="pace"
            checked={kind === 'packages'}
            onChange={() => set({ packages: { messages: 10_000, every_minutes: 60 } })}
            label={m.delivery.packages}
          />
        </div>
      </fieldset>
      {kind === 'full' && <p class="soft small-print">{m.delivery.fullText}</p>}
      {kind === 'per_s' && (
        <Amount label={m.delivery.messagesPerSecond} value={pace?.messages_per_s ?? 1} max={5000} onValue={(n) => set({ messages_per_s: n })} />
      )}
      {pace?.packages && (
        <div class="pair">
          <Amount
            label={m.delivery.packageMessages}
            value={pace.packages.messages}
            onValue={(messages) => pace.packages && set({ packages: { ...pace.packages, messages } })}
          />
          <Amount
            label={m.delivery.packageMinutes}
            value={pace.packages.every_minutes}
            onValue={(every_minutes) => pace.packages && set({ packages: { ...pace.packages, every_minutes } })}
          />
        </div>
      )}
      {account.numbers.length > 1 && (
        <fieldset class="ticks">
          <legend>{m.delivery.numbers}</legend>
          <p class="soft small-print">{m.delivery.numbersText}</p>
          {account.numbers.map((one) => (
            <label key={one.id} class="tick">
              <input type="checkbox" checked={numbers.includes(one.id)} onChange={(event) => pick(one.id, event.currentTarget.checked)} />
              <span>
                <bdi dir="ltr" class="number">
                  {one.display}
                </bdi>{' '}
                <span class="soft">
                  {one.name}
                  {one.status !== undefined && one.status !== 'CONNECTED' && ` · ${m.connect.numberStates[one.status] ?? one.status}`}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
    </Part>
  );
}

function Limits({ draft, change }: { draft: Definition; change: Change }) {
  const { m } = useWords();
  const id = useId();
  const { cap, ttl_s: ttl } = draft;
  return (
    <Part title={m.delivery.limits}>
      <Tick
        checked={cap !== undefined}
        onChange={(on) => change(({ cap: _, ...now }) => (on ? { ...now, cap: { messages: 2, days: 7 } } : now))}
        label={m.delivery.cap}
        text={m.delivery.capText}
      />
      {cap && (
        <div class="pair">
          <Amount label={m.delivery.capMessages} value={cap.messages} onValue={(messages) => change((now) => ({ ...now, cap: { ...cap, messages } }))} />
          <Amount label={m.delivery.capDays} value={cap.days} onValue={(days) => change((now) => ({ ...now, cap: { ...cap, days } }))} />
        </div>
      )}
      <div class="field">
        <label for={`${id}-ttl`}>{m.delivery.ttl}</label>
        <select
          id={`${id}-ttl`}
          aria-describedby={`${id}-ttl-hint`}
          value={ttl ?? ''}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            change(({ ttl_s: _, ...now }) => (chosen === '' ? now : { ...now, ttl_s: Number(chosen) }));
          }}
        >
          <option value="">{m.delivery.ttlNone}</option>
          {ttl !== undefined && !TTLS.includes(ttl) && <option value={ttl}>{m.delivery.seconds(ttl)}</option>}
          {TTLS.map((one) => (
            <option key={one} value={one}>
              {m.delivery.hours(one / 3600)}
            </option>
          ))}
        </select>
        <small id={`${id}-ttl-hint`} class="soft">
          {m.delivery.ttlText}
        </small>
      </div>
    </Part>
  );
}

function Brakes({ draft, change }: { draft: Definition; change: Change }) {
  const { m } = useWords();
  const brake = draft.brake ?? BRAKE;
  const set = (next: Partial<Brake>) => change((now) => ({ ...now, brake: { ...brake, ...next } }));
  return (
    <Part title={m.delivery.brake} text={m.delivery.brakeText}>
      <div class="quad">
        <Amount label={m.delivery.failedPercent} value={brake.failed_percent} max={100} step={0.5} onValue={(n) => set({ failed_percent: n })} />
        <Amount label={m.delivery.optedOutPercent} value={brake.opted_out_percent} max={100} step={0.5} onValue={(n) => set({ opted_out_percent: n })} />
        <Amount label={m.delivery.limitedPercent} value={brake.limited_percent} max={100} step={0.5} onValue={(n) => set({ limited_percent: n })} />
        <Amount label={m.delivery.afterMessages} value={brake.after_messages} onValue={(n) => set({ after_messages: n })} />
      </div>
    </Part>
  );
}
