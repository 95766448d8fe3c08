import { checkLimit } from '../control/healthcheck/monitor.ts';
import { addressText } from '../core/address.ts';
import type { BackendState } from '../core/backend.ts';
import type { Clock } from '../core/clock.ts';
import type { PoolStatus } from '../control/pool/status.ts';
import { TslbError } from '../core/errors.ts';
import { DataPlane, type Deployment, type Observe } from '../data/host.ts';
import type { Listening, LogFields, ThreadLogLevel } from '../data/messages.ts';
import { Names } from '../io/names.ts';
import type { Log, Logger } from '../log/log.ts';
import { AccessSink } from './access-sink.ts';
import { Binds } from './binds.ts';
import type { Config, ServerConfig } from './config.ts';
import { autoEngine, engineOf, threadsOf } from './engine.ts';
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
  readonly #tools: AppTools;
  readonly #log: Logger;
  readonly #serverLog: Logger;
  readonly #names: Names;
  readonly #binds: Binds;
  readonly #plane: DataPlane;
  readonly #accessSink = new AccessSink();
  readonly #units = new Map<string, Unit>();
  /** Of new servers that are not in force everywhere yet: on some threads they may have clients already. */
  #newcomers: ReadonlyMap<string, Unit> = new Map();
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
    this.#names = new Names(tools.clock);
    this.#binds = new Binds(this.#names);
    this.#config = { ...config, servers: [] };
    this.#threads = threadsOf(config);
    this.#accessSink.configure(config.logging.accessLog);
    this.#plane = new DataPlane({
      threads: this.#threads,
      observe: observed(config.logging),
      onLog: (level, message, fields) => this.#logFromThread(level, message, fields),
      onAccessLines: (lines) => this.#writeAccess(lines),
      onApplied: (id, version) => this.#unitOf(id)?.applied(version),
      onFailure: (report) => this.#unitOf(report.server)?.failed(report),
    });
    const { clock, drainMs } = tools;
    this.#retirees = new Retirees({ plane: this.#plane, clock, log: this.#serverLog, drainMs });
  }

  /** @throws BindError or TslbError when not every server can be opened; then none is */
  async start(config: Config): Promise<void> {
    try {
      await this.#become(config);
    } catch (thrown) {
      await this.#end();
      throw thrown;
    }
    const { servers } = config;
    const engines = [...new Set(servers.map(engineOf))].sort();
    this.#log.info({ engines, threads: this.#plane.threads, servers: servers.length }, 'started');
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
    const before = this.#config;
    let plan: ReloadPlan;
    try {
      this.#observe(config);
      plan = await this.#become(config);
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

  backends(server: string): readonly PoolStatus[] {
    return this.#unitNamed(server).backends();
  }

  setBackendState(server: string, backend: string, state: BackendState | undefined): void {
    if (this.#unitNamed(server).setBackendState(backend, state)) return;
    throw new TslbError('TSLB_NO_SUCH_BACKEND', `the server ${server} has no backend ${backend}`);
  }

  /** Stops accepting, waits for the connections up to the drain time, cuts the rest, ends the threads. */
  async stop(): Promise<void> {
    this.#log.info({ connections: this.active, drainMs: this.#tools.drainMs }, 'stopping');
    try {
      await this.#become({ ...this.#config, servers: [] });
      await this.#retirees.gone();
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
  async #become(config: Config): Promise<ReloadPlan> {
    const plan = planReload(this.#config.servers, config.servers);
    const newcomers = config.servers.filter(({ name }) => plan.added.includes(name));
    const added = new Map(newcomers.map((server) => [server.name, this.#unit(server)]));
    this.#newcomers = added;
    let listening: readonly Listening[];
    try {
      await this.#firstBackends([...added.values()]);
      const units = new Map([...this.#units, ...added]);
      listening = await this.#plane.apply(await this.#deployments(config.servers, units));
      for (const [name, unit] of added) this.#units.set(name, unit);
    } catch (thrown) {
      for (const unit of added.values()) unit.stop();
      throw thrown;
    } finally {
      this.#newcomers = new Map();
    }
    await this.#settle(config.servers, plan);
    this.#config = config;
    this.#sayListening(listening);
    return plan;
  }

  async #end(): Promise<void> {
    await this.#plane.stop();
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
      publish: (id, snapshot) => this.#plane.publish(id, snapshot),
      close: (id, slot) => this.#plane.close(id, slot),
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
          await Promise.all(server.binds.map((bind) => this.#binds.resolve(bind, server.name))),
        );
      }),
    );
  }

  /** The data plane has changed; the control plane follows. */
  async #settle(servers: readonly ServerConfig[], { changed, removed }: ReloadPlan): Promise<void> {
    for (const name of removed) {
      const unit = this.#units.get(name);
      if (unit === undefined) continue;
      this.#units.delete(name);
      this.#retirees.add(unit);
    }
    const following = servers.filter(({ name }) => changed.includes(name));
    await Promise.all(following.flatMap((server) => this.#units.get(server.name)?.follow(server) ?? []));
  }

  /** @throws TslbError TSLB_NO_SUCH_SERVER */
  #unitNamed(name: string): Unit {
    const unit = this.#units.get(name);
    if (unit === undefined) throw new TslbError('TSLB_NO_SUCH_SERVER', `there is no server ${name}`);
    return unit;
  }

  #unitOf(id: number): Unit | undefined {
    return [...this.#units.values(), ...this.#newcomers.values()].find((unit) => unit.id === id);
  }

  /** What a reload changes besides the servers. @throws TslbError TSLB_LOG_OUTPUT */
  #observe({ logging }: Config): void {
    const { level, output, format, accessLog } = logging;
    this.#tools.log.configure({ level, output, format });
    this.#accessSink.configure(accessLog);
    this.#plane.observe(observed(logging));
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

function observed({ level, format, accessLog }: Config['logging']): Observe {
  const isDebug = level === 'debug' || level === 'trace';
  return { debug: isDebug, accessLog: accessLog === undefined ? undefined : format };
}
