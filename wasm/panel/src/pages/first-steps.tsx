// The first steps as a page of their own: reached from the settings, whether they are hidden on the start page or done.

import { useCell } from '../cell.ts';
import { hide, isHidden, nextOf, useBeginnings } from '../first-steps.ts';
import { useWords } from '../messages/words.ts';
import { FirstSteps } from '../parts/first-steps.tsx';
import { Heading } from '../parts/heading.tsx';
import { TroubleNote } from '../parts/trouble-note.tsx';

export function FirstStepsPage() {
  const { m } = useWords();
  const known = useBeginnings();
  const hidden = useCell(isHidden);
  return (
    <section class="access">
      <Heading title={m.first.page} />
      <p class="lead">{m.first.lead}</p>
      {known === undefined && <p class="loading">{m.loading}</p>}
      {known === null && <TroubleNote trouble={{ kind: 'away', detail: '' }} />}
      {known && <FirstSteps of={known} />}
      {known && hidden && nextOf(known) && (
        <p class="actions">
          <button type="button" onClick={() => hide(false)}>
            {m.first.show}
          </button>
        </p>
      )}
    </section>
  );
}
