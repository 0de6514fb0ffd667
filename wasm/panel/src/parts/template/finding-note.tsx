// What the engine says about a place of the template: in plain words, with the repair where one is safe.

import type { TemplateDiagnostic } from 'consentry';

import { useTemplateRules, useWords } from '../../messages/words.ts';
import { patched } from '../../template/document.ts';
import { announce } from '../announcer.tsx';
import { Icon } from '../icon.tsx';
import { Prose, sentence } from '../prose.tsx';
import type { Editing } from './editing.ts';

/** The sentence for people: the engine's own in English, which is more exact; the rule's words elsewhere. */
export function useSaid(): (finding: TemplateDiagnostic) => string {
  const { lang } = useWords();
  const rule = useTemplateRules();
  return (finding) => {
    if (lang === 'en') return finding.message;
    const { what, cure } = rule(finding.code);
    return `${sentence(what, lang)}. ${cure}`;
  };
}

interface Props {
  editing: Editing;
  findings: readonly TemplateDiagnostic[];
  id?: string;
}

export function FindingNotes({ editing, findings, id }: Props) {
  const { m } = useWords();
  const said = useSaid();
  if (findings.length === 0) return null;
  return (
    <ul class="finding-notes" id={id}>
      {findings.map((finding) => (
        <li key={`${finding.code}${finding.path}`} class={`is-${finding.severity}`}>
          <Icon name={finding.severity} />
          <span>
            <span class="unseen">{finding.severity === 'error' ? m.findings.error : m.findings.warning}: </span>
            <Prose text={said(finding)} />
          </span>
          <FixButton editing={editing} finding={finding} />
        </li>
      ))}
    </ul>
  );
}

export function FixButton({ editing, finding }: { editing: Editing; finding: TemplateDiagnostic }) {
  const { m } = useWords();
  const { fix } = finding;
  if (!fix) return null;
  const last = fix.at(-1)?.value;
  return (
    <button
      type="button"
      class="fix-button"
      title={typeof last === 'string' ? last : undefined}
      onClick={() => {
        editing.change((template) => patched(template, fix));
        announce(m.builder.fixed);
      }}
    >
      {m.builder.fix}
    </button>
  );
}
