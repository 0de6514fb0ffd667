// A message on the phone, with the values of somebody real.

import { preview, type MessagePreview } from 'consentry';
import { useEffect, useMemo, useState } from 'preact/hooks';

import type { Values } from '../../api/campaign-documents.ts';
import type { Profile } from '../../api/documents.ts';
import { profiles } from '../../api/host.ts';
import type { TemplateDoc } from '../../api/templates.ts';
import { shownFor, slotsOf, templateOf } from '../../campaign/draft.ts';
import { linked, linksOf } from '../../campaign/links.ts';
import { useWords } from '../../messages/words.ts';
import { Phone } from '../template/phone.tsx';
import type { Editing } from './editing.ts';

interface Props {
  editing: Editing;
  people: readonly Profile[];
  onPerson(person: Profile): void;
  pictures: ReadonlyMap<string, string>;
}

export function Preview({ editing, people, onPerson, pictures }: Props) {
  const { m } = useWords();
  const { draft, shown, person, account, templates } = editing;
  const [found, setFound] = useState<readonly Profile[]>([]);
  const [isNobody, setNobody] = useState(false);
  const message = draft.messages[shown];
  const doc = message && templateOf(draft, message, templates);
  const links = draft.track_links ? linksOf(account) : '';
  const values = useMemo(() => (doc && message ? valuesFor(doc, message.values ?? {}, person, links) : {}), [doc, message?.values, person, links]);
  const drawn = useDrawn(doc, values);
  const search = async (q: string) => {
    setNobody(false);
    if (q === '') return;
    const answer = await profiles({ q }, 1, new AbortController().signal).catch(() => undefined);
    const [one] = answer?.profiles ?? [];
    setNobody(one === undefined);
    if (!one) return;
    setFound((before) => [one, ...before.filter(({ profile }) => profile !== one.profile)]);
    onPerson(one);
  };
  const all = [...found, ...people.filter((one) => !found.some(({ profile }) => profile === one.profile))];
  return (
    <section class="campaign-preview" aria-label={m.bubble.title}>
      {draft.messages.length > 1 && (
        <div class="chips" role="group" aria-label={m.compose.message}>
          {draft.messages.map((_, at) => (
            <button key={at} type="button" class="chip" aria-pressed={at === shown} onClick={() => editing.onShown(at)}>
              {m.compose.messageOf(m.compose.letter(at))}
            </button>
          ))}
        </div>
      )}
      <Phone drawn={drawn} business={account.numbers[0]?.name || account.name} pictures={pictures} empty={m.editor.empty} />
      {all.length > 0 && (
        <div class="preview-person">
          <label for="preview-person">{m.editor.valuesOf}</label>
          <select
            id="preview-person"
            class="small"
            value={person?.profile ?? ''}
            onChange={(event) => {
              const one = all.find(({ profile }) => profile === event.currentTarget.value);
              if (one) onPerson(one);
            }}
          >
            {all.map((one) => (
              <option key={one.profile} value={one.profile}>
                {[one.wpNumber ?? one.profile, one.exid ?? one.email].filter(Boolean).join(' · ')}
              </option>
            ))}
          </select>
          <form
            class="preview-search"
            onSubmit={(event) => {
              event.preventDefault();
              void search(String(new FormData(event.currentTarget).get('q') ?? '').trim());
            }}
          >
            <input name="q" type="search" aria-label={m.profiles.search} placeholder={m.profiles.searchHint} autocomplete="off" />
            <button type="submit" class="small-button">
              {m.profiles.go}
            </button>
          </form>
          {isNobody && (
            <p class="warned small-print" role="status">
              {m.editor.nobody}
            </p>
          )}
        </div>
      )}
    </section>
  );
}

function valuesFor(doc: TemplateDoc, values: Values, person: Profile | undefined, links: string): { [name: string]: string } {
  const known = person
    ? { ...person.attributes, exid: person.exid, email: person.email, msisdn: person.msisdn, wpNumber: person.wpNumber }
    : {};
  const found = slotsOf(doc).map((slot) => {
    const own = shownFor(values[slot.key], known);
    return [slot.key, own === undefined || slot.place === 'media' ? own : linked(doc, slot, own, links)] as const;
  });
  return Object.fromEntries(found.filter((one): one is readonly [string, string] => one[1] !== undefined));
}

/** The message drawn anew as its values change; the last picture stays until then. */
function useDrawn(doc: TemplateDoc | undefined, values: { [name: string]: string }): MessagePreview | undefined {
  const [drawn, setDrawn] = useState<MessagePreview>();
  const asked = JSON.stringify(values);
  useEffect(() => {
    if (!doc) return setDrawn(undefined);
    let gone = false;
    preview({ template: doc.template, values }).then(
      (report) => !gone && setDrawn(report.preview),
      () => {}, // The fields say what stands there all the same.
    );
    return () => {
      gone = true;
    };
  }, [doc, asked]);
  return drawn;
}
