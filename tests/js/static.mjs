// Serves folders to a browser under the content security policy that the product serves its panel with.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

/** What the host sends with the panel. A page that embeds the package needs no more than its scripts and workers. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html', '.map': 'application/json' };
const EMPTY_PAGE = '<!doctype html><html lang="en"><title>test</title><link rel="icon" href="data:,">';

/** Serves `folder` at `/package/` and an empty page at `/`. Gives `{ url, close }`. */
export async function serve(folder) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, 'http://here').pathname);
    const send = (status, type, body) => {
      response.writeHead(status, { 'content-type': type, 'content-security-policy': CONTENT_SECURITY_POLICY });
      response.end(body);
    };
    if (path === '/') return send(200, 'text/html; charset=utf-8', EMPTY_PAGE);
    try {
      if (!path.startsWith('/package/')) throw new Error('not found');
      const body = await readFile(join(folder, path.slice('/package/'.length)));
      send(200, TYPES[extname(path)] ?? 'application/octet-stream', body);
    } catch {
      send(404, 'text/plain', `there is nothing at ${path}`);
    }
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const close = () => new Promise((closed) => {
    server.close(closed);
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${server.address().port}/`, close };
}
