// The fields of the builder from top to bottom, as the message has its parts.

import type { Account } from '../../api/templates.ts';
import { useRef } from 'preact/hooks';

import { useWords } from '../../messages/words.ts';
import {
  BLANK,
  CATEGORIES,
  CHARS_MAX,
  CODE_COMPONENTS,
  find,
  newCard,
  withComponent,
  withoutComponent,
  wordAt,
  type Category,
} from '../../template/components.ts';
import { get, set, textAt, type Json, type JsonObject } from '../../template/document.ts';
import { isNamed, reformatted, type Sources } from '../../template/variables.ts';
import { Icon } from '../icon.tsx';
import { BodyField } from './body-field.tsx';
import { ButtonsField } from './buttons-field.tsx';
import { DocumentText, KeptParts } from './document-view.tsx';
import { at, type Editing } from './editing.ts';
import { FindingNotes } from './finding-note.tsx';
import { HeaderField } from './header-field.tsx';
import { LanguagePicker } from './language-picker.tsx';
import { CarouselField, CodeFields, OfferField, PartTitle } from './special-fields.tsx';
import { Place, TextField } from './text-field.tsx';
import { VariablesField } from './variables-field.tsx';

const LIST = '/components';

interface Props {
  editing: Editing;
  sources: Sources;
  onSources(next: Sources): void;
  attributes: readonly string[];
  /** Name and language stand: Meta never changes them. */
  isFixed: boolean;
  /** It is another language of a template: the name stands. */
  isCopy: boolean;
  /** Languages that the name has already. */
  taken: readonly string[];
  choice: { accounts: readonly Account[]; account: Account; onAccount(account: Account): void } | undefined;
}

export function BuilderFields(props: Props) {
  const { editing } = props;
  const { template } = editing;
  const isCode = wordAt(template, '/category') === 'AUTHENTICATION';
  return (
    <div class="builder-fields">
      <Basics {...props} />
      {isCode ? <CodeFields editing={editing} /> : <Message editing={editing} />}
      <KeptParts editing={editing} />
      {/* Of a template for codes, only the code differs, and that comes with each message. */}
      {!isCode && (
        <VariablesField
          editing={editing}
          sources={props.sources}
          onSources={props.onSources}
          attributes={props.attributes}
        />
      )}
      <DocumentText editing={editing} />
    </div>
  );
}

function Basics({ editing, sources, onSources, isFixed, isCopy, taken, choice }: Props) {
  const { m } = useWords();
  const { template } = editing;
  const category = wordAt(template, '/category');
  /** Components of the other kind, should somebody only look what a category is like. */
  const aside = useRef<{ [isCode: string]: Json }>({});
  const choose = (next: Category) => {
    const isCode = next === 'AUTHENTICATION';
    const wasCode = category === 'AUTHENTICATION';
    editing.change((before) => {
      const named = set(before, '/category', next);
      if (isCode === wasCode) return named;
      aside.current[String(wasCode)] = get(before, LIST) ?? [];
      const fresh = isCode ? CODE_COMPONENTS : (get(BLANK, LIST) ?? []);
      return set(named, LIST, aside.current[String(isCode)] ?? fresh);
    });
  };
  return (
    <section class="card builder-part" aria-labelledby="basics">
      <h2 id="basics">{m.builder.basics}</h2>
      <FindingNotes editing={editing} findings={at(editing, '', LIST)} />
      {choice && (
        <div class="field">
          <label for="builder-account">{m.builder.account}</label>
          <select
            id="builder-account"
            value={choice.account.account}
            onChange={(event) => {
              const chosen = choice.accounts.find((one) => one.account === event.currentTarget.value);
              if (chosen) choice.onAccount(chosen);
            }}
          >
            {choice.accounts.map((one) => (
              <option key={one.account} value={one.account}>
                {one.name}
              </option>
            ))}
          </select>
        </div>
      )}
      <fieldset class="choices">
        <legend>{m.builder.category}</legend>
        {CATEGORIES.map((one) => (
          <label key={one} class={one === category ? 'choice is-chosen' : 'choice'}>
            <input type="radio" name="category" value={one} checked={one === category} onChange={() => choose(one)} />
            <span>
              <strong>{m.templates.category[one]}</strong>
              <small class="soft">{m.builder.categories[one]}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <FindingNotes editing={editing} findings={at(editing, '/category')} />
      <div class="pair">
        <TextField
          editing={editing}
          pointer="/name"
          label={m.builder.name}
          hint={m.builder.nameHint}
          placeholder="spring_sale"
          dir="ltr"
          readOnly={isFixed || isCopy}
        />
        <Place editing={editing} pointer="/language" label={m.builder.language}>
          {(ties) => (
            <LanguagePicker
              value={textAt(template, '/language')}
              taken={taken}
              disabled={isFixed}
              describedBy={ties['aria-describedby']}
              onChange={(code) => editing.change((before) => set(before, '/language', code))}
            />
          )}
        </Place>
      </div>
      {category !== 'AUTHENTICATION' && (
        <Place editing={editing} pointer="/parameter_format" label={m.builder.format}>
          {(ties) => (
            <select
              {...ties}
              value={isNamed(template) ? 'NAMED' : 'POSITIONAL'}
              onChange={(event) => {
                const [next, moved] = reformatted(template, sources, event.currentTarget.value as 'POSITIONAL' | 'NAMED');
                editing.change(() => next);
                onSources(moved);
              }}
            >
              <option value="POSITIONAL">{m.builder.formats.POSITIONAL}</option>
              <option value="NAMED">{m.builder.formats.NAMED}</option>
            </select>
          )}
        </Place>
      )}
    </section>
  );
}

function Message({ editing }: { editing: Editing }) {
  const { m } = useWords();
  const { template } = editing;
  const body = find(template, LIST, 'BODY');
  const footer = find(template, LIST, 'FOOTER');
  const isMarketing = wordAt(template, '/category') === 'MARKETING';
  const add = (component: JsonObject) => editing.change((before) => withComponent(before, LIST, component));
  const adding = (label: string, component: JsonObject) => (
    <button type="button" onClick={() => add(component)}>
      <Icon name="plus" />
      {label}
    </button>
  );
  const offer = { type: 'LIMITED_TIME_OFFER', limited_time_offer: { text: '', has_expiration: true } };
  return (
    <>
      <section class="card builder-part" aria-labelledby="message">
        <h2 id="message">{m.builder.message}</h2>
        <HeaderField editing={editing} list={LIST} isCard={false} />
        {body === undefined ? (
          adding(m.builder.addBody, { type: 'BODY', text: '' })
        ) : (
          <BodyField editing={editing} component={body} isCard={false} />
        )}
        {footer !== undefined && (
          <>
            <TextField
              editing={editing}
              pointer={`${footer}/text`}
              also={[footer]}
              label={m.builder.footer}
              max={CHARS_MAX.footer}
            />
            <p>
              <button
                type="button"
                class="link"
                onClick={() => editing.change((before) => withoutComponent(before, LIST, 'FOOTER'))}
              >
                {m.builder.removeFooter}
              </button>
            </p>
          </>
        )}
      </section>
      <OfferField editing={editing} />
      <section class="card builder-part" aria-labelledby="buttons">
        {find(template, LIST, 'BUTTONS') === undefined ? (
          <h2 id="buttons">{m.builder.buttons}</h2>
        ) : (
          <PartTitle
            id="buttons"
            title={m.builder.buttons}
            onRemove={() => editing.change((before) => withoutComponent(before, LIST, 'BUTTONS'))}
          />
        )}
        <p class="soft">{m.builder.buttonsText}</p>
        <ButtonsField editing={editing} list={LIST} isCard={false} />
      </section>
      <CarouselField editing={editing} />
      <p class="actions more-parts">
        {footer === undefined && adding(m.builder.addFooter, { type: 'FOOTER', text: '' })}
        {isMarketing && find(template, LIST, 'LIMITED_TIME_OFFER') === undefined && adding(m.builder.addOffer, offer)}
        {isMarketing &&
          find(template, LIST, 'CAROUSEL') === undefined &&
          adding(m.builder.addCarousel, { type: 'CAROUSEL', cards: [newCard([]), newCard([])] })}
      </p>
    </>
  );
}
