// What Cloudflare's runtime calls. Everything is answered by the Rust module; here a trap in it becomes a problem document
// for the requests under way, which would otherwise wait for ever.
import { WorkerEntrypoint } from 'cloudflare:workers';
import { during } from './module.js';

export { Inbox } from './inbox.js';

export default class extends WorkerEntrypoint {
  async fetch(request) {
    try {
      return await during((engine) => engine.fetch.call(this, request, this.env, this.ctx));
    } catch (error) {
      console.error('request failed:', error);
      return ourFault();
    }
  }
}

function ourFault() {
  const problem = {
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
    detail: 'the request could not be answered; it is our fault, and trying again may help',
    code: 'internal',
  };
  return Response.json(problem, { status: 500, headers: { 'content-type': 'application/problem+json' } });
}
