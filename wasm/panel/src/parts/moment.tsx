// A point in time: how long ago, and exactly when on demand.

import { useWords } from '../messages/words.ts';

export function Moment({ at, exact }: { at: string; exact?: boolean }) {
  const { f } = useWords();
  return (
    <time dateTime={at} title={exact ? f.ago(at) : f.moment(at)}>
      {exact ? f.moment(at) : f.ago(at)}
    </time>
  );
}
