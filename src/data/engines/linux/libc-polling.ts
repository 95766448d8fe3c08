import { EventList, READABLE, type EventLayout } from './event-list.ts';
import type { Ffi } from './ffi.ts';
import * as kernel from './kernel.ts';
import { LibcDescriptors } from './libc-descriptors.ts';

const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);

/** The calls that wait for something to happen at descriptors: epoll(7) and eventfd(2). */
export abstract class LibcPolling extends LibcDescriptors {
  readonly #layout: EventLayout;
  readonly #event: Buffer;
  readonly #counter = new Uint8Array(8);

  constructor(ffi: Ffi, layout: EventLayout) {
    super(ffi);
    this.#layout = layout;
    this.#event = Buffer.alloc(layout.bytes);
  }

  /** @throws Error with the system's code */
  createPoller(): number {
    return this.keep(this.check(this.calls.epoll_create1(kernel.CLOEXEC), 'epoll_create1'));
  }

  /** Has the poller tell of changes at a descriptor, once for each. @param tag what its events will carry besides */
  watch(poller: number, fd: number, events: number, tag: number): boolean {
    return this.#add(poller, fd, events | kernel.EDGE_TRIGGERED, tag);
  }

  /** Has the poller tell of a descriptor as long as there is something to read; of all that watch it so, one or a few. */
  watchShared(poller: number, fd: number, tag: number): boolean {
    return this.#add(poller, fd, READABLE | kernel.EXCLUSIVE, tag);
  }

  /** Has the poller tell of a descriptor as long as there is something to read, or an error. */
  watchLevel(poller: number, fd: number, tag: number): boolean {
    return this.#add(poller, fd, READABLE, tag);
  }

  unwatch(poller: number, fd: number): void {
    this.calls.epoll_ctl(poller, kernel.CTL_DEL, fd, this.#event);
  }

  /** A list for `wait` to fill. */
  eventList(capacity: number): EventList {
    return new EventList(capacity, this.#layout);
  }

  /** @param timeoutMs -1 waits for ever @returns how many events are in the list @throws Error with the system's code */
  wait(poller: number, list: EventList, timeoutMs: number): number {
    const count = this.calls.epoll_wait(poller, list.memory, list.capacity, timeoutMs);
    if (count >= 0) return count;
    // A process that was stopped and goes on is told this, whatever may have happened meanwhile.
    return this.errno === kernel.INTERRUPTED ? this.wait(poller, list, 0) : this.check(count, 'epoll_wait');
  }

  /** A counter that a poller can wait for: eventfd(2). @throws Error with the system's code */
  eventCounter(): number {
    return this.keep(this.check(this.calls.eventfd(0, kernel.NONBLOCK_CLOEXEC), 'eventfd'));
  }

  /** Wakes the thread that waits for the counter; from any thread. */
  wake(counter: number): void {
    this.calls.write(counter, ONE, 8);
  }

  /** Sets the counter back to nothing. */
  drain(counter: number): void {
    this.calls.read(counter, this.#counter, 8);
  }

  #add(poller: number, fd: number, events: number, tag: number): boolean {
    const { dataAt } = this.#layout;
    this.#event.writeUInt32LE(events >>> 0, 0);
    this.#event.writeInt32LE(fd, dataAt);
    this.#event.writeUInt32LE(tag >>> 0, dataAt + 4);
    return this.calls.epoll_ctl(poller, kernel.CTL_ADD, fd, this.#event) === 0;
  }
}
