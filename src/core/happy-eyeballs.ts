import { addressText, type SocketAddress } from './address.ts';

/** RFC 8305, section 8: the next address is tried after this time, while the attempts before it go on. */
const ATTEMPT_DELAY_MS = 250;
/** How long an address that was silent is tried after the others. */
const SILENT_FOR_MS = 60_000;
/** Addresses beyond this are forgotten, the oldest first. */
const MOST_REMEMBERED = 10_000;

/**
 * When to try the next address of a host, counted from the attempt before (RFC 8305). An attempt that fails earlier is
 * followed at once.
 * @param leftMs of the time for all attempts; 0 or less where there is no limit
 * @param untried addresses that are left, the next one among them
 */
export function attemptDelayMs(leftMs: number, untried: number): number {
  if (leftMs <= 0) return ATTEMPT_DELAY_MS;
  return Math.min(ATTEMPT_DELAY_MS, Math.max(1, Math.ceil(leftMs / (untried + 1))));
}

/**
 * Remembers for a while which addresses did not answer, so that they are tried last. An address is silent when another
 * one was connected, or the time was up, while its own attempt had been going on for the delay of an attempt. One that
 * refused or was unreachable is not silent: it costs nobody any time.
 */
export class SilentAddresses {
  /** By address; when it is forgotten, by a monotonic clock. */
  readonly #until = new Map<string, number>();

  /** Nearly always true; then `inOrder` changes nothing. */
  get isEmpty(): boolean {
    return this.#until.size === 0;
  }

  noteSilent(address: SocketAddress, nowMs: number): void {
    const key = addressText(address);
    this.#until.delete(key);
    this.#until.set(key, nowMs + SILENT_FOR_MS);
    if (this.#until.size > MOST_REMEMBERED) this.#forgetOldest();
  }

  /** It answered, be it by a refusal. */
  noteAnswer(address: SocketAddress): void {
    if (!this.isEmpty) this.#until.delete(addressText(address));
  }

  /**
   * The addresses in the order in which they are to be tried: the silent ones last.
   * @returns the list itself, not a copy, where the order stays as it is
   */
  inOrder<Address extends SocketAddress>(addresses: readonly Address[], nowMs: number): readonly Address[] {
    if (this.isEmpty || addresses.length < 2) return addresses;
    this.#expire(nowMs);
    const silent = addresses.filter((address) => this.#until.has(addressText(address)));
    if (silent.length === 0 || silent.length === addresses.length) return addresses;
    return [...addresses.filter((address) => !silent.includes(address)), ...silent];
  }

  /** They stand in the order of their times. */
  #expire(nowMs: number): void {
    for (const [key, until] of this.#until) {
      if (until > nowMs) return;
      this.#until.delete(key);
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#until.keys();
    if (oldest !== undefined) this.#until.delete(oldest);
  }
}
