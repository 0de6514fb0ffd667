// An address that leads nowhere.

import { useWords } from '../messages/words.ts';
import { Heading } from '../parts/heading.tsx';

export function NowherePage() {
  const { m } = useWords();
  return (
    <section class="notice card">
      <Heading title={m.nowhere.title} />
      <p class="lead">{m.nowhere.text}</p>
      <p class="actions">
        <a class="button primary" href="/">
          {m.nowhere.cure}
        </a>
      </p>
    </section>
  );
}
