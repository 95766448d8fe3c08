import { UnorderedList, type ListItem } from '../../../core/unordered-list.ts';
import { LocalPorts } from '../../../io/local-ports.ts';
import { UsedUpPorts } from '../common/used-up-ports.ts';
import type { EventList } from './event-list.ts';
import type { Libc } from './libc.ts';
import { Pipes } from './pipes.ts';
import { TcpInfo } from './tcp-info.ts';
import { Timer, TimerWheel } from './timer-wheel.ts';

/** Events taken from the kernel at once. */
const EVENTS = 512;

/** Read at once. */
const BUFFER_BYTES = 64 * 1024;

export const REPORT_EVERY_MS = 1000;

/** For so long timers wait for full lists of events to end, after which not all are told that may put them off. */
const MOST_BEHIND_MS = 500;

/** Tables by descriptor have room for so many at once: one that grows step by step leaves each smaller one behind. */
const FIRST_DESCRIPTORS = 16_384;

/** What is told of the events at a descriptor. */
export interface Watched {
  /** @param events READABLE, WRITABLE, …, as libc.ts names them */
  happened(events: number): void;
}

/** What has more to do than one iteration allows. */
export interface Resumable {
  resume(): void;
}

/** What counts bytes, and is asked once within a second after it said so. */
export interface Counted extends ListItem {
  report(): void;
}

/**
 * The event loop of a thread that never returns to Node's. One iteration: wait; tell the watchers what happened; resume
 * what had more to do than one iteration allows; run the timers that were due before the wait; run what was deferred. So a
 * timer never acts before all is told that came until it was due, also where the thread or the process stood still.
 */
export class Loop {
  readonly libc: Libc;
  readonly pipes: Pipes;
  readonly localPorts: LocalPorts;
  readonly usedUpPorts: UsedUpPorts;
  /** For reads that are handed on within the same call. */
  readonly buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  /** For looks at one connection after the other. */
  readonly tcpInfo = new TcpInfo();
  readonly #poller: number;
  readonly #events: EventList;
  readonly #wheel: TimerWheel;
  /** By descriptor. */
  readonly #watched: (Watched | undefined)[] = new Array<undefined>(FIRST_DESCRIPTORS).fill(undefined);
  /** By descriptor: a number comes back soon after it was closed, perhaps with events for its last holder in the list. */
  #tags = new Uint32Array(FIRST_DESCRIPTORS);
  #lastTag = 0;
  #now: number;
  /** When events began to fill the list each time. */
  #behindSince = Infinity;
  #yielded: Resumable[] = [];
  /** Empty; takes the place of `#yielded` while that is worked through. */
  #yieldedNext: Resumable[] = [];
  #deferred: (() => void)[] = [];
  readonly #counting = new UnorderedList<Counted>();
  readonly #report = new Timer(() => this.#reportAll());
  #reports = 0;
  #isRunning = true;

  /** @throws Error with the system's code, when there is no descriptor left */
  constructor(libc: Libc) {
    this.libc = libc;
    this.#poller = libc.createPoller();
    this.#events = libc.eventList(EVENTS);
    this.#now = performance.now();
    this.#wheel = new TimerWheel(this.#now);
    this.localPorts = new LocalPorts(() => this.#now);
    this.usedUpPorts = new UsedUpPorts(() => this.#now);
    this.pipes = new Pipes(libc, this.#wheel, () => this.#now);
  }

  /** Milliseconds of a monotonic clock, read once an iteration. */
  get now(): number {
    return this.#now;
  }

  /** Tells of each change at a descriptor. @returns false when the kernel has no room to watch it */
  watch(fd: number, events: number, watched: Watched): boolean {
    return this.libc.watch(this.#poller, fd, events, this.#enter(fd, watched));
  }

  /**
   * Tells of a descriptor in each iteration, as long as there is something to read; of the threads that wait for it, one.
   * @returns as watch
   */
  watchShared(fd: number, watched: Watched): boolean {
    return this.libc.watchShared(this.#poller, fd, this.#enter(fd, watched));
  }

  /** Tells of a descriptor in each iteration, as long as there is something to read, or an error. @returns as watch */
  watchLevel(fd: number, watched: Watched): boolean {
    return this.libc.watchLevel(this.#poller, fd, this.#enter(fd, watched));
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

  /** Is resumed in the next iteration, after its events. */
  yield(resumable: Resumable): void {
    this.#yielded.push(resumable);
  }

  /** Runs it at the end of this iteration. */
  defer(run: () => void): void {
    this.#deferred.push(run);
  }

  /** How often it has asked for reports. */
  get reports(): number {
    return this.#reports;
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
    while (this.#isRunning) this.iterate();
  }

  stop(): void {
    this.#isRunning = false;
  }

  /** One iteration, which waits when there is nothing to do. Public for the tests. */
  iterate(): void {
    const lookedAt = this.#now;
    const count = this.libc.wait(this.#poller, this.#events, this.#waitMs());
    // The only look at the clock: what waits is as coarse as the wheel, and late by an iteration or two.
    this.#now = performance.now();
    // What yields from here on is resumed in the next iteration.
    const yielded = this.#yielded;
    this.#yielded = this.#yieldedNext;
    for (let index = 0; index < count; index++) this.#dispatch(index);
    for (const resumable of yielded) resumable.resume();
    yielded.length = 0;
    this.#yieldedNext = yielded;
    if (!this.#isBehind(count)) this.#wheel.advance(lookedAt);
    while (this.#deferred.length > 0) {
      const deferred = this.#deferred;
      this.#deferred = [];
      for (const run of deferred) run();
    }
  }

  #waitMs(): number {
    if (this.#yielded.length > 0 || this.#deferred.length > 0) return 0;
    return this.#wheel.isEmpty ? -1 : this.#wheel.waitMs(this.#now);
  }

  /** Whether there may be more events than were told. */
  #isBehind(count: number): boolean {
    if (count < EVENTS) this.#behindSince = Infinity;
    else if (this.#behindSince === Infinity) this.#behindSince = this.#now;
    return count === EVENTS && this.#now - this.#behindSince < MOST_BEHIND_MS;
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
    this.#reports += 1;
    for (const counted of this.#counting.clear()) counted.report();
  }
}
