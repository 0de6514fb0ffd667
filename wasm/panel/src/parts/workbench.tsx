// The table of the file, and what stands above it: which rows, the way to the next wrong one, undo and redo.

import type { Code } from 'consentry';
import { useEffect, useRef, useState } from 'preact/hooks';

import { bench, show, type Bench } from '../bench.ts';
import { useCell } from '../cell.ts';
import { useRules, useWords } from '../messages/words.ts';
import { mend, stepAgain, stepBack, steppable } from '../session.ts';
import { announce } from './announcer.tsx';
import { Icon } from './icon.tsx';
import { sentence } from './prose.tsx';
import { RowsView } from './rows-view.tsx';

/** How long nobody types before rows are searched, in milliseconds. */
const SEARCH_MS = 250;

export const WORKBENCH_ID = 'rows';

interface Props {
  bench: Bench;
  codes: { [code in Code]?: number };
  rejected: number;
  warned: number;
  disabled: boolean;
}

export function Workbench({ bench: now, codes, rejected, warned, disabled }: Props) {
  const { m, f, lang } = useWords();
  const rule = useRules();
  const [goTo, setGoTo] = useState<{ at: number }>();
  const active = useRef(0);
  const { filter } = now;
  const chosen = filter.show === 'code' ? `code:${filter.code}` : filter.show;
  const { back, again } = steppable();
  const withCount = (text: string, n: number) => `${text} (${f.number(n)})`;
  const rowCodes = (Object.entries(codes) as [Code, number][]).filter(([code]) =>
    now.kinds.some((kind) => kind.codes.includes(code)),
  );

  const jump = async (step: 1 | -1) => {
    const at = await now.table.ask({ ask: 'next', from: active.current, step });
    if (at < 0) return announce(m.table.noBad);
    active.current = at;
    setGoTo({ at });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.target instanceof HTMLInputElement) return;
    const key = event.key.toLowerCase();
    if (key === 'z' && !event.shiftKey) void stepBack();
    else if (key === 'y' || key === 'z') void stepAgain();
    else return;
    event.preventDefault();
  };

  return (
    <section class="card workbench" aria-labelledby={WORKBENCH_ID} onKeyDown={onKeyDown}>
      <div class="workbench-top">
        <h2 id={WORKBENCH_ID} tabIndex={-1}>
          {m.table.title}
        </h2>
        <span class="soft" role="status">
          {m.table.showing(now.shown, now.rows)}
        </span>
        <span class="workbench-steps">
          <button class="quiet" type="button" disabled={disabled || back === 0} onClick={() => void stepBack()}>
            <Icon name="undo" />
            {m.table.undo}
          </button>
          <button
            class="quiet icon-only redo"
            type="button"
            title={m.table.redo}
            aria-label={m.table.redo}
            disabled={disabled || again === 0}
            onClick={() => void stepAgain()}
          >
            <Icon name="reply" />
          </button>
        </span>
      </div>
      <div class="workbench-tools">
        <div class="field">
          <label for={`${WORKBENCH_ID}-show`}>{m.table.show}</label>
          <select
            id={`${WORKBENCH_ID}-show`}
            value={chosen}
            onChange={(event) => {
              const value = event.currentTarget.value;
              const [kind, code] = value.split(':');
              void show({ ...filter, show: kind as typeof filter.show, ...(code !== undefined && { code }) });
            }}
          >
            <option value="all">{withCount(m.table.filters.all, now.rows)}</option>
            {rejected > 0 && <option value="rejected">{withCount(m.table.filters.rejected, rejected)}</option>}
            {warned > 0 && <option value="warned">{withCount(m.table.filters.warned, warned)}</option>}
            {now.standing.undo > 0 && <option value="changed">{m.table.filters.changed}</option>}
            {rowCodes.map(([code, n]) => (
              <option key={code} value={`code:${code}`}>
                {withCount(sentence(rule(code).what, lang).replaceAll('`', ''), n)}
              </option>
            ))}
          </select>
        </div>
        <Search text={filter.text} onText={(text) => void show({ ...filter, text })} />
        {rejected > 0 && (
          <span class="workbench-jumps">
            <button
              class="icon-only"
              type="button"
              title={m.table.previousBad}
              aria-label={m.table.previousBad}
              onClick={() => void jump(-1)}
            >
              <Icon name="up" />
            </button>
            <button type="button" onClick={() => void jump(1)}>
              <Icon name="down" />
              {m.table.nextBad}
            </button>
          </span>
        )}
      </div>
      {now.shown === 0 && <p class="soft rows-none">{m.table.nothing}</p>}
      <RowsView
        bench={now}
        disabled={disabled}
        goTo={goTo}
        onActive={(at) => (active.current = at)}
        onEdit={(row, column, text) => void mend({ kind: 'cell', row, column, text })}
      />
      <p class="soft">{m.table.text}</p>
    </section>
  );
}

function Search({ text, onText }: { text: string; onText(text: string): void }) {
  const { m } = useWords();
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div class="field">
      <label for={`${WORKBENCH_ID}-search`}>{m.table.search}</label>
      <input
        id={`${WORKBENCH_ID}-search`}
        type="search"
        autocomplete="off"
        spellcheck={false}
        defaultValue={text}
        onInput={(event) => {
          const { value } = event.currentTarget;
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onText(value), SEARCH_MS);
        }}
      />
    </div>
  );
}

/** Goes from a finding to its rows. */
export function ToRows({ code }: { code: Code }) {
  const { m } = useWords();
  const now = useCell(bench);
  if (!now?.kinds.some((kind) => kind.codes.includes(code))) return null;
  return (
    <button
      class="link"
      type="button"
      onClick={() => {
        void show({ show: 'code', code, text: '' });
        const title = document.getElementById(WORKBENCH_ID);
        title?.focus();
        title?.scrollIntoView({ block: 'start' });
      }}
    >
      {m.table.toRows}
    </button>
  );
}
