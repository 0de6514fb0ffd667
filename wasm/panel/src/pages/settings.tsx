// What is set up seldom, under one roof: each thing with a word on what it is for.

import { useWords } from '../messages/words.ts';
import { Heading } from '../parts/heading.tsx';
import { Icon } from '../parts/icon.tsx';
import { useSettings } from '../parts/navigation.tsx';

export function SettingsPage() {
  const { m } = useWords();
  return (
    <section class="settings-page">
      <Heading title={m.settings.title} />
      <p class="lead">{m.settings.lead}</p>
      <ul class="settings-list">
        {useSettings().map(({ page, icon }) => (
          <li key={page} class="card">
            <span class="setting-sign" aria-hidden="true">
              <Icon name={icon} />
            </span>
            <div>
              <h2>
                <a class="row-link" href={`/${page}`}>
                  {m.settings.pages[page].name}
                </a>
              </h2>
              <p class="soft">{m.settings.pages[page].text}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
