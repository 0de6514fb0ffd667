// Where the people of a file are, by the country of their numbers.

import { useWords } from '../messages/words.ts';

/** Countries with a bar of their own; the rest is one line. */
const REGIONS_SHOWN = 7;

export function Regions({ regions }: { regions: { [region: string]: number } }) {
  const { m, f } = useWords();
  const sorted = Object.entries(regions).sort(([, a], [, b]) => b - a);
  if (sorted.length === 0) return null;
  const shown = sorted.slice(0, sorted.length === REGIONS_SHOWN + 1 ? sorted.length : REGIONS_SHOWN);
  const others = sorted.slice(shown.length);
  const whole = sorted.reduce((sum, [, count]) => sum + count, 0);
  const most = shown[0]?.[1] ?? 1;
  const name = (region: string) =>
    region === '001' ? m.regions.world : (f.country(region) ?? m.regions.unknown(region));
  const rest = others.reduce((sum, [, count]) => sum + count, 0);
  const lines = shown.map(([region, count]) => ({ key: region, name: name(region), count }));
  if (rest > 0) lines.push({ key: 'others', name: m.regions.others(others.length), count: rest });
  return (
    <section class="card" aria-labelledby="regions">
      <h2 id="regions">{m.regions.title}</h2>
      <p class="soft">{m.regions.text}</p>
      <ul class="regions">
        {lines.map((line) => (
          <li key={line.key}>
            <span class="region-name">{line.name}</span>
            <span class="region-count">
              {f.number(line.count)} <span class="soft">{f.percent(line.count, whole)}</span>
            </span>
            <span class="region-bar" aria-hidden="true">
              <span style={{ inlineSize: `${Math.min(100, (line.count / most) * 100)}%` }} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
