// How the panel is built for the host, and served alone while it is worked on.

import { defineConfig } from 'vite';

// `npx vite wasm/panel` serves the panel with live reload and passes the API on to a host started by hand.
const HOST = 'http://127.0.0.1:8787';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // The content security policy allows no `data:` scripts, workers or WebAssembly.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': HOST } },
});
