// The edge worker as it is, in a world where tests can set the clock, ring an object's alarm, and make the module trap.

import { shift, trap } from './edge-moved-world.mjs';
import Worker, { Inbox as RealInbox } from './index.js';

export class Inbox extends RealInbox {
  ring() {
    return this.alarm();
  }

  nextAlarm() {
    return this.ctx.storage.getAlarm();
  }

  /** How many keys are known. */
  keys() {
    const { sql } = this.ctx.storage;
    return ['consent', 'rest'].map((lane) => sql.exec(`SELECT count(*) AS keys FROM ${lane}`).one().keys);
  }
}

export default class extends Worker {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (!pathname.startsWith('/world/')) return super.fetch(request);
    const inbox = this.env.INBOX.getByName(searchParams.get('tenant') ?? 'main');
    const does = {
      '/world/shift': () => shift(Number(searchParams.get('ms'))),
      '/world/trap': () => trap(searchParams.get('name'), Number(searchParams.get('times'))),
      '/world/ring': () => inbox.ring(),
      '/world/alarm': () => inbox.nextAlarm(),
      '/world/keys': () => inbox.keys(),
    };
    return Response.json((await does[pathname]()) ?? null);
  }
}
