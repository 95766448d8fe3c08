import { isIP } from 'node:net';

import type { Timer } from '../../core/clock.ts';
import { errorCode } from '../../core/errors.ts';
import type { FoundName } from './answer.ts';

export interface NameEvents {
  /** The addresses, first and whenever they are others than before; never empty. Perhaps at once. */
  readonly found: (addresses: readonly string[]) => void;
  /** The name could not be resolved; what was found before still counts. Called once until it succeeds again. */
  readonly failed: (error: Error) => void;
}

/** What is known of one name, and who wants to know of changes. */
export class CachedName {
  readonly host: string;
  readonly #watches = new Set<NameEvents>();
  /** Asks again when it is due, as long as it is watched. */
  timer: Timer | undefined;
  /** The question that is under way. */
  open: Promise<void> | undefined;
  /** Questions that were begun; what an older one than the last finds is dropped. */
  questions = 0;
  /** By the clock: what is known holds until then. */
  dueAt = -Infinity;
  addresses: readonly string[] | undefined;
  /** Of the last question, unless it was answered. */
  error: Error | undefined;
  #text = '';

  constructor(host: string) {
    this.host = host;
  }

  get isWatched(): boolean {
    return this.#watches.size > 0;
  }

  /** When it was asked for the last time no name server said anything. */
  get wasSilent(): boolean {
    return this.error !== undefined && errorCode(this.error) === 'EAI_AGAIN';
  }

  add(events: NameEvents): void {
    this.#watches.add(events);
    if (this.addresses !== undefined) events.found(this.addresses);
    else if (this.error !== undefined) events.failed(this.error);
  }

  remove(events: NameEvents): void {
    this.#watches.delete(events);
    if (!this.isWatched) this.timer?.cancel();
  }

  /** Servers rotate their answers; the same addresses in another order are no news. */
  found({ addresses, unknown }: FoundName): void {
    this.error = undefined;
    const kept = unknown === undefined ? [] : (this.addresses ?? []).filter((ip) => isIP(ip) === unknown);
    const all = [...new Set(unknown === 4 ? [...kept, ...addresses] : [...addresses, ...kept])];
    const text = all.toSorted().join();
    if (text === this.#text) return;
    this.#text = text;
    this.addresses = all;
    for (const { found } of [...this.#watches]) found(all);
  }

  failed(error: Error): void {
    const isNews = this.error === undefined;
    this.error = error;
    if (!isNews) return;
    for (const { failed } of [...this.#watches]) failed(error);
  }
}
