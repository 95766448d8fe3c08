import { setTimeout as pause } from 'node:timers/promises';

import { errorCode } from '../../src/core/errors.ts';
import { Client } from '../soak/client.ts';
import type { Journal } from '../soak/journal.ts';
import { planOf } from '../soak/plan.ts';
import { SERVER_PORT } from './config.ts';
import type { Subject } from './schedule.ts';
import type { ClientHost, Site } from './site.ts';

/** So many clients at once on each host, each followed by another. */
const CLIENTS_PER_HOST = 8;

/** Who got nothing was perhaps turned away, and asks again a little later. */
const EMPTY_HANDED_MS = 200;

/** Whoever waits for bytes has its system look whether the other end is there, after a second. */
const KEEP_ALIVE_MS = 1000;

/** The clients of a run. */
export class Crowd {
  count = 0;
  /** Connects that failed, by the system's name of the error. */
  readonly unconnected: Record<string, number> = {};
  readonly #site: Site;
  readonly #seed: number;
  readonly #journal: Journal;
  readonly #origins = new Map<Client, Subject>();

  constructor(site: Site, seed: number, journal: Journal) {
    this.#site = site;
    this.#seed = seed;
    this.#journal = journal;
  }

  /** Where a client came from. */
  originOf(client: Client): Subject {
    return this.#origins.get(client)!;
  }

  /** Clients come one after the other as long as that is wanted; resolves when the last one has left. */
  async visit(isWanted: () => boolean): Promise<void> {
    const visitors = this.#site.clients.flatMap((host, number) =>
      Array.from({ length: CLIENTS_PER_HOST }, async () => {
        while (isWanted()) await this.#visit(host, `client ${number}`);
      }),
    );
    await Promise.all(visitors);
  }

  async #visit({ sockets }: ClientHost, origin: Subject): Promise<void> {
    const plan = planOf(this.#seed, this.count++);
    const startedAt = Date.now();
    try {
      const socket = await sockets.connect({ ip: this.#site.balancer.ip, port: SERVER_PORT });
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      const client = new Client(plan, socket, { startedAt, onConnected: (named) => this.#journal.connected(named) });
      this.#origins.set(client, origin);
      this.#journal.ended(await client.done);
      if (client.receivedBytes === 0) await pause(EMPTY_HANDED_MS);
    } catch (thrown) {
      const code = errorCode(thrown);
      this.#journal.unconnected(startedAt);
      this.unconnected[code] = (this.unconnected[code] ?? 0) + 1;
      await pause(EMPTY_HANDED_MS);
    }
  }
}
