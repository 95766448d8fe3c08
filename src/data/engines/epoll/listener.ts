import type { Acceptor, Listener, SharedSocket } from '../../../core/engine.ts';
import type { Descriptors } from '../common/descriptors.ts';
import type { WorkerShare } from '../common/worker-share.ts';
import { FdHolders } from '../linux/fd-holders.ts';
import { BROKEN, EXHAUSTED } from '../linux/libc-descriptors.ts';
import { LARGEST_BYTES } from '../linux/socket-address.ts';
import { Timer } from '../linux/timer-wheel.ts';
import type { Loop, Watched } from '../linux/loop.ts';
import { EpollPair } from './pair.ts';

/** Clients accepted in one iteration, at most. */
const MOST_AT_ONCE = 64;

/** As many as wait at most: the backlog. */
const ALL = 65_535;

/** How long accepting pauses when there are no descriptors, before it is tried again. */
const PAUSE_MS = 100;

/** How long clients are left to the other threads at most; then so many are taken, share or not. */
const LEAVE_MS = 16;
const NEEDED_AT_ONCE = 16;

export interface ListenerTools {
  readonly descriptors: Descriptors;
  readonly share: WorkerShare;
}

/** One thread's part in a listening socket that all threads accept from. */
export class EpollListener implements Listener, Watched {
  readonly #loop: Loop;
  readonly #acceptor: Acceptor;
  readonly #descriptors: Descriptors;
  readonly #share: WorkerShare;
  readonly #socket: SharedSocket;
  readonly #address = new Uint8Array(LARGEST_BYTES);
  readonly #resume = new Timer(() => this.#resumeLate());
  /** Said, and not over: some have been waiting ever since. */
  #isPaused = false;
  /** Does not watch the socket for the time being. */
  #isResting = false;
  /** The others have let clients wait, so its share is no matter. */
  #isNeeded = false;
  /** Grows while more come than are taken, so that a lone client costs one call. */
  #atOnce = 1;

  constructor(socket: SharedSocket, acceptor: Acceptor, loop: Loop, { descriptors, share }: ListenerTools) {
    this.#loop = loop;
    this.#acceptor = acceptor;
    this.#descriptors = descriptors;
    this.#share = share;
    this.#socket = socket;
    loop.defer(() => this.#watch());
  }

  /**
   * The kernel wakes the thread that watched first, and a thread that runs is faster than one that wakes. So one with more than
   * its share leaves clients to the others until it has its share again, or they have let them wait.
   */
  happened(): void {
    this.#acceptUpTo(this.#isNeeded ? NEEDED_AT_ONCE : this.#atOnce);
    this.#isNeeded = false;
    if (this.#isAhead() && !this.#resume.isSet) this.#rest(LEAVE_MS);
  }

  /** A pair has ended, and its descriptors are free. */
  left(): void {
    this.#descriptors.release();
    if (!this.#isResting || this.#isPaused || this.#isAhead()) return;
    this.#loop.clear(this.#resume);
    this.#watch();
  }

  /** The kernel resets the clients in the backlog of a socket that closes, so they are let in before. */
  close(closed: () => void): void {
    this.#loop.defer(() => {
      this.#acceptUpTo(ALL);
      this.#loop.unwatch(this.#socket.fd);
      if (new FdHolders(this.#socket.holders).release(this.#socket.holder)) this.#loop.libc.close(this.#socket.fd);
      // Accepting may have paused for want of descriptors.
      this.#loop.clear(this.#resume);
      this.#isResting = false;
      closed();
    });
  }

  #acceptUpTo(most: number): void {
    for (let taken = 0; taken < most; taken++) {
      if (!this.#descriptors.claim()) return this.#pause('EMFILE');
      const fd = this.#loop.libc.accept(this.#socket.fd, this.#address);
      if (fd >= 0) {
        this.#accept(fd);
        if (most < ALL && !this.#isNeeded && this.#isAhead()) return;
        continue;
      }
      this.#descriptors.release();
      if (fd === EXHAUSTED) return this.#pause(this.#loop.libc.errorName());
      if (fd === BROKEN) continue;
      this.#atOnce = Math.max(1, this.#atOnce >> 1);
      this.#isPaused = false;
      return;
    }
    this.#atOnce = Math.min(MOST_AT_ONCE, this.#atOnce * 2);
  }

  #isAhead(): boolean {
    return this.#share.isAhead(this.#loop.now);
  }

  #accept(fd: number): void {
    this.#share.accepted();
    const pair = new EpollPair(fd, this.#address, this.#loop, this);
    if (pair.watch()) {
      this.#acceptor.accepted(pair);
      return;
    }
    this.#descriptors.release();
    this.#acceptor.noResources('ENOMEM');
  }

  /** Clients wait in the backlog meanwhile. */
  #pause(reason: string): void {
    this.#rest(PAUSE_MS);
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#acceptor.paused(reason);
  }

  #rest(ms: number): void {
    this.#isResting = true;
    this.#loop.unwatch(this.#socket.fd);
    this.#loop.set(this.#resume, this.#loop.now + ms);
  }

  #resumeLate(): void {
    this.#isNeeded = true;
    this.#watch();
  }

  #watch(): void {
    this.#isResting = false;
    if (!this.#loop.watchShared(this.#socket.fd, this)) this.#loop.set(this.#resume, this.#loop.now + PAUSE_MS);
  }
}
