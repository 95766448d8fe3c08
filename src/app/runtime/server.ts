import { isDeepStrictEqual } from 'node:util';

import { DiscoveryLoop, type FetchLimit } from '../../control/discovery/loop.ts';
import { createDiscovery, traitsOf } from '../../control/discovery/registry.ts';
import { checkHeader, type CheckerTools, HealthMonitor } from '../../control/healthcheck/monitor.ts';
import { Bandwidth } from '../../control/pool/bandwidth.ts';
import { Pool } from '../../control/pool/pool.ts';
import type { SocketAddress } from '../../core/address.ts';
import { type BackendOverrides, NO_OVERRIDES, overridden } from '../../core/backend-overrides.ts';
import type { BackendStatus } from '../../core/backend-status.ts';
import type { Clock } from '../../core/clock.ts';
import { TslbError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import type { Deployment } from '../../data/plane/data-plane.ts';
import type { FailureReport } from '../../data/protocol/messages.ts';
import type { Dialer } from '../../io/dialer.ts';
import type { Resolver } from '../../io/names/resolver.ts';
import type { ClientTable, ClientTotals } from '../../ledger/client-table.ts';
import { ServerLedger } from '../../ledger/server-ledger.ts';
import type { Logger } from '../../log/log.ts';
import type { ServerConfig } from '../config/config.ts';
import { CheckLog } from './check-log.ts';
import { clientTable, countsClients } from './clients.ts';
import { DiscoveryLog } from './discovery-log.ts';
import { engineOf } from './engine.ts';
import type { NewEvent } from './event-hub.ts';
import { eventOf } from './pool-events.ts';
import type { PortUser } from './local-port-use.ts';
import { logPoolEvent } from './pool-log.ts';
import type { Lack } from './shortages.ts';

export interface ServerTools {
  readonly resolver: Resolver;
  /** Of checks and of sources. */
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly random: Random;
  /** Shared by the checks of all servers. */
  readonly checkLimit: CheckerTools['limit'];
  readonly log: Logger;
  readonly tell: (event: NewEvent) => void;
  readonly publish: (server: number, snapshot: Snapshot) => void;
  /** Shared by the sources of all servers. */
  readonly fetchLimit: FetchLimit;
  /** Cuts the connections of a backend. */
  readonly close: (server: number, slot: number) => void;
  readonly lacks: (lack: Lack) => void;
}

/** One server: its discovery and its checks feed its pool, whose snapshots go to the data plane. */
export class Server {
  readonly id: number;
  readonly ledger = new ServerLedger();
  /** When it was made, in milliseconds since the epoch. */
  readonly since: number;
  /** In force, in the order of the configuration. */
  binds: readonly SocketAddress[] = [];
  config: ServerConfig;
  readonly #tools: ServerTools;
  readonly #monitor: HealthMonitor;
  readonly #pool: Pool;
  readonly #bandwidth: Bandwidth;
  #discovery: DiscoveryLoop;
  /** Made for the first configuration that counts clients, and kept: connected clients have entries in it. */
  #clients: ClientTable | undefined;

  constructor(id: number, config: ServerConfig, tools: ServerTools) {
    this.id = id;
    this.config = config;
    this.#tools = tools;
    this.since = tools.clock.date();
    const checkLog = new CheckLog(tools.log, config.name);
    this.#monitor = new HealthMonitor(config.healthcheck, {
      clock: tools.clock,
      random: tools.random,
      limit: tools.checkLimit,
      dialer: tools.dialer.from(() => this.config.limits.sourceAddresses),
      greeting: (backend) => checkHeader(this.config.limits.proxyOut, backend),
      events: {
        changed: (backend, health) => this.#pool.checked(backend, health),
        checked: (backend, health, finding) => {
          checkLog.checked(backend, health, finding);
          if (finding.lack !== undefined)
            tools.lacks({ ...finding.lack, about: finding.lack.about ?? backend, count: 1 });
        },
      },
    });
    this.#pool = new Pool(config.pool, {
      ledger: this.ledger,
      names: tools.resolver,
      clock: tools.clock,
      checks: this.#monitor,
      publish: (snapshot) => tools.publish(id, snapshot),
      close: (slot) => tools.close(id, slot),
      tell: (event) => {
        logPoolEvent(tools.log, config.name, event);
        const told = eventOf(config.name, event);
        if (told !== undefined) tools.tell(told);
      },
    });
    this.#bandwidth = new Bandwidth(this.ledger, () => this.#pool.slots(), tools.clock);
    this.#discovery = this.#discover(config);
  }

  /** Resolves when the first list of backends is there and their names were asked for once. */
  async start(): Promise<void> {
    this.#measure();
    // These do not wait for the source.
    const added = overridden(this.config.discovery.overrides ?? NO_OVERRIDES, []);
    if (added.length > 0) this.#pool.update(added);
    await this.#discovery.start();
    await this.#pool.resolved();
  }

  /** What the data plane is to run, by a configuration that may not be in force yet. */
  deployment(config: ServerConfig, binds: readonly SocketAddress[]): Deployment {
    const { name, balance, access, limits } = config;
    const engine = engineOf(config);
    if (limits.udp?.isTransparent === true && engine === 'net') {
      throw new TslbError(
        'TSLB_ENGINE',
        `server "${name}": udp.transparent needs the engine epoll, which cannot run here`,
      );
    }
    if (countsClients(limits)) this.#clients ??= clientTable();
    return {
      id: this.id,
      name,
      binds,
      engine,
      balance,
      access,
      limits,
      ledger: this.ledger,
      clients: this.#clients,
      snapshot: this.#pool.snapshot,
    };
  }

  /** Puts a changed configuration into force, but for what concerns the data plane, which has it already. */
  async reconfigure(config: ServerConfig): Promise<void> {
    const hasMoved = !isDeepStrictEqual(config.discovery, this.config.discovery);
    this.config = config;
    this.#measure();
    this.#monitor.reconfigure(config.healthcheck);
    this.#pool.configure(config.pool);
    if (!hasMoved) return;
    this.#discovery.stop();
    this.#discovery = this.#discover(config);
    await this.#discovery.start();
  }

  /** No thread elects from a snapshot before this version any more. */
  applied(version: number): void {
    this.#pool.applied(version);
  }

  /** A thread reports what clients made of a backend. */
  failed({ backend, slot, what, code }: FailureReport): void {
    this.#pool.failed(backend, slot, { what, code });
  }

  /** Puts other overrides of its backends into force. */
  applyOverrides(overrides: BackendOverrides): void {
    this.#pool.applyOverrides(overrides);
  }

  /** Whether it has the backend, also one that is removed and drains. */
  has(backend: string): boolean {
    return this.#pool.has(backend);
  }

  /** The backends that it should have. */
  get backendList(): Pool['backendList'] {
    return this.#pool.backendList;
  }

  /** Counters, peaks and histograms begin at 0 again. */
  resetCounters(): void {
    this.ledger.reset();
    this.#pool.resetCounters();
  }

  backends(): readonly BackendStatus[] {
    return this.#pool.status();
  }

  get portUser(): PortUser {
    const { id, ledger, config } = this;
    return { id, ledger, backends: this.#pool.snapshot.backends, sourceAddresses: config.limits.sourceAddresses };
  }

  /** Undefined before the first configuration that counts them. */
  clients(): ClientTotals | undefined {
    return this.#clients?.totals();
  }

  stop(): void {
    this.#discovery.stop();
    this.#bandwidth.stop();
    this.#monitor.stop();
    this.#pool.stop();
  }

  #measure(): void {
    if (this.config.balance === 'leastbandwidth') this.#bandwidth.start();
    else this.#bandwidth.stop();
  }

  #discover({ name, discovery }: ServerConfig): DiscoveryLoop {
    const { clock, fetchLimit, log: logger } = this.#tools;
    const log = new DiscoveryLog(logger, name, discovery.kind);
    const { startsProgram = false, inFile } = traitsOf(discovery);
    const source = createDiscovery(discovery, {
      lookups: this.#tools.resolver,
      dialer: this.#tools.dialer,
      skipped: (parts) => log.skipped(parts),
    });
    const limit = <Value>(run: () => Promise<Value>) => fetchLimit(run, startsProgram);
    return new DiscoveryLoop(
      source,
      discovery,
      { clock, limit },
      {
        found: (backends) => {
          this.#pool.update(backends);
          if (inFile === undefined) log.found(backends.length);
        },
        failed: (err) => log.failed(err),
      },
    );
  }
}
