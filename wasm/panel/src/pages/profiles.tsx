// The people, and what they said.

import type { Profile } from '../api/documents.ts';
import { profiles } from '../api/host.ts';
import { useAsking } from '../asking.ts';
import { useWords } from '../messages/words.ts';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { Moment } from '../parts/moment.tsx';
import { PermissionBadge } from '../parts/permission-badge.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';
import { go } from '../router.ts';

const PAGE_ROWS = 50;

export function ProfilesPage(asked: { q: string; permission: string; after: string | null }) {
  const { q, permission, after } = asked;
  const { m } = useWords();
  const about = [q, permission, after ?? ''].join('\n');
  const { answer, trouble, waiting, again } = useAsking((signal) => profiles(asked, PAGE_ROWS, signal), about);
  const nobody = answer?.total === 0 && q === '';
  return (
    <section aria-busy={waiting}>
      <div class="apart wrap">
        <Heading title={m.profiles.title}>
          {m.profiles.title}
          {answer && q === '' && answer.total > 0 && (
            <span class="heading-count">{m.profiles.total(answer.total)}</span>
          )}
        </Heading>
        {!nobody && <Exports />}
      </div>
      {!nobody && <Search key={q} q={q} />}
      {!nobody && q === '' && <Filter permission={permission} />}
      {trouble && <TroubleNote trouble={trouble} onRetry={again} />}
      {!answer && !trouble && <p class="loading">{m.loading}</p>}
      {answer && q !== '' && (
        <p class="hits" role="status">
          {m.profiles.hits(answer.total, q)} <a href="/profiles">{m.profiles.all}</a>
        </p>
      )}
      {answer && answer.profiles.length > 0 && <Table profiles={answer.profiles} />}
      {answer && answer.profiles.length === 0 && q !== '' && (
        <p class="soft">
          {m.profiles.noHit}
          {/^[+\d][\d\s().-]{6,}$/.test(q) && (
            <>
              {' '}
              <a href={`/profiles/${encodeURIComponent(q)}`}>{m.person.asNumber}</a>
            </>
          )}
        </p>
      )}
      {nobody && <Empty />}
      {answer && (answer.next !== null || after !== null) && (
        <nav class="paging" aria-label={m.profiles.paging}>
          {after !== null && <a href={address(q, null, permission)}>{m.profiles.first}</a>}
          {answer.next !== null && (
            <a class="button" href={address(q, answer.next, permission)}>
              {m.profiles.next}
              <Icon name="next" />
            </a>
          )}
        </nav>
      )}
    </section>
  );
}

function Search({ q }: { q: string }) {
  const { m } = useWords();
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const asked = new FormData(event.currentTarget).get('q');
        go(address(String(asked ?? '').trim(), null));
      }}
    >
      <label class="unseen" for="q">
        {m.profiles.search}
      </label>
      <Icon name="search" />
      <input
        id="q"
        name="q"
        type="search"
        defaultValue={q}
        placeholder={m.profiles.searchHint}
        autocomplete="off"
        spellcheck={false}
      />
      <button type="submit">{m.profiles.go}</button>
    </form>
  );
}

function Table({ profiles }: { profiles: readonly Profile[] }) {
  const { m } = useWords();
  return (
    <div class="card flush">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{m.profiles.number}</th>
            <th scope="col">{m.profiles.permission}</th>
            <th scope="col">{m.profiles.exid}</th>
            <th scope="col">{m.profiles.email}</th>
            <th scope="col">{m.profiles.changed}</th>
          </tr>
        </thead>
        <tbody>
          {profiles.map((one) => (
            <tr key={one.profile}>
              <td data-label={m.profiles.number}>
                <a class="row-link" href={`/profiles/${one.profile}`}>
                  {one.wpNumber ? (
                    <bdi dir="ltr" class="number">
                      {one.wpNumber}
                    </bdi>
                  ) : (
                    m.profiles.noNumber
                  )}
                </a>
              </td>
              <td data-label={m.profiles.permission}>
                <PermissionBadge permission={one.permission} />
              </td>
              <td data-label={m.profiles.exid} class={one.exid ? 'clip' : 'is-empty'}>
                <bdi>{one.exid ?? '–'}</bdi>
              </td>
              <td data-label={m.profiles.email} class={one.email ? 'clip' : 'is-empty'}>
                <bdi>{one.email ?? '–'}</bdi>
              </td>
              <td data-label={m.profiles.changed} class="soft">
                <Moment at={one.changed_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Exports() {
  const { m } = useWords();
  const path = '/api/v1/export?attributes=true&format=';
  return (
    <p class="exports">
      <Icon name="download" />
      <span class="soft">{m.profiles.export}</span>
      <a href={`${path}csv`} download>
        {m.profiles.exportCsv}
      </a>
      <a href={`${path}csv&for_excel=true`} download>
        {m.profiles.exportExcel}
      </a>
      <a href={`${path}jsonl`} download>
        {m.profiles.exportJsonl}
      </a>
    </p>
  );
}

function Empty() {
  const { m } = useWords();
  return (
    <div class="empty card">
      <h2>{m.profiles.empty}</h2>
      <p class="soft">{m.profiles.emptyText}</p>
      <a class="button primary" href="/">
        {m.profiles.toImport}
      </a>
    </div>
  );
}

/** Everybody, or those alone who said this. */
function Filter({ permission }: { permission: string }) {
  const { m } = useWords();
  const all = [
    ['', m.person.everybody],
    ['opt_in', m.permission.opt_in],
    ['opt_out', m.permission.opt_out],
    ['none', m.permission.none],
  ] as const;
  return (
    <nav class="filter-links" aria-label={m.person.show}>
      {all.map(([one, text]) => (
        <a key={one} href={address('', null, one)} aria-current={one === permission ? 'true' : undefined}>
          {text}
        </a>
      ))}
    </nav>
  );
}

function address(q: string, after: string | null, permission = ''): string {
  const query = new URLSearchParams({
    ...(q && { q }),
    ...(permission && { permission }),
    ...(after !== null && { after }),
  });
  return query.size > 0 ? `/profiles?${query}` : '/profiles';
}
