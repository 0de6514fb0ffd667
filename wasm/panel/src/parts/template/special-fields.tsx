// What only some templates have: an offer that ends, cards to leaf through, codes whose words Meta writes.

import { useWords } from '../../messages/words.ts';
import {
  CARDS_MAX,
  CHARS_MAX,
  find,
  newCard,
  withComponent,
  withoutComponent,
  wordAt,
} from '../../template/components.ts';
import { get, insert, listAt, move, remove, set, type JsonObject } from '../../template/document.ts';
import { Icon } from '../icon.tsx';
import { BodyField } from './body-field.tsx';
import { ButtonsField } from './buttons-field.tsx';
import { at, idOf, within, type Editing } from './editing.ts';
import { FindingNotes } from './finding-note.tsx';
import { HeaderField } from './header-field.tsx';
import { Place, TextField } from './text-field.tsx';

const LIST = '/components';

export function OfferField({ editing }: { editing: Editing }) {
  const { m } = useWords();
  const here = find(editing.template, LIST, 'LIMITED_TIME_OFFER');
  if (here === undefined) return null;
  const inner = `${here}/limited_time_offer`;
  const expires = get(editing.template, `${inner}/has_expiration`) === true;
  return (
    <section class="card builder-part" aria-labelledby="offer">
      <PartTitle id="offer" title={m.builder.offer} onRemove={() => editing.change((t) => withoutComponent(t, LIST, 'LIMITED_TIME_OFFER'))} />
      <TextField editing={editing} pointer={`${inner}/text`} label={m.builder.offerText} max={CHARS_MAX.offer} />
      <label class="tick">
        <input
          type="checkbox"
          checked={expires}
          onChange={(event) => {
            const { checked } = event.currentTarget;
            editing.change((template) => set(template, `${inner}/has_expiration`, checked));
          }}
        />
        {m.builder.offerEnds}
      </label>
      <FindingNotes editing={editing} findings={at(editing, here, inner, `${inner}/has_expiration`)} />
    </section>
  );
}

export function CarouselField({ editing }: { editing: Editing }) {
  const { m } = useWords();
  const here = find(editing.template, LIST, 'CAROUSEL');
  if (here === undefined) return null;
  const list = `${here}/cards`;
  const cards = listAt(editing.template, list);
  return (
    <section class="card builder-part" aria-labelledby="carousel">
      <PartTitle id="carousel" title={m.builder.carousel} onRemove={() => editing.change((t) => withoutComponent(t, LIST, 'CAROUSEL'))} />
      <p class="soft">{m.builder.carouselText}</p>
      <FindingNotes editing={editing} findings={at(editing, here, list)} />
      <ol class="card-list">
        {cards.map((_, n) => (
          <li key={n} id={idOf(`${list}/${n}`)} tabIndex={-1}>
            <div class="one-button-top">
              <strong>{m.builder.card(n + 1)}</strong>
              <button
                type="button"
                class="arrow"
                disabled={n === 0}
                aria-label={`${m.builder.up}: ${m.builder.card(n + 1)}`}
                onClick={() => editing.change((template) => move(template, list, n, n - 1))}
              >
                <Icon name="up" />
              </button>
              <button
                type="button"
                class="arrow"
                disabled={n === cards.length - 1}
                aria-label={`${m.builder.down}: ${m.builder.card(n + 1)}`}
                onClick={() => editing.change((template) => move(template, list, n, n + 1))}
              >
                <Icon name="down" />
              </button>
              <button
                type="button"
                class="arrow"
                aria-label={`${m.builder.removeCard}: ${m.builder.card(n + 1)}`}
                onClick={() => editing.change((template) => remove(template, `${list}/${n}`))}
              >
                <Icon name="bin" />
              </button>
            </div>
            <FindingNotes editing={editing} findings={at(editing, `${list}/${n}`, `${list}/${n}/components`)} />
            <CardFields editing={editing} list={`${list}/${n}/components`} />
          </li>
        ))}
      </ol>
      <button
        type="button"
        disabled={cards.length >= CARDS_MAX}
        onClick={() => editing.change((template) => insert(template, list, cards.length, newCard(cards)))}
      >
        <Icon name="plus" />
        {m.builder.addCard}
      </button>
    </section>
  );
}

function CardFields({ editing, list }: { editing: Editing; list: string }) {
  const body = find(editing.template, list, 'BODY');
  return (
    <>
      <HeaderField editing={editing} list={list} isCard />
      {body !== undefined && <BodyField editing={editing} component={body} isCard />}
      <ButtonsField editing={editing} list={list} isCard />
    </>
  );
}

const OTP_KINDS = ['COPY_CODE', 'ONE_TAP', 'ZERO_TAP'] as const;

/** The few choices of a template for codes. */
export function CodeFields({ editing }: { editing: Editing }) {
  const { m } = useWords();
  const { template } = editing;
  const body = find(template, LIST, 'BODY') ?? `${LIST}/0`;
  const footer = find(template, LIST, 'FOOTER');
  const buttons = find(template, LIST, 'BUTTONS');
  const button = buttons === undefined ? undefined : `${buttons}/buttons/0`;
  const minutes = footer === undefined ? undefined : get(template, `${footer}/code_expiration_minutes`);
  const kind = button === undefined ? '' : wordAt(template, `${button}/otp_type`);
  // Templates from before several apps could be named have theirs in the button itself.
  const apps = button === undefined ? undefined : `${button}/supported_apps`;
  const app = apps !== undefined && get(template, apps) !== undefined ? `${apps}/0` : button;
  const withMinutes = (value: string) =>
    editing.change((before) => {
      const number = Number.parseInt(value, 10);
      if (!Number.isFinite(number)) return withoutComponent(before, LIST, 'FOOTER');
      const made = withComponent<JsonObject>(before, LIST, { type: 'FOOTER' });
      return set(made, `${find(made, LIST, 'FOOTER')}/code_expiration_minutes`, number);
    });
  return (
    <section class="card builder-part" aria-labelledby="code">
      <h2 id="code">{m.builder.codeTitle}</h2>
      <p class="soft">{m.builder.codeText}</p>
      <label class="tick">
        <input
          id={idOf(body)}
          type="checkbox"
          checked={get(template, `${body}/add_security_recommendation`) === true}
          onChange={(event) => {
            const { checked } = event.currentTarget;
            editing.change((before) => set(before, `${body}/add_security_recommendation`, checked));
          }}
        />
        {m.builder.security}
      </label>
      <FindingNotes editing={editing} findings={within(editing, body)} />
      <div class="pair">
        <Place editing={editing} pointer={footer === undefined ? `${LIST}/footer` : `${footer}/code_expiration_minutes`} label={m.builder.minutes} also={footer === undefined ? [] : [footer]}>
          {(ties) => (
            <input
              {...ties}
              type="number"
              min={1}
              max={90}
              value={typeof minutes === 'number' ? minutes : ''}
              onInput={(event) => withMinutes(event.currentTarget.value)}
            />
          )}
        </Place>
        {button !== undefined && (
          <Place editing={editing} pointer={`${button}/otp_type`} label={m.builder.otp}>
            {(ties) => (
              <select
                {...ties}
                value={kind}
                onChange={(event) => {
                  const { value } = event.currentTarget;
                  editing.change((before) => withOtp(before, button, value));
                }}
              >
                {OTP_KINDS.map((one) => (
                  <option key={one} value={one}>
                    {m.builder.otpKinds[one]}
                  </option>
                ))}
              </select>
            )}
          </Place>
        )}
      </div>
      {app !== undefined && kind !== 'COPY_CODE' && (
        <div class="pair">
          <TextField editing={editing} pointer={`${app}/package_name`} label={m.builder.packageName} dir="ltr" />
          <TextField editing={editing} pointer={`${app}/signature_hash`} label={m.builder.signatureHash} dir="ltr" />
        </div>
      )}
      {button !== undefined && kind === 'ZERO_TAP' && (
        <label class="tick">
          <input
            id={idOf(`${button}/zero_tap_terms_accepted`)}
            type="checkbox"
            checked={get(template, `${button}/zero_tap_terms_accepted`) === true}
            onChange={(event) => {
              const { checked } = event.currentTarget;
              editing.change((before) => set(before, `${button}/zero_tap_terms_accepted`, checked));
            }}
          />
          {m.builder.zeroTapTerms}
        </label>
      )}
      {buttons !== undefined && (
        <FindingNotes
          editing={editing}
          findings={within(editing, buttons).filter(({ path }) => !path.endsWith('/otp_type') && !/_name$|_hash$/.test(path))}
        />
      )}
    </section>
  );
}

/** The button with another way of taking the code over, and a place for the app where one has to be named. */
function withOtp(template: JsonObject, button: string, kind: string): JsonObject {
  const next = set(template, `${button}/otp_type`, kind);
  const apps = `${button}/supported_apps`;
  if (kind === 'COPY_CODE') return remove(remove(next, apps), `${button}/zero_tap_terms_accepted`);
  if (get(next, apps) !== undefined || get(next, `${button}/package_name`) !== undefined) return next;
  return set(next, apps, [{ package_name: '', signature_hash: '' }]);
}

export function PartTitle({ id, title, onRemove }: { id: string; title: string; onRemove: () => void }) {
  const { m } = useWords();
  return (
    <div class="apart">
      <h2 id={id}>{title}</h2>
      <button type="button" class="link" onClick={onRemove} aria-label={`${m.builder.remove}: ${title}`}>
        {m.builder.remove}
      </button>
    </div>
  );
}
