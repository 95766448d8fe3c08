import { type ByHand, NOTHING_BY_HAND } from '../control/pool/by-hand.ts';
import { checkLimit } from '../control/healthcheck/monitor.ts';
import { addressText } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import { TslbError } from '../core/errors.ts';
import { DataPlane, type Deployment, type Observe } from '../data/host.ts';
import type { Listening, LogFields, ThreadLogLevel } from '../data/messages.ts';
import { Names } from '../io/names.ts';
import type { LogLevel } from '../log/level.ts';
import type { Log, Logger } from '../log/log.ts';
import type { LoggingConfig } from '../log/schema.ts';
import { AccessSink } from './access-sink.ts';
import { Binds } from './binds.ts';
import type { Config, ServerConfig } from './config.ts';
import { autoEngine, engineOf, threadsOf } from './engine.ts';
import { EventHub } from './event-hub.ts';
import { Listeners } from './listeners.ts';
import { planReload, type ReloadPlan } from './reload.ts';
import { Retirees } from './retirees.ts';
import { Unit } from './unit.ts';
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
  readonly #accessSink = new AccessSink();
  readonly #units = new Map<string, Unit>();
  /** Of new servers that are not in force everywhere yet: on some threads they may have clients already. */
  #newcomers: ReadonlyMap<string, Unit> = new Map();
  readonly #retirees: Retirees;
  readonly #threads: number;
  readonly #checkLimit = checkLimit();
  #config: Config;
  /** In force, with the level as it was set while it runs. */
  #logging: LoggingConfig;
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
    this.#logging = config.logging;
    this.#threads = threadsOf(config);
    this.#accessSink.configure(config.logging.accessLog);
    this.plane = new DataPlane({
      threads: this.#threads,
      observe: observed(config.logging),
      onLog: (level, message, fields) => this.#logFromThread(level, message, fields),
      onAccessLines: (lines) => this.#writeAccess(lines),
      onApplied: (id, version) => this.#unitOf(id)?.applied(version),
      onFailure: (report) => this.#unitOf(report.server)?.failed(report),
    });
    this.#retirees = new Retirees({ plane: this.plane, clock: tools.clock, log: this.#serverLog });
  }

  /**
   * @param byHand what holds for the backends of each server from the first on
   * @throws BindError or TslbError when not every server can be opened; then none is
   */
  async start(config: Config, byHand: (server: string) => ByHand = () => NOTHING_BY_HAND): Promise<void> {
    try {
      await this.#become(config, { byHand });
    } catch (thrown) {
      await this.#end();
      throw thrown;
    }
    const { servers } = config;
    const engines = [...new Set(servers.map(engineOf))].sort();
    this.#log.info({ engines, threads: this.plane.threads, servers: servers.length }, 'started');
    const { reason } = autoEngine();
    const isMissed = reason !== undefined && servers.some(({ engine }) => engine === 'auto');
    if (isMissed) this.#log.warn({ reason }, 'engine auto is net: epoll cannot run here');
    if (servers.length === 0) this.#log.warn('the configuration has no servers');
  }

  /**
   * Makes another configuration the one in force. Servers that did not change are not touched.
   * @throws BindError or TslbError when it cannot be; then nothing has changed
   */
  async reload(config: Config): Promise<ReloadPlan> {
    if (config.servers.length === 0 && this.#units.size > 0) {
      throw new TslbError('TSLB_NO_SERVERS', 'the file has no servers; to stop tslb, send it SIGTERM');
    }
    const before = this.#logging;
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

  /** After logrotate moved the files. */
  reopenLogs(): void {
    this.#tools.log.reopen();
    this.#accessSink.reopen();
    this.#log.info('log files reopened');
  }

  /** Connections that are open now, those of removed servers among them. */
  get active(): number {
    return [...this.#units.values(), ...this.#retirees.units].reduce(
      (sum, { ledger }) => sum + ledger.serverActive(),
      0,
    );
  }

  /** The servers in force, in the order of the configuration. */
  get units(): readonly Unit[] {
    return this.#config.servers.flatMap(({ name }) => this.#units.get(name) ?? []);
  }

  /** A server in force. @throws TslbError TSLB_NO_SUCH_SERVER */
  unit(name: string): Unit {
    const unit = this.findUnit(name);
    if (unit === undefined) throw new TslbError('TSLB_NO_SUCH_SERVER', `there is no server ${name}`);
    return unit;
  }

  findUnit(name: string): Unit | undefined {
    return this.#units.get(name);
  }

  get logLevel(): LogLevel {
    return this.#logging.level;
  }

  /** Until the next reload. */
  setLogLevel(level: LogLevel): void {
    this.#observe({ ...this.#logging, level });
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
    this.#newcomers = added;
    let listening: readonly Listening[];
    try {
      await this.#firstBackends([...added.values()]);
      const units = new Map([...this.#units, ...added]);
      const deployments = await this.#deployments(config.servers, units);
      listening = await this.plane.apply(deployments);
      for (const [name, unit] of added) this.#units.set(name, unit);
      this.#settleBinds(deployments, listening);
    } catch (thrown) {
      for (const unit of added.values()) unit.stop();
      throw thrown;
    } finally {
      this.#newcomers = new Map();
    }
    await this.#settle(config.servers, plan, drainMs);
    this.#config = config;
    this.#sayListening(listening);
    return plan;
  }

  async #end(): Promise<void> {
    await this.plane.stop();
    await this.#accessSink.close();
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

  async #deployments(servers: readonly ServerConfig[], units: ReadonlyMap<string, Unit>): Promise<Deployment[]> {
    return Promise.all(
      servers.map(async (server) => {
        const unit = units.get(server.name);
        if (unit === undefined) throw new RangeError(`server ${server.name} has no unit`);
        return unit.deployment(
          server,
          await Promise.all(server.binds.map((bind) => this.#binds.resolve(bind, `server "${server.name}"`))),
        );
      }),
    );
  }

  /** The data plane has changed; the control plane follows. */
  async #settle(servers: readonly ServerConfig[], { changed, removed }: ReloadPlan, drainMs: number): Promise<void> {
    for (const name of removed) {
      const unit = this.#units.get(name);
      if (unit === undefined) continue;
      this.#units.delete(name);
      this.#retirees.add(unit, drainMs);
    }
    const following = servers.filter(({ name }) => changed.includes(name));
    await Promise.all(following.flatMap((server) => this.#units.get(server.name)?.follow(server) ?? []));
  }

  #settleBinds(deployments: readonly Deployment[], listening: readonly Listening[]): void {
    for (const { name, binds } of deployments) {
      const unit = this.#units.get(name);
      if (unit !== undefined) unit.binds = binds;
    }
    this.listeners.settle(
      deployments.flatMap(({ binds }) => binds),
      listening,
    );
  }

  #unitOf(id: number): Unit | undefined {
    return [...this.#units.values(), ...this.#newcomers.values()].find((unit) => unit.id === id);
  }

  /** What a reload changes besides the servers. @throws TslbError TSLB_LOG_OUTPUT */
  #observe(logging: LoggingConfig): void {
    const { level, output, format, accessLog } = logging;
    this.#tools.log.configure({ level, output, format });
    this.#accessSink.configure(accessLog);
    this.plane.observe(observed(logging));
    this.#logging = logging;
  }

  #sayListening(listening: readonly Listening[]): void {
    for (const { server, bind, address } of listening) {
      this.#serverLog.info({ server, bind, address: addressText(address) }, 'listening');
    }
  }

  #logFromThread(level: ThreadLogLevel, message: string, fields: LogFields): void {
    this.#serverLog[level](fields, message);
  }

  #writeAccess(lines: string): void {
    const dropped = this.#accessSink.write(lines);
    if (dropped > 0) this.#log.warn({ batches: dropped }, 'access log lines dropped: its reader does not keep up');
  }
}

/** From the servers in force to others. */
interface Transition {
  /** For how long connections of removed servers may last; absent: as at a stop. */
  readonly drainMs?: number;
  /** What holds for the backends of new servers. */
  readonly byHand?: (server: string) => ByHand;
}

function observed({ level, format, accessLog }: Config['logging']): Observe {
  const isDebug = level === 'debug' || level === 'trace';
  return { debug: isDebug, accessLog: accessLog === undefined ? undefined : format };
}
