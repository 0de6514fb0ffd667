// Where a sign-up's window comes back to: it hands on what it got, and closes.

import { useEffect } from 'preact/hooks';

import { useWords } from '../messages/words.ts';
import { Heading } from '../parts/heading.tsx';
import { handOn } from '../returning.ts';

export function ConnectReturnPage() {
  const { m } = useWords();
  useEffect(() => {
    handOn();
    // Where the browser does not allow it, the page says what to do.
    window.close();
  }, []);
  return (
    <section>
      <Heading title={m.signUp.returned} />
      <p class="lead">{m.signUp.returnedText}</p>
    </section>
  );
}
