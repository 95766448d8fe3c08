import type { SocketAddress } from '../../core/address.ts';
import type { Engine, FailedDial } from '../../core/engine.ts';
import { attemptDelayMs, type SilentAddresses } from '../../core/happy-eyeballs.ts';
import type { AddressRace } from './session.ts';

export interface RaceParts {
  readonly clock: Pick<Engine, 'now' | 'every'>;
  readonly silent: SilentAddresses;
  /** Of the time for the whole dial; 0 or less where there is no limit. */
  readonly leftMs: () => number;
  readonly isLate: () => boolean;
  readonly dial: (to: SocketAddress) => void;
}

/**
 * The dial of a backend with several addresses (RFC 8305): the next one is dialled when one has failed or is slow, while
 * those before it go on.
 */
export class Race implements AddressRace {
  readonly #parts: RaceParts;
  readonly #addresses: readonly SocketAddress[];
  #tried = 0;
  /** Addresses that are dialled, and when each counts as silent. */
  readonly #underWay = new Map<SocketAddress, number>();
  #timer: { cancel(): void } | undefined;
  /** The first failure for want of something of this host. */
  #exhausted: FailedDial | undefined;

  constructor(addresses: readonly SocketAddress[], parts: RaceParts) {
    this.#parts = parts;
    this.#addresses = parts.silent.inOrder(addresses, parts.clock.now());
    this.#dialNext();
  }

  connected(to: SocketAddress): void {
    this.stop();
    const { silent, clock } = this.#parts;
    const now = clock.now();
    silent.noteAnswer(to);
    this.#underWay.delete(to);
    for (const [other, silentAt] of this.#underWay) if (now >= silentAt) silent.noteSilent(other, now);
  }

  /** @returns the failure of the whole dial; undefined while it goes on */
  failed(failed: FailedDial): FailedDial | undefined {
    this.#remember(failed);
    if (failed.failure === 'exhausted') this.#exhausted ??= failed;
    if (this.#tried < this.#addresses.length && !this.#parts.isLate()) {
      this.#dialNext();
      return undefined;
    }
    return this.#underWay.size > 0 ? undefined : (this.#exhausted ?? failed);
  }

  /** Dials nothing more. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #dialNext(): void {
    this.stop();
    const to = this.#addresses[this.#tried];
    if (to === undefined) return;
    const { clock, leftMs, dial } = this.#parts;
    this.#tried += 1;
    const untried = this.#addresses.length - this.#tried;
    const delayMs = attemptDelayMs(leftMs(), untried);
    this.#underWay.set(to, clock.now() + delayMs);
    if (untried > 0) this.#timer = clock.every(delayMs, () => this.#dialNext());
    dial(to);
  }

  /** A host of this network that is gone is unreachable after seconds: that is as silent as one that says nothing. */
  #remember({ failure, to }: FailedDial): void {
    const { silent, clock } = this.#parts;
    const now = clock.now();
    const isSlow = now >= (this.#underWay.get(to) ?? Infinity);
    this.#underWay.delete(to);
    if (failure === 'timeout' || (failure === 'unreachable' && isSlow)) silent.noteSilent(to, now);
    else if (failure !== 'exhausted') silent.noteAnswer(to);
  }
}
