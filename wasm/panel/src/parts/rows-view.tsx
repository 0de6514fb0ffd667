// The rows of the file on the screen, however many there are. Only those in sight are drawn and read. Browsers cannot
// scroll further than some ten million pixels, so above that the bar tells where in the file one is, and the wheel moves
// by what it says.

import type { Verdict } from 'consentry';
import { Component } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import type { Bench } from '../bench.ts';
import { useRules, useWords } from '../messages/words.ts';
import type { Row } from '../table/talk.ts';
import { Icon } from './icon.tsx';
import { sentence } from './prose.tsx';

/** Height of a row, in pixels. The style sheet draws them as high. */
const ROW_PX = 36;
/** The highest that a page is made; Firefox stops at some 17 million pixels. */
const SCROLL_PX_MAX = 8_000_000;
/** Rows asked for at once. */
const BLOCK_ROWS = 64;
/** Blocks kept; the table's worker has more. */
const BLOCKS_MAX = 40;
/** Columns drawn; exports can have hundreds. */
const COLUMNS_MAX = 30;
/** A wheel or a finger does not go further in one step, in heights of the table. */
const STEP_MAX = 2;
/** How long nobody scrolls before the bar is put where the rows are, in milliseconds. */
const SETTLED_MS = 150;

interface Place {
  /** Place among the rows shown. */
  at: number;
  column: number;
}

interface Props {
  bench: Bench;
  disabled: boolean;
  /** Goes to this row whenever it is another one. */
  goTo: { at: number } | undefined;
  onActive(at: number): void;
  onEdit(row: number, column: number, text: string): void;
}

export function RowsView({ bench, disabled, goTo, onActive, onEdit }: Props) {
  const { m, lang } = useWords();
  const scroller = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(ROW_PX * 12);
  const [top, setTop] = useState(0);
  const [active, setActive] = useState<Place>({ at: 0, column: 0 });
  const [editing, setEditing] = useState<string>();
  const rows = useRowsOf(bench);
  const { shown } = bench;
  const columns = bench.header.slice(0, COLUMNS_MAX);

  const whole = shown * ROW_PX;
  const body = height - ROW_PX; // Under the header.
  const topMax = Math.max(0, whole - body);
  const scrollable = Math.min(whole, SCROLL_PX_MAX);
  const barMax = Math.max(0, scrollable - body);
  const own = useRef({ bar: 0, top: 0, timer: 0 });

  const place = useCallback(
    (to: number) => {
      const next = Math.max(0, Math.min(topMax, to));
      own.current.top = next;
      own.current.bar = topMax === 0 ? 0 : Math.round((next / topMax) * barMax);
      if (scroller.current) scroller.current.scrollTop = own.current.bar;
      setTop(next);
    },
    [topMax, barMax],
  );

  const onScroll = () => {
    const now = own.current;
    const bar = scroller.current!.scrollTop;
    const moved = bar - now.bar;
    if (moved === 0) return;
    now.bar = bar;
    const byBar = topMax === barMax || Math.abs(moved) > height * STEP_MAX;
    now.top = byBar ? (barMax === 0 ? 0 : (bar / barMax) * topMax) : Math.max(0, Math.min(topMax, now.top + moved));
    setTop(now.top);
    clearTimeout(now.timer);
    if (!byBar) now.timer = setTimeout(() => place(own.current.top), SETTLED_MS) as unknown as number;
  };

  useLayoutEffect(() => {
    const watch = new ResizeObserver(([entry]) => entry && setHeight(entry.contentRect.height));
    watch.observe(scroller.current!);
    return () => watch.disconnect();
  }, []);

  // Other rows: back to the first.
  useEffect(() => {
    setActive((now) => ({ ...now, at: 0 }));
    setEditing(undefined);
    place(0);
  }, [bench.filter, bench.table]);
  useEffect(() => place(own.current.top), [shown]);

  const reveal = (at: number) => {
    const first = own.current.top / ROW_PX;
    const last = (own.current.top + body) / ROW_PX - 1;
    if (at < first) place(at * ROW_PX);
    else if (at > last) place((at + 1) * ROW_PX - body);
  };
  const moveTo = (to: Place) => {
    const at = Math.max(0, Math.min(shown - 1, to.at));
    const column = Math.max(0, Math.min(columns.length - 1, to.column));
    setActive({ at, column });
    onActive(at);
    reveal(at);
    scroller.current?.querySelector(`[data-column="${column}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  useEffect(() => {
    if (!goTo) return;
    setActive((now) => ({ ...now, at: goTo.at }));
    place(goTo.at * ROW_PX - body / 3);
    scroller.current?.focus({ preventScroll: true });
  }, [goTo]);

  const first = Math.floor(top / ROW_PX);
  const last = Math.min(shown, Math.ceil((top + body) / ROW_PX) + 1);
  const inSight = rows(first, last);

  const begin = (text?: string) => {
    const row = inSight[active.at - first];
    if (disabled || !row) return;
    setEditing(text ?? row.cells[active.column] ?? '');
  };
  const end = (text: string | undefined, step = 0) => {
    const row = inSight[active.at - first];
    setEditing(undefined);
    scroller.current?.focus({ preventScroll: true });
    if (text !== undefined && row && text !== row.cells[active.column]) onEdit(row.row, active.column, text);
    if (step !== 0) moveTo({ ...active, at: active.at + step });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (editing !== undefined || event.altKey) return;
    const page = Math.max(1, Math.floor(body / ROW_PX) - 1);
    const forward = getComputedStyle(scroller.current!).direction === 'rtl' ? -1 : 1;
    const far = event.ctrlKey || event.metaKey;
    const moves: { [key: string]: Place } = {
      ArrowDown: { ...active, at: active.at + 1 },
      ArrowUp: { ...active, at: active.at - 1 },
      PageDown: { ...active, at: active.at + page },
      PageUp: { ...active, at: active.at - page },
      ArrowRight: { ...active, column: active.column + forward },
      ArrowLeft: { ...active, column: active.column - forward },
      Home: far ? { at: 0, column: 0 } : { ...active, column: 0 },
      End: far ? { at: shown - 1, column: columns.length - 1 } : { ...active, column: columns.length - 1 },
    };
    const to = moves[event.key];
    if (to) moveTo(to);
    else if (event.key === 'Enter' || event.key === 'F2') begin();
    else if (event.key === 'Delete' || event.key === 'Backspace') {
      const row = inSight[active.at - first];
      if (!disabled && row && row.cells[active.column]) onEdit(row.row, active.column, '');
    } else if (event.key.length === 1 && !far) begin(event.key);
    else return;
    event.preventDefault();
  };

  // Lines are drawn again only when what they show changes; what they do is always the latest.
  const latest = useRef({ press: (_at: number, _column: number, _again: boolean) => {}, end });
  latest.current = {
    end,
    press(at, column, again) {
      if (editing !== undefined && at === active.at && column === active.column) return;
      setEditing(undefined);
      setActive({ at, column });
      onActive(at);
      const row = inSight[at - first];
      if (again && !disabled && row) setEditing(row.cells[column] ?? '');
    },
  };
  const deal = useRef<Deal>({
    press: (at, column, again) => latest.current.press(at, column, again),
    end: (text, step) => latest.current.end(text, step),
  });

  const activeInSight = active.at >= first && active.at < last;
  return (
    <>
      <div
        ref={scroller}
        class="rows-view"
        role="grid"
        tabIndex={0}
        aria-label={m.table.label(bench.rows)}
        aria-rowcount={shown + 1}
        aria-colcount={columns.length + 2}
        aria-readonly={disabled}
        aria-activedescendant={activeInSight ? `cell-${active.at}-${active.column}` : undefined}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        style={{ '--columns': String(columns.length) }}
      >
        <div class="rows-head" role="row" aria-rowindex={1}>
          <span role="columnheader" class="row-number">
            {m.table.row}
          </span>
          <span role="columnheader">{m.table.verdict}</span>
          {columns.map((column, at) => (
            <span key={at} role="columnheader" dir="auto" data-column={at}>
              {column.trim() || m.columns.unnamed}
            </span>
          ))}
        </div>
        <div class="rows-space" role="presentation" style={{ blockSize: `${scrollable}px` }}>
          <div class="rows-window" role="presentation" style={{ blockSize: `${Math.min(body, scrollable)}px` }}>
            <div role="presentation" style={{ transform: `translateY(${first * ROW_PX - top}px)` }}>
              {Array.from({ length: Math.max(0, last - first) }, (_, step) => {
                const at = first + step;
                const row = inSight[step];
                const isActive = at === active.at;
                return (
                  <Line
                    key={at}
                    at={at}
                    row={row}
                    verdict={row && (bench.alone.has(row.row) ? bench.alone.get(row.row) : bench.kinds[row.kind])}
                    columns={columns}
                    active={isActive ? active.column : undefined}
                    editing={isActive ? editing : undefined}
                    lang={lang}
                    deal={deal.current}
                  />
                );
              })}
            </div>
          </div>
        </div>
      </div>
      {bench.header.length > columns.length && (
        <p class="soft">{m.table.more(bench.header.length - columns.length)}</p>
      )}
    </>
  );
}

interface Deal {
  press(at: number, column: number, again: boolean): void;
  end(text?: string, step?: number): void;
}

interface LineProps {
  at: number;
  row: Row | undefined;
  verdict: Verdict | undefined;
  columns: readonly string[];
  /** The active column, where it is in this row. */
  active: number | undefined;
  editing: string | undefined;
  lang: string;
  deal: Deal;
}

/** One row. Scrolling moves it and does not draw it again. */
class Line extends Component<LineProps> {
  override shouldComponentUpdate(next: LineProps): boolean {
    const keys = ['at', 'row', 'verdict', 'active', 'editing', 'lang'] as const;
    return keys.some((key) => next[key] !== this.props[key]) || next.columns.length !== this.props.columns.length;
  }

  override render(props: LineProps) {
    return <LineCells {...props} />;
  }
}

function LineCells({ at, row, verdict, columns, active, editing, deal }: LineProps) {
  const { m, f } = useWords();
  const tone = verdict?.rejected ? ' is-error' : verdict && verdict.codes.length > 0 ? ' is-warning' : '';
  return (
    <div role="row" aria-rowindex={at + 2} class={`rows-row${tone}`}>
      <span role="rowheader" class="row-number">
        {row ? f.number(row.row + 1) : '…'}
      </span>
      <VerdictCell verdict={verdict} />
      {columns.map((name, column) => {
        const isActive = column === active;
        const changed = row?.changed.includes(column) ?? false;
        return (
          <span
            key={column}
            id={`cell-${at}-${column}`}
            role="gridcell"
            aria-selected={isActive}
            class={`${isActive ? 'is-active' : ''}${changed ? ' is-changed' : ''}`}
            title={changed ? m.table.was : undefined}
            dir="auto"
            onMouseDown={(event) => {
              if (event.detail > 1 && editing === undefined) event.preventDefault();
              deal.press(at, column, event.detail > 1);
            }}
          >
            {isActive && editing !== undefined && row ? (
              <CellInput label={m.table.edit(row.row + 1, name)} value={editing} onEnd={deal.end} />
            ) : (
              row?.cells[column]
            )}
          </span>
        );
      })}
    </div>
  );
}

function VerdictCell({ verdict }: { verdict: Verdict | undefined }) {
  const { m, lang } = useWords();
  const rule = useRules();
  if (!verdict) return <span role="gridcell" />;
  const [code] = verdict.codes;
  const what = code === undefined ? '' : sentence(rule(code).what, lang).replaceAll('`', '');
  if (code === undefined) {
    return (
      <span role="gridcell" class="row-verdict is-fine">
        <Icon name="check" />
        {verdict.permission && m.table.fine[verdict.permission]}
      </span>
    );
  }
  const more = verdict.codes.length - 1;
  return (
    <span role="gridcell" class="row-verdict" title={verdict.codes.map((one) => sentence(rule(one).what, lang)).join('\n')}>
      <Icon name={verdict.rejected ? 'error' : 'warning'} />
      <span class="unseen">{verdict.rejected ? m.table.rejected : m.table.warned}: </span>
      <span class="row-what">{what}</span>
      {more > 0 && <b>+{more}</b>}
    </span>
  );
}

function CellInput({ label, value, onEnd }: { label: string; value: string; onEnd(text?: string, step?: number): void }) {
  const input = useRef<HTMLInputElement>(null);
  const ended = useRef(false);
  const end = (text?: string, step?: number) => {
    if (ended.current) return;
    ended.current = true;
    onEnd(text, step);
  };
  useLayoutEffect(() => input.current?.focus({ preventScroll: true }), []);
  return (
    <input
      ref={input}
      type="text"
      aria-label={label}
      autocomplete="off"
      spellcheck={false}
      defaultValue={value}
      onBlur={(event) => end(event.currentTarget.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter') end(event.currentTarget.value, event.shiftKey ? -1 : 1);
        else if (event.key === 'Tab') end(event.currentTarget.value);
        else if (event.key === 'Escape') end();
        else return;
        event.preventDefault();
      }}
    />
  );
}

/** The rows in sight, as far as they are known; the others are asked for, and what was known of them stays until then. */
function useRowsOf(bench: Bench): (from: number, to: number) => (Row | undefined)[] {
  const [, again] = useState(0);
  const blocks = useRef(new Map<number, { rows: Row[]; generation: number; asked: number }>());
  const current = useRef(bench);
  if (current.current.table !== bench.table || current.current.filter !== bench.filter || current.current.shown !== bench.shown) {
    blocks.current = new Map();
  }
  current.current = bench;
  const { table, generation } = bench;
  const ask = (block: number) => {
    const into = blocks.current;
    const entry = into.get(block) ?? { rows: [], generation: -1, asked: -1 };
    into.delete(block);
    into.set(block, entry);
    if (entry.generation === generation || entry.asked === generation) return entry.rows;
    entry.asked = generation;
    const from = block * BLOCK_ROWS;
    void table.ask({ ask: 'rows', from, to: from + BLOCK_ROWS }).then((rows) => {
      if (entry.asked !== generation) return;
      entry.rows = rows;
      entry.generation = generation;
      if (into === blocks.current) again((n) => n + 1);
    });
    return entry.rows;
  };
  return (from, to) => {
    const found: (Row | undefined)[] = [];
    for (let block = Math.floor(from / BLOCK_ROWS); block * BLOCK_ROWS < to; block += 1) {
      const rows = ask(block);
      const start = Math.max(from, block * BLOCK_ROWS);
      for (let at = start; at < Math.min(to, (block + 1) * BLOCK_ROWS); at += 1) found.push(rows[at - block * BLOCK_ROWS]);
    }
    for (const oldest of blocks.current.keys()) {
      if (blocks.current.size <= BLOCKS_MAX) break;
      blocks.current.delete(oldest);
    }
    return found;
  };
}
