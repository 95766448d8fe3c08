import { createRequire } from 'node:module';

/** timerfd_create(2). */
const CLOCK_MONOTONIC = 1;
const NONBLOCK_CLOEXEC = 0x800 | 0x8_0000;

const NS_PER_SECOND = 1_000_000_000;

interface Koffi {
  load(path: null): { func(signature: string): unknown };
}

/** As much of timerfd_create(2) as we use. */
interface Calls {
  readonly create: (clock: number, flags: number) => number;
  readonly set: (fd: number, flags: number, period: BigInt64Array, before: null) => number;
}

/**
 * A descriptor that becomes readable so many times a second: to the microsecond, where Node's timers and epoll_wait's
 * know milliseconds only.
 */
export class Ticker {
  readonly fd: number;
  readonly #calls: Calls;

  /** @throws Error when there is no koffi */
  constructor() {
    const library = (createRequire(import.meta.url)('koffi') as Koffi).load(null);
    this.#calls = {
      create: library.func('int timerfd_create(int, int)') as Calls['create'],
      set: library.func('int timerfd_settime(int, int, const void *, void *)') as Calls['set'],
    };
    this.fd = this.#calls.create(CLOCK_MONOTONIC, NONBLOCK_CLOEXEC);
    if (this.fd < 0) throw new Error('the system has no timer for the load');
  }

  /** The first tick is one period from now. */
  start(perSecond: number): void {
    const period = Math.round(NS_PER_SECOND / perSecond);
    const [seconds, rest] = [BigInt(Math.floor(period / NS_PER_SECOND)), BigInt(period % NS_PER_SECOND)];
    // struct itimerspec: how often, and when first.
    this.#calls.set(this.fd, 0, new BigInt64Array([seconds, rest, seconds, rest]), null);
  }
}
