import { Roster, type Listed } from '../../../core/roster.ts';
import type { EventList } from '../linux/event-list.ts';
import type { Libc } from '../linux/libc.ts';
import { Pipes } from '../linux/pipes.ts';
import { Timer, TimerWheel } from '../linux/timer-wheel.ts';

/** Events taken from the kernel at once. */
const EVENTS = 512;

/** Read at once. */
const BUFFER_BYTES = 64 * 1024;

const REPORT_EVERY_MS = 1000;

/** Tables by descriptor have room for so many at once: one that grows step by step leaves each smaller one behind. */
const FIRST_DESCRIPTORS = 16_384;

/** Who is told what happened at a descriptor. */
export interface Watched {
  /** @param events READABLE, WRITABLE, …, as libc.ts names them */
  happened(events: number): void;
}

/** Who has more to do than one turn allows. */
export interface Turned {
  goOn(): void;
}

/** Who counts bytes, and is asked once within a second after it said so. */
export interface Counted extends Listed {
  report(): void;
}

/**
 * The event loop of a thread that never returns to Node's. One turn: wait; run the timers that are due; tell the
 * watchers what happened; give those another go that had more to do than one turn allows; run what was put off.
 */
export class Loop {
  readonly libc: Libc;
  readonly pipes: Pipes;
  /** For reads that are handed on within the same call. */
  readonly buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  readonly #poller: number;
  readonly #events: EventList;
  readonly #wheel: TimerWheel;
  /** By descriptor. */
  readonly #watched: (Watched | undefined)[] = new Array<undefined>(FIRST_DESCRIPTORS).fill(undefined);
  /** By descriptor: a number comes back soon after it was closed, perhaps with events for its last holder in the list. */
  #tags = new Uint32Array(FIRST_DESCRIPTORS);
  #lastTag = 0;
  #now: number;
  #again: Turned[] = [];
  /** Empty; takes the place of `#again` while that is worked through. */
  #nextAgain: Turned[] = [];
  #later: (() => void)[] = [];
  readonly #counting = new Roster<Counted>();
  readonly #report = new Timer(() => this.#reportAll());
  #isRunning = true;

  /** @throws Error with the system's code, when there is no descriptor left */
  constructor(libc: Libc) {
    this.libc = libc;
    this.#poller = libc.createPoller();
    this.#events = libc.eventList(EVENTS);
    this.#now = performance.now();
    this.#wheel = new TimerWheel(this.#now);
    this.pipes = new Pipes(libc, this.#wheel, () => this.#now);
  }

  /** Milliseconds of a monotonic clock, read once a turn. */
  get now(): number {
    return this.#now;
  }

  /** Tells of each change at a descriptor. @returns false when the kernel has no room to watch it */
  watch(fd: number, events: number, watched: Watched): boolean {
    return this.libc.watch(this.#poller, fd, events, this.#enter(fd, watched));
  }

  /**
   * Tells of a descriptor in each turn, as long as there is something to read; of the threads that wait for it, one.
   * @returns as watch
   */
  watchShared(fd: number, watched: Watched): boolean {
    return this.libc.watchShared(this.#poller, fd, this.#enter(fd, watched));
  }

  unwatch(fd: number): void {
    this.libc.unwatch(this.#poller, fd);
    this.forget(fd);
  }

  /** Before a descriptor is closed, which ends the kernel's watch of its own. */
  forget(fd: number): void {
    this.#watched[fd] = undefined;
  }

  set(timer: Timer, at: number): void {
    this.#wheel.set(timer, at);
  }

  clear(timer: Timer): void {
    this.#wheel.clear(timer);
  }

  /** In the next turn, after others had theirs. */
  again(turned: Turned): void {
    this.#again.push(turned);
  }

  /** At the end of this turn. */
  later(run: () => void): void {
    this.#later.push(run);
  }

  counts(counted: Counted): void {
    this.#counting.add(counted);
    if (!this.#report.isSet) this.set(this.#report, this.#now + REPORT_EVERY_MS);
  }

  /** It is not asked any more. */
  hasCounted(counted: Counted): void {
    this.#counting.delete(counted);
  }

  /** Runs until `stop`. */
  run(): void {
    while (this.#isRunning) this.turn();
  }

  stop(): void {
    this.#isRunning = false;
  }

  /** One turn, which waits when there is nothing to do. Public for the tests. */
  turn(): void {
    const count = this.libc.wait(this.#poller, this.#events, this.#waitMs());
    // The only look at the clock: what waits is as coarse as the wheel, and late by a turn at most.
    this.#now = performance.now();
    this.#wheel.advance(this.#now);
    // Whoever asks for another go from here on gets it in the next turn.
    const again = this.#again;
    this.#again = this.#nextAgain;
    for (let index = 0; index < count; index++) this.#dispatch(index);
    for (const turned of again) turned.goOn();
    again.length = 0;
    this.#nextAgain = again;
    while (this.#later.length > 0) {
      const later = this.#later;
      this.#later = [];
      for (const run of later) run();
    }
  }

  #waitMs(): number {
    if (this.#again.length > 0 || this.#later.length > 0) return 0;
    return this.#wheel.isEmpty ? -1 : this.#wheel.waitMs(this.#now);
  }

  /** An event whose tag is not that of the descriptor now was for the one that had its number before. */
  #dispatch(index: number): void {
    const fd = this.#events.fd(index);
    if (this.#tags[fd] === this.#events.tag(index)) this.#watched[fd]?.happened(this.#events.events(index));
  }

  #enter(fd: number, watched: Watched): number {
    this.#lastTag = (this.#lastTag + 1) >>> 0;
    if (fd >= this.#tags.length) this.#growTags(fd);
    this.#tags[fd] = this.#lastTag;
    this.#watched[fd] = watched;
    return this.#lastTag;
  }

  #growTags(fd: number): void {
    const tags = new Uint32Array(2 * fd);
    tags.set(this.#tags);
    this.#tags = tags;
  }

  #reportAll(): void {
    for (const counted of this.#counting.clear()) counted.report();
  }
}
