import { isIP } from 'node:net';

import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import type { NamesStatus } from '../../core/process-status.ts';
import { untilAborted } from '../until-aborted.ts';
import type { FoundName } from './answer.ts';
import { CachedName, type NameEvents } from './cached-name.ts';
import type { Find } from './finder.ts';
import { NameCounters } from './name-counters.ts';

const LEAST_TTL_MS = 1_000;
/** Until a name that failed is asked for again. */
const RETRY_MS = 2_000;
/** A name server that says nothing keeps a caller waiting for so long, where an older answer is known (RFC 8767). */
const STALE_AFTER_MS = 1_000;
/** Names beyond this are forgotten, the oldest first, unless they are watched. */
const MOST_REMEMBERED = 10_000;

export interface NameWatch {
  stop(): void;
}

/** For names that are wanted for as long as something is there. */
export type Names = Pick<Resolver, 'watch'>;
/** For names that are wanted once. */
export type Lookups = Pick<Resolver, 'addresses'>;

/**
 * Resolves the names of the whole process: there is one, with one memory. A name that is watched is asked for again when
 * its time to live is over, and until then nobody asks. What was found before counts until something else is found: a
 * name server that does not answer is no fault of the host.
 */
export class Resolver {
  readonly #clock: Clock;
  readonly #find: Find;
  readonly #names = new Map<string, CachedName>();
  readonly counters = new NameCounters();
  /** No answer holds longer, whatever its time to live. */
  mostTtlMs = 60_000;

  constructor(clock: Clock, find: Find) {
    this.#clock = clock;
    this.#find = find;
  }

  get status(): NamesStatus {
    const { found, absent, failed, tookMs, silentServers } = this.counters;
    return { remembered: this.#names.size, found, absent, failed, tookMs, silentServers: silentServers.size };
  }

  watch(host: string, events: NameEvents): NameWatch {
    const name = this.#name(host);
    name.add(events);
    if (this.#clock.now() >= name.dueAt) void this.#ask(name);
    else if (name.open === undefined) this.#schedule(name);
    return { stop: () => name.remove(events) };
  }

  /** Once. @returns at least one address, as they are to be tried @throws NameError, the system's error, or at an abort */
  addresses(host: string, signal?: AbortSignal): Promise<readonly string[]> {
    if (isIP(host) !== 0) return Promise.resolve([host]);
    const name = this.#name(host);
    if (this.#clock.now() < name.dueAt) return addressesOf(name);
    return untilAborted(signal ?? new AbortController().signal, 'name not resolved', (resolve, reject) => {
      const settle = (): void => void addressesOf(name).then(resolve, reject);
      void this.#ask(name).then(settle);
      if (name.addresses === undefined) return () => undefined;
      const stale = this.#clock.after(STALE_AFTER_MS, settle);
      return () => stale.cancel();
    });
  }

  /** Asks for all names again: what holds has changed. */
  refresh(): void {
    for (const name of this.#names.values()) {
      name.dueAt = -Infinity;
      name.open = undefined;
      if (name.isWatched) void this.#ask(name);
    }
  }

  /** Asks again for those that failed: a name server is there again. */
  retry(): void {
    for (const name of this.#names.values()) {
      if (name.error === undefined) continue;
      name.dueAt = -Infinity;
      if (name.isWatched) void this.#ask(name);
    }
  }

  #name(host: string): CachedName {
    const key = host.toLowerCase();
    const known = this.#names.get(key) ?? new CachedName(key);
    // The one that was wanted last is the last one to be forgotten.
    this.#names.delete(key);
    this.#names.set(key, known);
    if (this.#names.size > MOST_REMEMBERED) this.#forgetOldest();
    return known;
  }

  #forgetOldest(): void {
    for (const [key, name] of this.#names) {
      if (name.isWatched || name.open !== undefined) continue;
      this.#names.delete(key);
      return;
    }
  }

  /** One question at a time, for all that wait. Never rejects. */
  #ask(name: CachedName): Promise<void> {
    name.timer?.cancel();
    name.open ??= this.#look(name);
    return name.open;
  }

  async #look(name: CachedName): Promise<void> {
    const askedAt = this.#clock.now();
    const question = ++name.questions;
    const isLast = (): boolean => question === name.questions;
    try {
      const found = await this.#find(name.host, name.wasSilent);
      if (found.addresses.length === 0) throw new Error('the name has no address');
      if (isLast()) this.#learn(name, found);
      void found.later?.then((complete) => complete && isLast() && this.#learn(name, complete));
    } catch (thrown) {
      if (isLast()) this.#fail(name, asError(thrown));
    }
    if (!isLast()) return;
    this.counters.record(name.error, this.#clock.now() - askedAt);
    name.open = undefined;
    if (name.isWatched) this.#schedule(name);
  }

  #learn(name: CachedName, found: FoundName): void {
    name.dueAt = this.#clock.now() + Math.max(LEAST_TTL_MS, Math.min(found.ttlMs, this.mostTtlMs));
    name.found(found);
  }

  #fail(name: CachedName, error: Error): void {
    name.dueAt = this.#clock.now() + RETRY_MS;
    name.failed(error);
  }

  #schedule(name: CachedName): void {
    name.timer?.cancel();
    name.timer = this.#clock.after(Math.max(0, name.dueAt - this.#clock.now()), () => void this.#ask(name));
  }
}

/** @throws why there are none */
async function addressesOf({ addresses, error }: CachedName): Promise<readonly string[]> {
  if (addresses === undefined) throw error ?? new Error('the name has no address');
  return addresses;
}
