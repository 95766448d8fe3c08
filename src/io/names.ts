import { lookup } from 'node:dns/promises';

import pLimit from 'p-limit';

import type { Clock, Timer } from '../core/clock.ts';
import { asError } from '../core/errors.ts';

/** getaddrinfo tells no time to live, so a name is asked again at this pace; a failed one sooner. */
const REFRESH_MS = 10_000;
const RETRY_MS = 2_000;

/** getaddrinfo blocks one of the few threads that files are written by, too. */
const AT_ONCE = 2;

/** @returns the addresses of a host name, IPv4 first @throws the system's error when there is none */
export type Lookup = (host: string) => Promise<readonly string[]>;

export interface NameWatch {
  stop(): void;
}

export interface NameEvents {
  /** The addresses, first and whenever they are others than before; never empty. */
  readonly found: (addresses: readonly string[]) => void;
  /** The name could not be resolved; what was found before still counts. Called once until it succeeds again. */
  readonly failed: (error: Error) => void;
}

/** Resolves host names through the system (hosts file, DNS) and goes on doing so, off the data path. */
export class Names {
  readonly #clock: Clock;
  readonly #lookup: Lookup;
  readonly #limit = pLimit(AT_ONCE);

  constructor(clock: Clock, find: Lookup = systemLookup) {
    this.#clock = clock;
    this.#lookup = find;
  }

  watch(host: string, events: NameEvents): NameWatch {
    const watch = new Watch(events);
    const ask = async (): Promise<void> => {
      // It may have been stopped while others were asked for.
      const answer = await this.#limit(() => (watch.isStopped ? [] : settled(this.#lookup(host))));
      if (watch.isStopped) return;
      const hasFound = watch.heard(answer);
      watch.timer = this.#clock.after(hasFound ? REFRESH_MS : RETRY_MS, () => void ask());
    };
    void ask();
    return watch;
  }

  /** Once, and without waiting for those that are watched. @throws the system's error */
  resolve(host: string): Promise<readonly string[]> {
    return this.#lookup(host);
  }
}

class Watch implements NameWatch {
  readonly #events: NameEvents;
  timer: Timer | undefined;
  isStopped = false;
  #last = '';
  #hasFailed = false;

  constructor(events: NameEvents) {
    this.#events = events;
  }

  stop(): void {
    this.isStopped = true;
    this.timer?.cancel();
  }

  heard(answer: readonly string[] | Error): boolean {
    if (this.isStopped) return false;
    const hasFound = !(answer instanceof Error);
    if (hasFound) this.#found(answer);
    else if (!this.#hasFailed) this.#events.failed(answer);
    this.#hasFailed = !hasFound;
    return hasFound;
  }

  /** Servers rotate their answers; the same addresses in another order are no news. */
  #found(addresses: readonly string[]): void {
    const text = [...addresses].sort().join();
    if (text === this.#last) return;
    this.#last = text;
    this.#events.found(addresses);
  }
}

async function settled(work: Promise<readonly string[]>): Promise<readonly string[] | Error> {
  try {
    const addresses = await work;
    return addresses.length > 0 ? addresses : new Error('the name has no address');
  } catch (thrown) {
    return asError(thrown);
  }
}

/** getaddrinfo: hosts file, DNS and whatever else the system is set up to ask. */
export async function systemLookup(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, order: 'ipv4first' });
  return found.map(({ address }) => address);
}
