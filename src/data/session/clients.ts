import type { ElectionContext } from '../../core/context.ts';
import type { Limits } from '../../core/limits.ts';
import { sharedOffsetMs } from '../../core/shared-clock.ts';
import {
  FULL,
  OVER_CLIENT_LIMIT,
  OVER_CLIENT_RATE,
  ThreadClients,
  type ClientRules,
  type Move,
} from '../../ledger/thread-clients.ts';
import type { ServerSpec } from '../protocol/messages.ts';

/** The limit that a client is at: the counter of the clients that it has closed. */
export type ClientLimit = 'overClientLimit' | 'overClientRate';

/** In place of a client's entry: nothing limits the clients, or this one has no address. */
export const UNTRACKED = -1;

/**
 * What one thread knows of a server's clients, each by its address: how many connections it has and may open, how many
 * of them wait, and the backend it sticks to. Those of a unix socket have no address, and so no limits.
 */
export class Clients {
  #table: ThreadClients | undefined;
  #isSticky = false;
  readonly #now: () => number;
  /** From this thread's clock to the one that all threads share. */
  readonly #offsetMs = sharedOffsetMs();

  /** @param now milliseconds of the engine's clock */
  constructor(spec: ServerSpec, now: () => number) {
    this.#now = now;
    this.reconfigure(spec);
  }

  /** The table stays the same once there is one. */
  reconfigure({ clients, limits }: ServerSpec): void {
    this.#isSticky = limits.stickyMs > 0;
    const rules = rulesOf(limits);
    if (this.#table !== undefined) this.#table.rules = rules;
    else if (clients !== undefined) this.#table = new ThreadClients(clients, rules);
  }

  get areTracked(): boolean {
    return this.#table !== undefined;
  }

  /** Counts a connection of a client. @returns the client's entry, or the limit that it is at */
  enter({ ip, ipLength }: ElectionContext): number | ClientLimit {
    if (this.#table === undefined || ipLength === 0) return UNTRACKED;
    const client = this.#table.enter(ip, ipLength, this.#sharedNow());
    if (client === OVER_CLIENT_LIMIT) return 'overClientLimit';
    if (client === OVER_CLIENT_RATE) return 'overClientRate';
    // There is an entry for every connection that descriptors allow; if that fails, better untracked than closed.
    return client === FULL ? UNTRACKED : client;
  }

  leave(client: number): void {
    if (client !== UNTRACKED) this.#table?.leave(client);
  }

  /** @returns false when as many of the client's connections wait as may */
  wait(client: number): boolean {
    return client === UNTRACKED || this.#table?.wait(client) !== false;
  }

  stopWaiting(client: number): void {
    if (client !== UNTRACKED) this.#table?.stopWaiting(client);
  }

  sticks(client: number): boolean {
    return this.#isSticky && client !== UNTRACKED;
  }

  /** @returns the serial of the backend that the client sticks to, 0 where it sticks to none */
  stuckTo(client: number): number {
    return this.#table?.stuckTo(client, this.#sharedNow()) ?? 0;
  }

  /** @returns the serial of the backend that it sticks to now: another one, when another thread was faster */
  stick(client: number, move: Move): number {
    return this.#table?.stick(client, move, this.#sharedNow()) ?? move.to;
  }

  #sharedNow(): number {
    return this.#now() + this.#offsetMs;
  }
}

function rulesOf({ perClient, queue, stickyMs }: Limits): ClientRules {
  const { count, withinMs } = perClient.rate;
  return {
    maxConnections: perClient.maxConnections,
    maxWaiting: queue.perClient,
    rate: count === 0 ? undefined : { burst: count, perMs: count / withinMs },
    stickyMs,
    prefixV6: perClient.prefixV6,
  };
}
