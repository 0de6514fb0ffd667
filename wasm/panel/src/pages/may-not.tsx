// Somebody opened, by its address, a page that their role does not open: who can, and the way back.

import { useWords } from '../messages/words.ts';
import { Heading } from '../parts/heading.tsx';
import { WhoMay } from '../parts/who-may.tsx';
import type { Right } from '../rights.ts';

export function MayNotPage({ right }: { right: Right }) {
  const { m } = useWords();
  return (
    <section class="access">
      <Heading title={m.health.mayNotTitle} />
      <p class="lead">{m.health.mayNot}</p>
      <WhoMay right={right} />
      <p>
        <a href="/settings">{m.health.mayNotBack}</a>
      </p>
    </section>
  );
}
