// What mends many rows at once: what the findings call for first. Whatever can be said about a file is said to the engine
// and recorded with the import; only the rest changes cells.

import type { Code, Diagnostic, Options } from 'consentry';
import { useId, useMemo, useState } from 'preact/hooks';

import type { Bench } from '../bench.ts';
import { COUNTRIES } from '../countries.ts';
import { useWords } from '../messages/words.ts';
import { mend, mendBySaying } from '../session.ts';
import type { Rule } from '../table/changes.ts';
import { announce } from './announcer.tsx';
import { Icon } from './icon.tsx';

interface Props {
  bench: Bench;
  codes: { [code in Code]?: number };
  diagnostics: readonly Diagnostic[];
  options: Options;
  columns: readonly { header: string; as?: string }[];
  disabled: boolean;
}

/** Values of the permission column that are asked about. */
const VALUES_MAX = 6;
const PUBLISHED = '1=in,2=out';

export function Mends({ bench, codes, diagnostics, options, columns, disabled }: Props) {
  const { m } = useWords();
  const wordless = (codes['permission-unknown'] ?? 0) > 0;
  const countryless = (codes['number-no-country-code'] ?? 0) > 0;
  // Open where it is called for, and then as somebody leaves it: what was mended must not close it.
  const [open] = useState(wordless || countryless);
  return (
    <details class="card options mends" open={open}>
      <summary>
        <Icon name="pen" />
        <span>{m.mend.title}</span>
        <Icon name="chevron" />
      </summary>
      <fieldset disabled={disabled}>
        <legend class="soft">{m.mend.text}</legend>
        {(codes['permission-zero'] ?? 0) > 0 && (
          <button
            type="button"
            onClick={() => {
              void mendBySaying({ permission: `${options.permission ?? PUBLISHED},0=out` });
              announce(m.mend.done);
            }}
          >
            {m.mend.zero}
          </button>
        )}
        {countryless && <Country />}
        {wordless && <Values key={options.permission} options={options} diagnostics={diagnostics} />}
        <Cells bench={bench} columns={columns} />
      </fieldset>
    </details>
  );
}

function Country() {
  const { m, f } = useWords();
  const id = useId();
  const countries = useMemo(() => {
    const named = COUNTRIES.map((iso) => ({ iso, name: f.country(iso) ?? iso }));
    return named.sort((a, b) => f.compare(a.name, b.name));
  }, [f]);
  return (
    <div class="field">
      <label for={id}>{m.mend.country}</label>
      <select
        id={id}
        value=""
        onChange={(event) => {
          void mendBySaying({ country: event.currentTarget.value });
          announce(m.mend.done);
        }}
      >
        <option value="">–</option>
        {countries.map(({ iso, name }) => (
          <option key={iso} value={iso}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** What the words of the permission column mean: each is asked about, none is guessed. */
function Values({ options, diagnostics }: { options: Options; diagnostics: readonly Diagnostic[] }) {
  const { m } = useWords();
  const found = diagnostics.filter(({ code }) => code === 'permission-unknown').map(({ found }) => found.trim());
  // What the vocabulary itself is written with cannot stand in one of its words.
  const values = [...new Set(found)].filter((value) => value !== '' && !/[=,…]/.test(value)).slice(0, VALUES_MAX);
  const [said, setSaid] = useState<{ [value: string]: string }>({});
  const all = Object.entries(said).filter(([, meaning]) => meaning !== '');
  if (values.length === 0) return null;
  return (
    <div class="mend-values" role="group" aria-label={m.mend.values}>
      <span>{m.mend.values}</span>
      {values.map((value) => (
        <label key={value} class="mend-value">
          <code dir="auto">{value}</code>
          <select
            value={said[value] ?? ''}
            onChange={(event) => setSaid({ ...said, [value]: event.currentTarget.value })}
          >
            <option value="">–</option>
            <option value="in">{m.mend.optIn}</option>
            <option value="out">{m.mend.optOut}</option>
            <option value="reject">{m.mend.reject}</option>
          </select>
        </label>
      ))}
      <button
        type="button"
        disabled={all.length === 0}
        onClick={() => {
          const words = all.map(([value, meaning]) => `${value}=${meaning}`);
          void mendBySaying({ permission: [options.permission ?? PUBLISHED, ...words].join(',') });
          announce(m.mend.done);
        }}
      >
        {m.mend.apply}
      </button>
    </div>
  );
}

function Cells({ bench, columns }: Pick<Props, 'bench' | 'columns'>) {
  const { m } = useWords();
  const id = useId();
  const numbers = columns.findIndex(({ as }) => as === 'wpNumber');
  const [column, setColumn] = useState(Math.max(0, numbers));
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const put = (rule: Rule) => {
    void mend({ kind: 'rule', rule });
    announce(m.mend.done);
  };
  return (
    <>
      <div class="field">
        <label for={`${id}-column`}>{m.mend.column}</label>
        <select id={`${id}-column`} value={column} onChange={(event) => setColumn(Number(event.currentTarget.value))}>
          {bench.header.map((header, at) => (
            <option key={at} value={at}>
              {header.trim() || m.columns.unnamed}
            </option>
          ))}
        </select>
        <button type="button" onClick={() => put({ kind: 'remove-separators', column })}>
          {m.mend.spaces}
        </button>
      </div>
      <form
        class="field"
        onSubmit={(event) => {
          event.preventDefault();
          put({ kind: 'replace', column, from: from.trim(), to });
        }}
      >
        <div class="mend-pair">
          <span class="field">
            <label for={`${id}-from`}>{m.mend.from}</label>
            <input id={`${id}-from`} type="text" autocomplete="off" value={from} onInput={(e) => setFrom(e.currentTarget.value)} />
          </span>
          <span class="field">
            <label for={`${id}-to`}>{m.mend.to}</label>
            <input id={`${id}-to`} type="text" autocomplete="off" value={to} onInput={(e) => setTo(e.currentTarget.value)} />
          </span>
        </div>
        <button type="submit">{m.mend.replace}</button>
      </form>
    </>
  );
}
