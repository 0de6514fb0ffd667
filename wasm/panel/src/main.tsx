// Where the panel starts.

import { render } from 'preact';

import { begin } from './access.ts';
import { App } from './app.tsx';
import { showLanguage } from './preferences.ts';
import { follow } from './router.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/figures.css';
import './styles/findings.css';
import './styles/lists.css';
import './styles/start.css';
import './styles/verdict.css';
import './styles/rows.css';
import './styles/people.css';
import './styles/person.css';
import './styles/undo.css';
import './styles/phone.css';
import './styles/bubble.css';
import './styles/templates.css';
import './styles/builder.css';
import './styles/judged.css';
import './styles/connect.css';
import './styles/events.css';
import './styles/campaign-steps.css';
import './styles/audience.css';
import './styles/campaigns.css';
import './styles/charts.css';
import './styles/access.css';
import './styles/home.css';

showLanguage();
follow();
begin();
render(<App />, document.getElementById('app')!);
