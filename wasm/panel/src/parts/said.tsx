// Who took an import back, and why. The evidence keeps both in one line, as `api:desk: the wrong file`.

import { useWords } from '../messages/words.ts';
import { Fact } from './facts.tsx';

/** A name with a colon in it ends there; nothing of the line is ever left out. */
function parted(by: string): [who: string, why: string] {
  const at = by.indexOf(': ');
  return at < 0 ? [by, ''] : [by.slice(0, at), by.slice(at + 2)];
}

/** Both, as lines of a list of facts. */
export function ByAndWhy({ by }: { by: string }) {
  const { m } = useWords();
  const [who, why] = parted(by);
  return (
    <>
      <Fact label={m.undone.by}>
        <bdi>{who}</bdi>
      </Fact>
      <Fact label={m.undone.reason}>{why ? <bdi>{why}</bdi> : <span class="soft">{m.undone.noReason}</span>}</Fact>
    </>
  );
}

/** Both, in a sentence's place. */
export function Said({ by }: { by: string }) {
  const [who, why] = parted(by);
  return (
    <>
      <bdi>{who}</bdi>
      {why && (
        <>
          : <bdi>{why}</bdi>
        </>
      )}
    </>
  );
}
