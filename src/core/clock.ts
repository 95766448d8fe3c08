/** Time, handed to the parts that need it, so that tests move it. The only place that touches Node's timers. */
export interface Clock {
  /** Milliseconds of a monotonic clock; only differences mean something. */
  now(): number;
  /** Milliseconds since the epoch: for people, and not to measure with, for it may be set back. */
  date(): number;
  /** Calls once after `ms`, unless cancelled. */
  after(ms: number, run: () => void): Timer;
  /** Calls every `ms` until cancelled. */
  every(ms: number, run: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** setTimeout counts in 32 bits and fires at once beyond them. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Timers of this clock do not keep the process alive: sockets and workers do. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER_MS)).unref();
    return { cancel: () => clearTimeout(timer) };
  },
  every(ms, run) {
    const timer = setInterval(run, Math.min(ms, LONGEST_TIMER_MS)).unref();
    return { cancel: () => clearInterval(timer) };
  },
};

/**
 * A clock whose timers act after the sockets were read. Node runs timers that are due before it polls: after the
 * process has stood still, a limit would end connections whose bytes wait to be read. So a timer that is due lets the
 * loop poll once before it acts.
 */
export function afterPoll(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    date: () => clock.date(),
    after: (ms, run) => new Deferred((fire) => clock.after(ms, fire), run),
    every: (ms, run) => new Deferred((fire) => clock.every(ms, fire), run),
  };
}

class Deferred implements Timer {
  readonly #timer: Timer;
  #immediate: NodeJS.Immediate | undefined;

  constructor(start: (fire: () => void) => Timer, run: () => void) {
    this.#timer = start(() => {
      this.#immediate ??= setImmediate(() => {
        this.#immediate = undefined;
        run();
      });
    });
  }

  cancel(): void {
    this.#timer.cancel();
    clearImmediate(this.#immediate);
  }
}
