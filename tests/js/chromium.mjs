// Starts a headless Chromium that talks to nobody but the page under test.

import { chromium } from 'playwright-core';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** `CHROMIUM` names the program; `cargo xtask test` sets it. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });
}

/** Collects everything a page complains about: errors, failed requests, violations of its policy. */
export function complaints(page) {
  const heard = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') heard.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => heard.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText;
    // The page itself broke it off: a stream that has told everything, a question whose page was left.
    if (why === 'net::ERR_ABORTED') return;
    heard.push(`request: ${request.url()} ${why}`);
  });
  return heard;
}
