// One tenant's inbox. The Rust module does everything that is done in it, in calls that end before anything else happens
// here and that keep nothing in the module's memory; this class only holds what the module cannot: the transaction, the
// alarm, and hosts that wait for news.
//
// No answer leaves this object before what was written is confirmed to be stored: that is the runtime's output gate.
import { DurableObject } from 'cloudflare:workers';
import { at } from './module.js';

/** Most bytes of the database, of the 10 GB there may be, before only what is about consent is taken. */
const BYTES_MAX = 8_000_000_000;
/** How long after a host came the first cleaning comes. */
const CLEAN_AFTER_MS = 6 * 3_600_000;

export class Inbox extends DurableObject {
  /** Events that were not stored yet, and who waits for it. */
  #arrived = [];
  /** Called when something was stored. */
  #waiting = new Set();
  /** True when the alarm is known to be set. */
  #isAlarmSet = false;

  constructor(ctx, env) {
    super(ctx, env);
    this.#write((engine, sql) => engine.inbox_open(sql, crypto.randomUUID()));
  }

  /**
   * Stores events, all or none; false when some were left out for want of room. What arrives while the disk is busy is
   * stored together, because storing a hundred takes hardly longer than storing one.
   */
  store(rows) {
    return new Promise((resolve, reject) => {
      this.#arrived.push({ rows, resolve, reject });
      if (this.#arrived.length === 1) setTimeout(() => this.#storeArrived(), 0);
    });
  }

  /** The answer to a host's question: a text, or null when it was about another inbox. */
  async ask(request, waitMs) {
    const answer = (isPatient) => this.#write((engine, sql) => engine.inbox_answer(sql, request, isPatient));
    const until = Date.now() + waitMs;
    for (let left = waitMs; left > 0; left = until - Date.now()) {
      const found = answer(true);
      if (found !== undefined) return found;
      await this.#news(left);
    }
    const found = answer(false);
    await this.#setAlarm();
    return found;
  }

  async alarm() {
    this.#isAlarmSet = false;
    const next = this.#write((engine, sql) => engine.inbox_clean(sql, Date.now()));
    if (next !== undefined) await this.ctx.storage.setAlarm(next);
  }

  /** What was acknowledged will have to be forgotten one day. */
  async #setAlarm() {
    if (this.#isAlarmSet) return;
    const { storage } = this.ctx;
    if ((await storage.getAlarm()) === null) await storage.setAlarm(Date.now() + CLEAN_AFTER_MS);
    this.#isAlarmSet = true;
  }

  #storeArrived() {
    const arrived = this.#arrived;
    this.#arrived = [];
    try {
      this.#storeTogether(arrived);
    } catch (error) {
      // One that cannot be stored must not take the others with it.
      for (const one of arrived) {
        try {
          if (arrived.length === 1) throw error;
          this.#storeTogether([one]);
        } catch (error) {
          one.reject(error);
        }
      }
    }
    for (const tell of this.#waiting) tell();
  }

  #storeTogether(arrived) {
    const [now, bytesMax] = [Date.now(), Number(this.env.INBOX_BYTES_MAX ?? BYTES_MAX)];
    const stored = this.#write((engine, sql) => arrived.map(({ rows }) => engine.inbox_store(sql, rows, now, bytesMax)));
    arrived.forEach(({ resolve }, at) => resolve(stored[at]));
  }

  #write(work) {
    return this.ctx.storage.transactionSync(() => at((engine) => work(engine, this.ctx.storage.sql)));
  }

  #news(waitMs) {
    return new Promise((resolve) => {
      const tell = () => {
        clearTimeout(timer);
        this.#waiting.delete(tell);
        resolve();
      };
      const timer = setTimeout(tell, waitMs);
      this.#waiting.add(tell);
    });
  }
}
