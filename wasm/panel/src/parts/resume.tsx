// What was under way when the page was last left: an import that goes on at the host, an upload that did not get there.

import { useState } from 'preact/hooks';

import { imports } from '../api/host.ts';
import { useAsking } from '../asking.ts';
import { endSending, unsent } from '../keeping.ts';
import { useWords } from '../messages/words.ts';
import { Icon } from './icon.tsx';

export function Resume() {
  const { m } = useWords();
  const { answer } = useAsking(imports, 'imports');
  const [left, setLeft] = useState(unsent);
  const running = answer?.imports.filter(({ state }) => state === 'accepted' || state === 'checking' || state === 'applying');
  // What the host has got in the meantime was sent after all.
  const arrived = left && answer?.imports.some(({ file }) => file.bytes === left.size && file.name === left.name);
  return (
    <>
      {running?.slice(0, 3).map((doc) => (
        <div key={doc.import} class="card resume" role="status">
          <Icon name="clock" />
          <div>
            <strong dir="auto">{m.resume.running(doc.file.name ?? m.history.unnamed)}</strong>
            <p class="soft">{m.resume.runningText}</p>
          </div>
          <a class="button" href={`/imports/${doc.import}`}>
            {m.resume.follow}
          </a>
        </div>
      ))}
      {left && answer && !arrived && (
        <div class="card resume" role="status">
          <Icon name="warning" />
          <div>
            <strong dir="auto">{m.resume.unsent(left.name)}</strong>
            <p class="soft">
              {m.resume.unsentText} {left.corrected && m.resume.unsentCorrected}
            </p>
          </div>
          <button
            type="button"
            onClick={() => {
              endSending();
              setLeft(undefined);
            }}
          >
            {m.resume.dismiss}
          </button>
        </div>
      )}
    </>
  );
}
