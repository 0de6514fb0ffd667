// Findings by code: what, why, what to do, and the first places. Errors first, then the most frequent.

import type { Code, Diagnostic } from 'consentry';
import { useId, useState } from 'preact/hooks';

import { isPlainMessage, useRules, useWords } from '../messages/words.ts';
import { Icon } from './icon.tsx';
import { Prose, sentence } from './prose.tsx';
import { ToRows } from './workbench.tsx';

/** Places shown before somebody asks for more. */
const PLACES_SHOWN = 5;

interface Group {
  code: Code;
  severity: 'error' | 'warning';
  count: number;
  kept: Diagnostic[];
}

interface Props {
  codes: { [code in Code]?: number };
  diagnostics: readonly Diagnostic[];
  /** Open the first finding, where there is something to repair. */
  openFirst: boolean;
  /** What they are called, where they are not all there is. */
  title?: string;
}

export function Findings({ codes, diagnostics, openFirst, title }: Props) {
  const { m } = useWords();
  const id = useId();
  const groups = grouped(codes, diagnostics);
  return (
    <section class="findings" aria-labelledby={id}>
      <h2 id={id}>{title ?? m.findings.title}</h2>
      {groups.length === 0 ? (
        <p class="clean">
          <Icon name="check" />
          {m.findings.none}
        </p>
      ) : (
        groups.map((group, at) => <Finding key={group.code} group={group} open={openFirst && at === 0} />)
      )}
    </section>
  );
}

function Finding({ group, open }: { group: Group; open: boolean }) {
  const { m, f, lang } = useWords();
  const rule = useRules()(group.code);
  const isError = group.severity === 'error';
  return (
    <details class={`finding is-${group.severity}`} open={open}>
      <summary>
        <Icon name={isError ? 'error' : 'warning'} />
        <span class="what">
          <span class="unseen">{isError ? m.findings.error : m.findings.warning}: </span>
          <Prose text={sentence(rule.what, lang)} />
          <code class="code-name">{group.code}</code>
        </span>
        <span class="count">{f.number(group.count)}</span>
        <Icon name="chevron" />
      </summary>
      <div class="finding-body">
        <dl class="advice">
          <div>
            <dt>{m.findings.why}</dt>
            <dd>
              <Prose text={rule.why} />
            </dd>
          </div>
          <div>
            <dt>{m.findings.cure}</dt>
            <dd>
              <Prose text={rule.cure} />
            </dd>
          </div>
        </dl>
        <ToRows code={group.code} />
        {group.kept.length > 0 && <Places group={group} />}
      </div>
    </details>
  );
}

function Places({ group }: { group: Group }) {
  const { m, f } = useWords();
  const [shown, setShown] = useState(PLACES_SHOWN);
  const places = group.kept.slice(0, shown);
  const note = (place: Diagnostic) => (isPlainMessage(place.code, place.message) ? '' : place.message);
  const has = {
    column: group.kept.some((place) => place.column !== undefined),
    fix: group.kept.some((place) => place.fix !== undefined),
    note: group.kept.some((place) => note(place) !== ''),
  };
  const more = group.kept.length - places.length;
  return (
    <>
      <div class="scroll">
        <table class="places">
          <caption class="unseen">{m.findings.places}</caption>
          <thead>
            <tr>
              <th scope="col" class="figure-cell">
                {m.findings.row}
              </th>
              <th scope="col" class="figure-cell">
                {m.findings.line}
              </th>
              {has.column && <th scope="col">{m.findings.column}</th>}
              <th scope="col">{m.findings.foundThere}</th>
              {has.fix && <th scope="col">{m.findings.fix}</th>}
              {has.note && <th scope="col">{m.findings.note}</th>}
            </tr>
          </thead>
          <tbody>
            {places.map((place, at) => (
              <tr key={at}>
                <td class="figure-cell">{place.row === undefined ? '–' : f.number(place.row)}</td>
                <td class="figure-cell">{place.line === undefined ? '–' : f.number(place.line)}</td>
                {has.column && <td>{place.column}</td>}
                <td>
                  {place.found === '' ? (
                    <span class="soft">{m.findings.empty}</span>
                  ) : (
                    <code dir="auto">{place.found}</code>
                  )}
                </td>
                {has.fix && (
                  <td>
                    {place.fix !== undefined && (
                      <code dir="auto" class="fix">
                        {place.fix}
                      </code>
                    )}
                  </td>
                )}
                {has.note && (
                  <td class="note" lang="en">
                    <Prose text={note(place)} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="beneath">
        {more > 0 && (
          <button class="link" type="button" onClick={() => setShown(group.kept.length)}>
            {m.findings.more(more)}
          </button>
        )}
        {group.count > group.kept.length && (
          <span class="soft">{m.findings.omitted(group.count - group.kept.length)}</span>
        )}
      </p>
    </>
  );
}

function grouped(codes: Props['codes'], diagnostics: readonly Diagnostic[]): Group[] {
  const groups = new Map<Code, Group>();
  for (const [code, count] of Object.entries(codes) as [Code, number][]) {
    groups.set(code, { code, severity: 'warning', count, kept: [] });
  }
  for (const diagnostic of diagnostics) {
    const group = groups.get(diagnostic.code);
    if (!group) continue;
    group.severity = diagnostic.severity;
    group.kept.push(diagnostic);
  }
  const rank = (group: Group) => (group.severity === 'error' ? 0 : 1);
  return [...groups.values()].sort((a, b) => rank(a) - rank(b) || b.count - a.count);
}
