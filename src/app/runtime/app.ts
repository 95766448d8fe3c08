import { checkLimit } from '../../control/healthcheck/monitor.ts';
import { addressText, type NamedAddress } from '../../core/address.ts';
import { type BackendOverrides, NO_OVERRIDES } from '../../core/backend-overrides.ts';
import type { Clock } from '../../core/clock.ts';
import { DataPlane, type Deployment } from '../../data/plane/data-plane.ts';
import type { Listening } from '../../data/protocol/messages.ts';
import { Names } from '../../io/names.ts';
import type { LogLevel } from '../../log/level.ts';
import type { Log, Logger } from '../../log/log.ts';
import type { LoggingConfig } from '../../log/schema.ts';
import type { Config, ServerConfig } from '../config/config.ts';
import { Binds } from './binds.ts';
import { autoEngine, engineOf, threadsOf } from './engine.ts';
import { EventHub } from './event-hub.ts';
import { Listeners } from './listeners.ts';
import { Logs } from './logs.ts';
import { planReload, type ReloadPlan } from './reload.ts';
import { Retirees } from './retirees.ts';
import { Unit } from './unit.ts';
import { Units } from './units.ts';
import { within } from './within.ts';

/** How long a start or reload waits for the first backends before it goes on without them. */
const FIRST_BACKENDS_MS = 3_000;

export interface AppTools {
  readonly log: Log;
  readonly clock: Clock;
  /** How long a removed server's connections may last; also at the stop. */
  readonly drainMs: number;
}

/**
 * The running balancer: units (one for each server) in the control plane, and the data plane that serves them.
 * A start, a reload and a stop are the same step: from the servers in force to other servers.
 */
export class App {
  readonly events: EventHub;
  readonly plane: DataPlane;
  /** Where its servers listen. */
  readonly listeners = new Listeners();
  readonly #tools: AppTools;
  readonly #log: Logger;
  readonly #serverLog: Logger;
  readonly #names: Names;
  readonly #binds: Binds;
  readonly #logs: Logs;
  readonly #units = new Units();
  readonly #retirees: Retirees;
  readonly #threads: number;
  readonly #checkLimit = checkLimit();
  #config: Config;
  #unitsMade = 0;

  /** Opens the access log. @throws TslbError TSLB_LOG_OUTPUT */
  constructor(config: Config, tools: AppTools) {
    this.#tools = tools;
    this.#log = tools.log.child('manager');
    this.#serverLog = tools.log.child('server');
    this.events = new EventHub({
      date: () => tools.clock.date(),
      failed: (err) => this.#log.error({ err }, 'an event could not be told'),
    });
    this.#names = new Names(tools.clock);
    this.#binds = new Binds(this.#names);
    this.#config = { ...config, servers: [] };
    this.#threads = threadsOf(config);
    this.#logs = new Logs(config.logging, tools.log);
    this.plane = new DataPlane({
      threads: this.#threads,
      observe: this.#logs.observe,
      onLog: (level, message, fields) => this.#logs.write(level, message, fields),
      onAccessLines: (lines) => this.#logs.writeAccess(lines),
      onApplied: (id, version) => this.#units.withId(id)?.applied(version),
      onFailure: (report) => this.#units.withId(report.server)?.failed(report),
    });
    this.#retirees = new Retirees({ plane: this.plane, clock: tools.clock, log: this.#serverLog });
  }

  /**
   * @param byHand what holds for the backends of each server from the first on
   * @throws BindError or TslbError when not every server can be opened; then none is
   */
  async start(config: Config, byHand: (server: string) => BackendOverrides = () => NO_OVERRIDES): Promise<void> {
    try {
      await this.#become(config, { byHand });
    } catch (thrown) {
      await this.#end();
      throw thrown;
    }
    const { servers } = config;
    const engines = [...new Set(servers.map(engineOf))].sort();
    this.#log.info({ engines, threads: this.plane.threads, servers: servers.length }, 'started');
    const { missed } = autoEngine();
    if (missed !== undefined && servers.some(({ engine }) => engine === 'auto')) {
      this.#log.warn({ reason: missed.reason }, 'engine auto is net: epoll cannot run here');
    }
    if (servers.length === 0) this.#log.warn('the configuration has no servers');
  }

  /**
   * Makes another configuration the one in force. Servers that did not change are not touched.
   * @throws BindError or TslbError when it cannot be; then nothing has changed
   */
  async reload(config: Config): Promise<ReloadPlan> {
    const before = this.#logs.logging;
    let plan: ReloadPlan;
    try {
      this.#observe(config.logging);
      plan = await this.change(config);
    } catch (thrown) {
      this.#observe(before);
      throw thrown;
    }
    if (threadsOf(config) !== this.#threads) {
      this.#log.warn({ threads: this.#threads }, 'process.threads changes at the next start only');
    }
    const { added, changed, removed, unchanged } = plan;
    this.#log.info({ added, changed, removed, unchanged: unchanged.length }, 'reloaded');
    return plan;
  }

  /**
   * Makes other servers those in force, and leaves the rest as it is.
   * @param drainMs for how long connections of those that are no more may last; absent: as at a stop
   * @throws as reload does
   */
  async change(config: Config, drainMs?: number): Promise<ReloadPlan> {
    const plan = await this.#become(config, drainMs === undefined ? {} : { drainMs });
    const { added, changed, removed } = plan;
    this.events.tell({ type: 'reloaded', added, changed, removed });
    return plan;
  }

  /** Resolves when the last connection of a server that was removed has ended. */
  gone(unit: Unit): Promise<void> {
    return this.#retirees.gone(unit);
  }

  /** Resolves when clients of a server are sent by what was published for it until now. @throws TslbError TSLB_THREAD_SILENT */
  async followed(server: string): Promise<void> {
    const unit = this.findUnit(server);
    if (unit !== undefined) await this.plane.followed(unit.id);
  }

  /** After logrotate moved the files. */
  reopenLogs(): void {
    this.#logs.reopen();
  }

  /** Connections that are open now, those of removed servers among them. */
  get active(): number {
    const units = [...this.#units.inForce, ...this.#retirees.units];
    return units.reduce((sum, { ledger }) => sum + ledger.serverActive(), 0);
  }

  /** The servers in force, in the order of the configuration. */
  get units(): readonly Unit[] {
    return this.#config.servers.flatMap(({ name }) => this.#units.find(name) ?? []);
  }

  /** A server in force. @throws TslbError TSLB_NO_SUCH_SERVER */
  unit(name: string): Unit {
    return this.#units.get(name);
  }

  findUnit(name: string): Unit | undefined {
    return this.#units.find(name);
  }

  get logLevel(): LogLevel {
    return this.#logs.logging.level;
  }

  /** Until the next reload. */
  setLogLevel(level: LogLevel): void {
    this.#logs.setLevel(level);
    this.plane.observe(this.#logs.observe);
  }

  /** Stops accepting, waits for the connections up to the drain time, cuts the rest, ends the threads. */
  async stop(): Promise<void> {
    const { drainMs, clock } = this.#tools;
    this.#log.info({ connections: this.active, drainMs }, 'stopping');
    try {
      await this.#become({ ...this.#config, servers: [] });
      // One that was removed before may have been given more time.
      if (!(await within(drainMs, clock, this.#retirees.allGone()))) this.#retirees.cut();
      await this.#retirees.allGone();
    } finally {
      await this.#end();
    }
    this.#log.info('stopped');
  }

  /** Ends the draining that goes on, and what will be: connections are cut at once. */
  cut(): void {
    this.#retirees.cut();
  }

  /** Units of new servers are made first, then the data plane changes as a whole or not at all, then the rest follows. */
  async #become(config: Config, { drainMs = this.#tools.drainMs, byHand }: Transition = {}): Promise<ReloadPlan> {
    const plan = planReload(this.#config.servers, config.servers);
    const newcomers = config.servers.filter(({ name }) => plan.added.includes(name));
    const added = new Map(newcomers.map((server) => [server.name, this.#unit(server)]));
    if (byHand !== undefined) for (const [name, unit] of added) unit.overrule(byHand(name));
    this.#units.expect(added);
    try {
      await this.#firstBackends([...added.values()]);
      const deployments = await this.#deployments(config.servers);
      const listening = await this.plane.apply(deployments);
      this.#units.adopt();
      this.#settleBinds(deployments, listening);
    } catch (thrown) {
      this.#units.dismiss();
      throw thrown;
    }
    await this.#settle(config.servers, plan, drainMs);
    this.#config = config;
    return plan;
  }

  async #end(): Promise<void> {
    await this.plane.stop();
    await this.#logs.close();
  }

  #unit(server: ServerConfig): Unit {
    this.#unitsMade += 1;
    return new Unit(this.#unitsMade, server, {
      names: this.#names,
      clock: this.#tools.clock,
      random: Math.random,
      checkLimit: this.#checkLimit,
      log: this.#tools.log.child('scheduler'),
      tell: (news) => this.events.tell(news),
      publish: (id, snapshot) => this.plane.publish(id, snapshot),
      close: (id, slot) => this.plane.close(id, slot),
    });
  }

  async #firstBackends(units: readonly Unit[]): Promise<void> {
    if (units.length === 0) return;
    await within(FIRST_BACKENDS_MS, this.#tools.clock, Promise.all(units.map((unit) => unit.start())));
  }

  async #deployments(servers: readonly ServerConfig[]): Promise<Deployment[]> {
    return Promise.all(
      servers.map(async (server) => {
        const resolve = (bind: NamedAddress) => this.#binds.resolve(bind, `server "${server.name}"`);
        return this.#units.expected(server.name).deployment(server, await Promise.all(server.binds.map(resolve)));
      }),
    );
  }

  /** The data plane has changed; the control plane follows. */
  async #settle(servers: readonly ServerConfig[], { changed, removed }: ReloadPlan, drainMs: number): Promise<void> {
    for (const name of removed) {
      const unit = this.#units.release(name);
      if (unit !== undefined) this.#retirees.add(unit, drainMs);
    }
    const following = servers.filter(({ name }) => changed.includes(name));
    await Promise.all(following.map((server) => this.#units.get(server.name).follow(server)));
  }

  #settleBinds(deployments: readonly Deployment[], listening: readonly Listening[]): void {
    for (const { name, binds } of deployments) this.#units.get(name).binds = binds;
    const open = deployments.flatMap(({ binds }) => binds);
    this.listeners.settle(open, listening);
    for (const { server, bind, address } of listening) {
      this.#serverLog.info({ server, bind, address: addressText(address) }, 'listening');
    }
  }

  /** What a reload changes besides the servers. @throws TslbError TSLB_LOG_OUTPUT */
  #observe(logging: LoggingConfig): void {
    this.#logs.configure(logging);
    this.plane.observe(this.#logs.observe);
  }
}

/** From the servers in force to others. */
interface Transition {
  /** For how long connections of removed servers may last; absent: as at a stop. */
  readonly drainMs?: number;
  /** What holds for the backends of new servers. */
  readonly byHand?: (server: string) => BackendOverrides;
}
