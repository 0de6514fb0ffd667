// Takes the prices that an estimate is made with.

import { useId, useState } from 'preact/hooks';

import { putPrices } from '../../api/campaigns.ts';
import { useWords } from '../../messages/words.ts';
import { troubleFrom, type Trouble } from '../../trouble.ts';
import { announce } from '../announcer.tsx';
import { Prose } from '../prose.tsx';
import { TroubleNote } from '../trouble-note.tsx';

export function PriceList() {
  const { m } = useWords();
  const id = useId();
  const [loaded, setLoaded] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const load = async (file: File) => {
    setTrouble(undefined);
    try {
      await putPrices(file);
      setLoaded(true);
      announce(m.launch.pricesLoaded);
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
    }
  };
  return (
    <details class="as-table">
      <summary>{m.launch.prices}</summary>
      <div class="field">
        <label for={id}>{m.launch.pricesFile}</label>
        <input
          id={id}
          type="file"
          accept=".csv,text/csv"
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            if (file) void load(file);
          }}
        />
        <small class="soft">{loaded ? m.launch.pricesLoaded : <Prose text={m.launch.pricesText} />}</small>
      </div>
      {trouble && <TroubleNote trouble={trouble} />}
    </details>
  );
}
