import type { IpAddress, SocketAddress } from '../../../src/core/address.ts';
import type { Snapshot } from '../../../src/core/snapshot.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import { FakeEngine, FakePair } from '../fakes/fake-engine.ts';
import { ForgetfulAddresses } from './forgetful-addresses.ts';
import { fronting, type FrontingOptions } from '../rigs/frontend.ts';

/** Calls between threads that arrive when the test says so; many to one worker are one. */
export class LateCalls extends Map<number, () => void> {
  readonly #pending = new Set<number>();

  /** Seats that are called and have not answered. */
  get pending(): readonly number[] {
    return [...this.#pending];
  }

  override get(workerIndex: number): (() => void) | undefined {
    return this.has(workerIndex) ? () => void this.#pending.add(workerIndex) : undefined;
  }

  deliver(workerIndex: number): void {
    if (this.#pending.delete(workerIndex)) super.get(workerIndex)?.();
  }

  /** Nobody answers there any more. */
  vacate(workerIndex: number): void {
    this.delete(workerIndex);
    this.#pending.delete(workerIndex);
  }
}

/** Its timers die with its thread. */
class MortalEngine extends FakeEngine {
  readonly #timers = new Set<{ cancel(): void }>();

  override every(ms: number, run: () => void): { cancel(): void } {
    const timer = super.every(ms, run);
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
        timer.cancel();
      },
    };
  }

  die(): void {
    for (const timer of this.#timers) timer.cancel();
  }
}

export interface ThreadPlace {
  readonly clock: FakeClock;
  readonly calls: LateCalls;
  readonly workerIndex: number;
}

/** One server's policy on a thread in its place. */
export function startThread({ clock, calls, workerIndex }: ThreadPlace, snapshot: Snapshot, options: FrontingOptions) {
  const engine = new MortalEngine(clock, workerIndex, calls);
  const front = fronting({ ...options, backends: [], engine, silent: new ForgetfulAddresses() });
  front.frontend.apply(snapshot);
  engine.calls.onCall(() => front.frontend.queue.serve());
  return {
    ...front,
    die: () => {
      engine.die();
      calls.vacate(workerIndex);
    },
  };
}

/** What the policy asks of a pair, as it does so. */
export type Asked = 'dial' | 'wait' | 'close' | 'reset';

/** A pair that tells what it was asked. */
export class TellingPair extends FakePair {
  readonly #tell: (asked: Asked) => void;

  constructor(ip: string, port: number, tell: (asked: Asked) => void) {
    super(ip, port);
    this.#tell = tell;
  }

  /** A dial beside others is no decision of its own. */
  override dial(to: SocketAddress, timeoutMs: number, from?: IpAddress): void {
    super.dial(to, timeoutMs, from);
    if (this.underWay.length === 1) this.#tell('dial');
  }

  override wait(): void {
    super.wait();
    this.#tell('wait');
  }

  override close(): void {
    super.close();
    this.#tell('close');
  }

  override reset(): void {
    super.reset();
    this.#tell('reset');
  }
}
