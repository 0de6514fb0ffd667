// What each column was taken as, and the place to say otherwise.

import type { Column, ColumnName, Options } from 'consentry';
import { useState } from 'preact/hooks';

import { useWords } from '../messages/words.ts';
import { Icon } from './icon.tsx';

interface Props {
  columns: readonly Column[];
  options: Options;
  disabled: boolean;
  /** Cells of the first rows. */
  examples: readonly string[][];
  onChange(options: Options): void;
}

const NAMES: readonly ColumnName[] = ['wpNumber', 'permission', 'exid', 'email', 'msisdn'];

/** Columns shown before somebody asks for more; exports can have hundreds. */
const COLUMNS_SHOWN = 12;

export function Columns({ columns, options, disabled, examples, onChange }: Props) {
  const { m } = useWords();
  const [all, setAll] = useState(false);
  const shown = all ? columns : columns.slice(0, COLUMNS_SHOWN);
  return (
    <section class="card" aria-labelledby="columns">
      <h2 id="columns">{m.columns.title}</h2>
      <ul class="column-list">
        {shown.map((column, at) => (
          <li key={at} class={column.as === undefined ? 'is-unused' : ''}>
            <span class="column-header" dir="auto">
              {column.header.trim() || m.columns.unnamed}
              <small class="soft" dir="auto">
                {examples.map((cells) => cells[at]?.trim()).find((cell) => cell) ?? '\u00a0'}
              </small>
            </span>
            <Meaning column={column} options={options} disabled={disabled} onChange={onChange} />
          </li>
        ))}
      </ul>
      {shown.length < columns.length && (
        <button class="link" type="button" onClick={() => setAll(true)}>
          {m.columns.more(columns.length - shown.length)}
        </button>
      )}
    </section>
  );
}

function Meaning({ column, options, disabled, onChange }: { column: Column } & Omit<Props, 'columns' | 'examples'>) {
  const { m } = useWords();
  const { header } = column;
  if (header.trim() === '') return <span class="column-as soft">{m.columns.ignored}</span>;
  const saidHere = options.attributes?.includes(header) || Object.values(options.map ?? {}).includes(header);
  // A column recognised by its name can be taken for another one, but the engine knows no way to leave it out.
  const byName = column.as !== undefined && !saidHere;
  return (
    <span class="column-as">
      {column.as !== undefined && <Icon name="check" />}
      <select
        class={column.as === undefined ? 'small' : 'small is-settled'}
        aria-label={m.columns.use(header)}
        disabled={disabled}
        value={column.as ?? ''}
        onChange={(event) => onChange(assigned(options, header, event.currentTarget.value))}
      >
        {!byName && <option value="">{m.columns.ignored}</option>}
        {!byName && <option value="attribute">{m.columns.attribute}</option>}
        {NAMES.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </span>
  );
}

/** The options with this header used for something else, and for nothing else. */
function assigned(options: Options, header: string, use: string): Options {
  const { map, attributes, ...rest } = options;
  const others = Object.entries(map ?? {}).filter(([, mapped]) => mapped !== header);
  const nextMap = Object.fromEntries(others);
  const nextAttributes = (attributes ?? []).filter((one) => one !== header);
  if (use === 'attribute') nextAttributes.push(header);
  else if (use !== '') nextMap[use] = header;
  return {
    ...rest,
    ...(Object.keys(nextMap).length > 0 && { map: nextMap }),
    ...(nextAttributes.length > 0 && { attributes: nextAttributes }),
  };
}
