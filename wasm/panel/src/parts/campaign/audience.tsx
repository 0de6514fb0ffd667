// The third step: to whom. Everybody who opted in, as far as conditions say; counted while they are written.

import { useId, useState } from 'preact/hooks';

import { useMay } from '../../access.ts';
import type { Audience } from '../../api/campaign-documents.ts';
import { audiencePeople, forgetSegment, keepSegment } from '../../api/campaigns.ts';
import { complete, completeAudience } from '../../campaign/conditions.ts';
import { useCount } from '../../campaign/counting.ts';
import { flag } from '../../campaign/flags.ts';
import { hand } from '../../download.ts';
import { useWords } from '../../messages/words.ts';
import { troubleFrom, type Trouble } from '../../trouble.ts';
import { announce } from '../announcer.tsx';
import { ProgressBar } from '../figures.tsx';
import { Icon } from '../icon.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import { GroupField } from './condition-field.tsx';
import type { Editing } from './editing.ts';

const CONTROL_MAX = 50;
/** Countries with a bar of their own. */
const COUNTRIES_SHOWN = 5;

export function AudienceStep({ editing }: { editing: Editing }) {
  const { m } = useWords();
  const { draft, change } = editing;
  const audience = draft.audience ?? {};
  const set = (next: Audience) => change((now) => ({ ...now, audience: next }));
  const part = (name: 'include' | 'exclude', condition: Audience['include']) => {
    const { [name]: _, ...rest } = audience;
    set(condition === undefined ? rest : { ...rest, [name]: condition });
  };
  return (
    <>
      <section class="card builder-part" aria-labelledby="include">
        <h2 id="include">{m.audience.include}</h2>
        <p class="soft">{audience.include ? m.audience.includeText : m.audience.everybody}</p>
        <GroupField
          editing={editing}
          condition={audience.include}
          label={m.audience.include}
          onCondition={(condition) => part('include', condition)}
        />
        <Segments editing={editing} audience={audience} onAudience={set} />
      </section>
      <section class="card builder-part" aria-labelledby="exclude">
        <h2 id="exclude">{m.audience.exclude}</h2>
        <p class="soft">{m.audience.excludeText}</p>
        <GroupField
          editing={editing}
          condition={audience.exclude}
          label={m.audience.exclude}
          onCondition={(condition) => part('exclude', condition)}
        />
      </section>
      <Control editing={editing} />
    </>
  );
}

/** Saves what is included under a name, and takes up what was saved. */
function Segments({ editing, audience, onAudience }: { editing: Editing; audience: Audience; onAudience(next: Audience): void }) {
  const { m } = useWords();
  const id = useId();
  const [name, setName] = useState('');
  const [trouble, setTrouble] = useState<Trouble>();
  const condition = complete(audience.include);
  const attempt = async (work: () => Promise<unknown>, said: string) => {
    setTrouble(undefined);
    try {
      await work();
      announce(said);
      editing.onSegments();
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
    }
  };
  return (
    <div class="segments">
      {editing.segments.length > 0 && (
        <div class="chips" role="group" aria-label={m.audience.saved}>
          <span class="soft small-print">{m.audience.saved}</span>
          {editing.segments.map((one) => (
            <span key={one.name} class="word">
              <button
                type="button"
                class="link"
                title={m.audience.load(one.name)}
                aria-label={m.audience.load(one.name)}
                onClick={() => onAudience({ ...audience, include: one.condition })}
              >
                {one.name}
              </button>
              <button
                type="button"
                title={m.audience.forget(one.name)}
                aria-label={m.audience.forget(one.name)}
                onClick={() => void attempt(() => forgetSegment(one.name), m.audience.forgotten(one.name))}
              >
                ×
              </button>
            </span>
          ))}
        </div>
      )}
      {condition && (
        <form
          class="segment-save"
          onSubmit={(event) => {
            event.preventDefault();
            const wanted = name.trim();
            if (wanted === '') return;
            void attempt(() => keepSegment({ name: wanted, condition }), m.audience.kept(wanted)).then(() => setName(''));
          }}
        >
          <label class="unseen" for={`${id}-name`}>
            {m.audience.segmentName}
          </label>
          <input
            id={`${id}-name`}
            dir="auto"
            autocomplete="off"
            placeholder={m.audience.segmentName}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <button type="submit" class="small-button" disabled={name.trim() === ''}>
            {m.audience.save}
          </button>
        </form>
      )}
      {trouble && <TroubleNote trouble={trouble} />}
    </div>
  );
}

function Control({ editing }: { editing: Editing }) {
  const { m, f } = useWords();
  const { draft, change } = editing;
  const percent = draft.control_percent ?? 0;
  return (
    <section class="card builder-part" aria-labelledby="control">
      <h2 id="control">{m.audience.control}</h2>
      <p class="soft">{m.audience.controlText}</p>
      <div class="slider">
        <input
          type="range"
          min={0}
          max={CONTROL_MAX}
          step={1}
          aria-labelledby="control"
          aria-valuetext={f.percent(percent, 100)}
          value={percent}
          onInput={(event) => {
            const next = event.currentTarget.valueAsNumber;
            change(({ control_percent: _, ...now }) => (next > 0 ? { ...now, control_percent: next } : now));
          }}
        />
        <output>{f.percent(percent, 100)}</output>
      </div>
    </section>
  );
}

/** Beside the conditions: how many they are, and where. */
export function AudienceCount({ editing }: { editing: Editing }) {
  const { m, f } = useWords();
  const { draft } = editing;
  const mayExport = useMay()('export');
  const audience = completeAudience(draft.audience ?? {});
  const { counted, trouble, waiting } = useCount(audience);
  const [fetching, setFetching] = useState(false);
  const [lost, setLost] = useState<Trouble>();
  const download = async () => {
    setFetching(true);
    setLost(undefined);
    try {
      hand(await audiencePeople(audience), `${draft.name.trim() || 'audience'}.csv`);
    } catch (thrown) {
      setLost(troubleFrom(thrown));
    }
    setFetching(false);
  };
  const countries = [...(counted?.by_country ?? [])].sort((a, b) => b.people - a.people);
  const shown = countries.slice(0, COUNTRIES_SHOWN);
  const rest = countries.slice(COUNTRIES_SHOWN).reduce((sum, { people }) => sum + people, 0);
  const most = shown[0]?.people ?? 1;
  const control = Math.round(((counted?.people ?? 0) * (draft.control_percent ?? 0)) / 100);
  return (
    <section class="card audience-count" aria-label={m.audience.count} aria-busy={waiting}>
      {trouble && <TroubleNote trouble={trouble} />}
      <p class={waiting && counted ? 'big-count is-waiting' : 'big-count'} role="status">
        {counted ? (
          <>
            <b>{f.number(counted.people)}</b> <span>{m.audience.of(f.number(counted.of))}</span>
          </>
        ) : (
          !trouble && <span>{m.audience.counting}</span>
        )}
      </p>
      {counted && <ProgressBar value={counted.of > 0 ? counted.people / counted.of : 0} label={m.audience.count} />}
      {counted && control > 0 && <p class="soft small-print">{m.audience.ofThemControl(f.number(control))}</p>}
      {shown.length > 0 && (
        <ul class="regions" aria-label={m.audience.byCountry}>
          {shown.map(({ country, people }) => (
            <li key={country}>
              <span class="region-name">
                <span aria-hidden="true">{flag(country)}</span>
                {f.country(country) ?? country}
              </span>
              <span class="region-count">
                {f.number(people)} <span class="soft">{f.percent(people, counted?.people ?? 0)}</span>
              </span>
              <span class="region-bar" aria-hidden="true">
                <span style={{ inlineSize: `${(people / most) * 100}%` }} />
              </span>
            </li>
          ))}
          {rest > 0 && (
            <li>
              <span class="region-name">{m.regions.others(countries.length - shown.length)}</span>
              <span class="region-count">{f.number(rest)}</span>
            </li>
          )}
        </ul>
      )}
      {counted && counted.people > 0 && mayExport && (
        <button type="button" class="small-button" disabled={fetching} onClick={() => void download()}>
          <Icon name="download" />
          {fetching ? m.audience.downloading : m.audience.download}
        </button>
      )}
      {lost && <TroubleNote trouble={lost} />}
    </section>
  );
}
