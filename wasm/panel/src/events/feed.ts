// The stream of events as a page shows it: the newest of them, older ones on demand, and new ones as they come in,
// without moving what is being read. It lives outside of components so that hundreds of events in a second cost one
// drawing per frame, and its memory has an end however long it runs.

import { events, listen, type Entry, type Heard, type Wanted } from '../api/events.ts';
import { cell } from '../cell.ts';
import { troubleFrom, type Trouble } from '../trouble.ts';

/** Rows kept while new ones come in, and new ones kept until they are shown. */
export const ROWS_MAX = 1000;
/** Rows of one page. */
const PAGE_ROWS = 50;
/** New rows of one frame: building more at once would be felt. */
const FRAME_ROWS_MAX = 25;
/** Pauses before listening again, one after another, in milliseconds; the last one stays. */
const AGAIN_MS = [1000, 2000, 4000, 8000, 15_000] as const;

export type Lane = Heard['lane'];
export type Link = 'opening' | 'live' | 'lost' | 'paused';

export interface FeedState {
  /** Newest first. */
  rows: readonly Entry[];
  /** Nothing was answered yet. */
  loading: boolean;
  loadingOlder: boolean;
  /** There are older ones. */
  hasOlder: boolean;
  /** How many came in that are not shown, because something else is being read. */
  waiting: number;
  /** There were more than are kept. */
  waitingMore: boolean;
  link: Link;
  trouble?: Trouble;
  olderTrouble?: Trouble;
}

export class Feed {
  readonly state = cell<FeedState>({
    rows: [],
    loading: true,
    loadingOlder: false,
    hasOlder: false,
    waiting: 0,
    waitingMore: false,
    link: 'opening',
  });

  readonly #wanted: Wanted;
  /** Whether somebody reads what must not move. */
  readonly #isRead: () => boolean;
  /** Newest event heard of: listening goes on after it. */
  #last = 0;
  /** Where older ones start. */
  #before: number | undefined;
  /** Came in and not yet shown, oldest first. */
  #waiting: Entry[] = [];
  /** Some of them are gone, because there were too many. */
  #isCut = false;
  #asking = new AbortController();
  #stopListening = () => {};
  #again: ReturnType<typeof setTimeout> | undefined;
  #losses = 0;
  #frame: number | undefined;

  constructor(wanted: Wanted, isRead: () => boolean) {
    this.#wanted = wanted;
    this.#isRead = isRead;
  }

  /** Asks for the newest ones, and listens from there on. */
  async start(): Promise<void> {
    this.stop();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const { trouble: _, ...before } = this.state.get();
    this.state.set({ ...before, loading: true, link: 'opening' });
    try {
      const page = await events(this.#wanted, { limit: PAGE_ROWS }, signal);
      if (signal.aborted) return;
      this.#last = page.events[0]?.seq ?? 0;
      this.#before = page.next;
      this.#change({ rows: page.events, loading: false, hasOlder: page.next !== undefined });
      this.#listen();
    } catch (thrown) {
      if (!signal.aborted) this.#change({ loading: false, trouble: troubleFrom(thrown) });
    }
  }

  /** Ends everything that is under way. */
  stop(): void {
    this.#asking.abort();
    this.#hush();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }

  /** Asks for the page after the oldest row. */
  async older(): Promise<void> {
    const { signal } = this.#asking;
    if (this.#before === undefined || this.state.get().loadingOlder) return;
    const { olderTrouble: _, ...before } = this.state.get();
    this.state.set({ ...before, loadingOlder: true });
    const asked = this.#before;
    try {
      const page = await events(this.#wanted, { before: asked, limit: PAGE_ROWS }, signal);
      // Meanwhile the rows that it follows may have gone.
      if (signal.aborted || this.#before !== asked) return this.#change({ loadingOlder: false });
      this.#before = page.next;
      const rows = [...this.state.get().rows, ...page.events];
      this.#change({ rows, loadingOlder: false, hasOlder: page.next !== undefined });
    } catch (thrown) {
      if (!signal.aborted) this.#change({ loadingOlder: false, olderTrouble: troubleFrom(thrown) });
    }
  }

  /** Stops and starts listening. What comes in meanwhile comes then. */
  pause(isPaused: boolean): void {
    this.#hush();
    if (isPaused) this.#change({ link: 'paused' });
    else this.#listen();
  }

  /** Listens again without waiting any longer. */
  hurry(): void {
    if (this.state.get().link === 'lost') this.#listen();
  }

  /** Newest event that has come. */
  get newest(): number {
    return this.#last;
  }

  /** What was told to wait may have been acted on since. `lanes` are empty of events up to `upTo`. */
  async acted(lanes: ReadonlySet<Lane>, upTo: number): Promise<void> {
    const isActed = ({ seq, done, event }: Entry) => !done && seq <= upTo && lanes.has(event.lane);
    const settle = (entry: Entry) => (isActed(entry) ? { ...entry, done: true } : entry);
    this.#waiting = this.#waiting.map(settle);
    const { rows } = this.state.get();
    if (rows.some(isActed)) this.#change({ rows: rows.map(settle) });
    // Of a lane that has not run empty, only the host knows which ones are left.
    const open = this.state.get().rows.find(({ done }) => !done);
    if (open === undefined) return;
    const { signal } = this.#asking;
    const page = await events(this.#wanted, { before: open.seq + 1, limit: PAGE_ROWS }, signal).catch(() => undefined);
    if (!signal.aborted) page?.events.forEach((entry) => this.#replace(entry));
  }

  /** Something is read now, or no more. */
  look(): void {
    if (this.#waiting.length > 0) this.#soon();
  }

  #listen(): void {
    this.#hush();
    if (this.state.get().link !== 'lost') this.#change({ link: 'opening' });
    this.#stopListening = listen(this.#wanted, this.#last, {
      opened: () => {
        this.#losses = 0;
        this.#change({ link: 'live' });
      },
      heard: (entry) => this.#heard(entry),
      lost: () => {
        const pause = AGAIN_MS[Math.min(this.#losses, AGAIN_MS.length - 1)];
        this.#losses += 1;
        this.#change({ link: 'lost' });
        this.#again = setTimeout(() => this.#listen(), pause);
      },
    });
  }

  #hush(): void {
    clearTimeout(this.#again);
    this.#stopListening();
    this.#stopListening = () => {};
  }

  #heard(entry: Entry): void {
    if (entry.seq <= this.#last) return this.#replace(entry);
    this.#last = entry.seq;
    this.#waiting.push(entry);
    if (this.#waiting.length >= 2 * ROWS_MAX) {
      this.#waiting = this.#waiting.slice(-ROWS_MAX);
      this.#isCut = true;
    }
    this.#soon();
  }

  /** Told once more: it may have been acted on since. */
  #replace(entry: Entry): void {
    const { rows } = this.state.get();
    const at = rows.findIndex(({ seq }) => seq === entry.seq);
    if (at >= 0 && rows[at]?.done !== entry.done) this.#change({ rows: rows.with(at, entry) });
  }

  #soon(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#draw();
    });
  }

  #draw(): void {
    let { rows, hasOlder } = this.state.get();
    if (!this.#isRead()) {
      // Rows that have lost the ones after them would make a list with a hole in it.
      if (this.#isCut) {
        rows = [];
        this.#before = this.#waiting[0]?.seq;
        hasOlder = true;
        this.#isCut = false;
      }
      rows = [...this.#waiting.splice(0, FRAME_ROWS_MAX).reverse(), ...rows];
      if (rows.length > ROWS_MAX) {
        rows = rows.slice(0, ROWS_MAX);
        this.#before = rows.at(-1)?.seq;
        hasOlder = true;
      }
      if (this.#waiting.length > 0) this.#soon();
    }
    const isRead = this.#waiting.length > 0 && this.#isRead();
    this.#change({
      rows,
      hasOlder,
      waiting: isRead ? Math.min(this.#waiting.length, ROWS_MAX) : 0,
      waitingMore: this.#isCut || this.#waiting.length > ROWS_MAX,
    });
  }

  #change(changes: Partial<FeedState>): void {
    this.state.set({ ...this.state.get(), ...changes });
  }
}
