import type { Clock } from '../../core/clock.ts';
import type { HostStatus } from '../../core/process-status.ts';
import { countLocalPorts } from '../../io/local-ports.ts';
import { isOwnAddress } from '../../io/own-address.ts';
import type { Logger } from '../../log/log.ts';
import type { ServerConfig } from '../config/config.ts';
import { LocalPortUse } from './local-port-use.ts';
import type { Server } from './server.ts';
import { type Lack, Shortages } from './shortages.ts';
import { countConnections } from './tcp-table.ts';

/** What this host has for connections to backends, and lacks. */
export class HostResources {
  readonly #log: Logger;
  readonly #shortages: Shortages;
  readonly #localPorts: LocalPortUse;
  /** Source addresses that were none of this host when they were looked at. */
  #strangers: ReadonlySet<string> = new Set();

  /** @param servers that run now */
  constructor(log: Logger, clock: Clock, servers: () => Iterable<Server>) {
    this.#log = log;
    this.#shortages = new Shortages(log, clock);
    this.#localPorts = new LocalPortUse({
      clock,
      log,
      servers: () => Array.from(servers(), (server) => server.portUser),
      ports: () => countLocalPorts(),
      count: countConnections,
    });
    this.#localPorts.start();
  }

  lacks(lack: Lack): void {
    this.#shortages.met(lack);
  }

  get status(): HostStatus {
    return { shortages: this.#shortages.counts, localPortsUsedRatio: this.#localPorts.usedRatio };
  }

  /** Warns of source addresses that are none of this host, each once as long as it is configured. */
  async checkSources(servers: readonly ServerConfig[]): Promise<void> {
    const addresses = [...new Set(servers.flatMap(({ limits }) => limits.sourceAddresses))];
    const known = await Promise.all(addresses.map(async (about) => ({ about, isOwn: await isOwnAddress(about) })));
    const strangers = known.filter(({ isOwn }) => !isOwn).map(({ about }) => about);
    for (const about of strangers) {
      if (this.#strangers.has(about)) continue;
      const advice = 'add the address to an interface of this host, or remove it from source_address';
      this.#log.warn({ about, advice }, 'source_address is not an address of this host');
    }
    this.#strangers = new Set(strangers);
  }

  stop(): void {
    this.#shortages.stop();
    this.#localPorts.stop();
  }
}
