// Everything that is wrong with a template, in one place: how it stands, and the way to each field.

import type { TemplateDiagnostic } from 'consentry';

import { useTemplateRules, useWords } from '../../messages/words.ts';
import { Icon } from '../icon.tsx';
import { Prose } from '../prose.tsx';
import { fieldOf, type Editing } from './editing.ts';
import { FixButton, useSaid } from './finding-note.tsx';

interface Props {
  editing: Editing;
  findings: readonly TemplateDiagnostic[] | undefined;
}

export function FindingsSummary({ editing, findings }: Props) {
  const { m } = useWords();
  if (!findings) return <p class="soft">{m.builder.judging}</p>;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  const tone = errors > 0 ? 'error' : warnings > 0 ? 'warning' : 'fine';
  return (
    <section class={`judged is-${tone}`} aria-labelledby="judged">
      <p id="judged" class="judged-title">
        <Icon name={tone === 'fine' ? 'check' : tone} />
        <strong>{m.builder.judged(errors, warnings)}</strong>
      </p>
      <ul>
        {[...findings]
          .sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'))
          .map((finding) => (
            <One key={`${finding.code}${finding.path}`} editing={editing} finding={finding} />
          ))}
      </ul>
    </section>
  );
}

function One({ editing, finding }: { editing: Editing; finding: TemplateDiagnostic }) {
  const { m } = useWords();
  const said = useSaid();
  const { why } = useTemplateRules()(finding.code);
  const go = () => {
    const field = fieldOf(finding.path);
    // A hidden part of the page would swallow the focus.
    field?.closest('details')?.setAttribute('open', '');
    field?.scrollIntoView({ block: 'center' });
    field?.focus({ preventScroll: true });
  };
  return (
    <li class={`is-${finding.severity}`}>
      <details>
        <summary>
          <Icon name={finding.severity} />
          <span>
            <span class="unseen">{finding.severity === 'error' ? m.findings.error : m.findings.warning}: </span>
            <Prose text={said(finding)} />
          </span>
          <Icon name="chevron" />
        </summary>
        <p class="soft">
          <Prose text={why} />
        </p>
        <p class="soft judged-code">
          <code>{finding.code}</code> <code dir="ltr">{finding.path}</code>
          {finding.meta_subcode !== undefined && <span> {m.builder.metaCode(finding.meta_subcode)}</span>}
        </p>
        <p class="actions">
          <button type="button" class="small-button" onClick={go}>
            {m.builder.show}
          </button>
          <FixButton editing={editing} finding={finding} />
        </p>
      </details>
    </li>
  );
}
