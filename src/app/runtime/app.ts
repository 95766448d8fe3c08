import { fetchLimit } from '../../control/discovery/loop.ts';
import { checkLimit } from '../../control/healthcheck/monitor.ts';
import { type BackendOverrides, NO_OVERRIDES } from '../../core/backend-overrides.ts';
import type { Clock } from '../../core/clock.ts';
import type { HostStatus, NamesStatus } from '../../core/process-status.ts';
import { DataPlane } from '../../data/plane/data-plane.ts';
import { Dialer } from '../../io/dialer.ts';
import type { Resolver } from '../../io/names/resolver.ts';
import type { LogLevel } from '../../log/level.ts';
import type { Log, Logger } from '../../log/log.ts';
import type { LoggingConfig } from '../../log/schema.ts';
import type { Config } from '../config/config.ts';
import type { Binds } from './binds.ts';
import { Deployer } from './deployer.ts';
import { DrainingServers } from './draining-servers.ts';
import { autoEngine, engineOf, threadsOf } from './engine.ts';
import { EventHub } from './event-hub.ts';
import { HostResources } from './host-resources.ts';
import { Listeners } from './listeners.ts';
import { Logs } from './logs.ts';
import type { ReloadPlan } from './reload.ts';
import type { Server } from './server.ts';
import { Servers } from './servers.ts';
import { within } from './within.ts';

export interface AppTools {
  readonly log: Log;
  readonly clock: Clock;
  readonly resolver: Resolver;
  readonly binds: Binds;
  /** How long a removed server's connections may last; also at the stop. */
  readonly drainMs: number;
}

/**
 * The running balancer: its servers in the control plane, and the data plane that serves them.
 * A start, a reload and a stop are the same step: from the servers in force to other servers.
 */
export class App {
  readonly events: EventHub;
  readonly plane: DataPlane;
  /** Where its servers listen. */
  readonly listeners = new Listeners();
  readonly #tools: AppTools;
  readonly #log: Logger;
  readonly #logs: Logs;
  readonly #servers = new Servers();
  readonly #draining: DrainingServers;
  readonly #deployer: Deployer;
  readonly #host: HostResources;
  readonly #threads: number;

  /** Opens the access log. @throws TslbError TSLB_LOG_OUTPUT */
  constructor(config: Config, tools: AppTools) {
    const { log, clock } = tools;
    this.#tools = tools;
    tools.resolver.mostTtlMs = config.dns.maxTtlMs;
    this.#log = log.child('manager');
    this.events = new EventHub({
      date: () => clock.date(),
      failed: (err) => this.#log.error({ err }, 'event not delivered'),
    });
    this.#threads = threadsOf(config);
    this.#host = new HostResources(log.child('server'), clock, () => this.#servers.running);
    this.#logs = new Logs(config.logging, log);
    this.plane = new DataPlane({
      threads: this.#threads,
      observe: this.#logs.observe,
      onLog: (level, message, fields) => this.#logs.write(level, message, fields),
      onAccessLines: (lines) => this.#logs.writeAccess(lines),
      onApplied: (id, version) => this.#servers.withId(id)?.applied(version),
      onFailure: (report) => this.#servers.withId(report.server)?.failed(report),
      onShortage: (report) => this.#host.lacks(report),
    });
    const serverLog = log.child('server');
    this.#draining = new DrainingServers({ plane: this.plane, clock, log: serverLog });
    this.#deployer = new Deployer({
      plane: this.plane,
      servers: this.#servers,
      draining: this.#draining,
      listeners: this.listeners,
      binds: tools.binds,
      clock,
      log: serverLog,
      serverTools: {
        resolver: tools.resolver,
        dialer: new Dialer(clock),
        clock,
        random: Math.random,
        checkLimit: checkLimit(),
        fetchLimit: fetchLimit(),
        log: log.child('scheduler'),
        tell: (event) => this.events.tell(event),
        publish: (id, snapshot) => this.plane.publish(id, snapshot),
        close: (id, slot) => this.plane.close(id, slot),
        lacks: (lack) => this.#host.lacks(lack),
      },
    });
  }

  /**
   * @param overrides of the backends of each server, from the start on
   * @throws BindError or TslbError when not every server can be opened; then none is
   */
  async start(config: Config, overrides: (server: string) => BackendOverrides = () => NO_OVERRIDES): Promise<void> {
    try {
      await this.#deployer.deploy(config.servers, { drainMs: this.#tools.drainMs, overrides });
    } catch (thrown) {
      await this.#end();
      throw thrown;
    }
    const { servers } = config;
    await this.#host.checkSources(servers);
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
      this.#tools.resolver.mostTtlMs = config.dns.maxTtlMs;
    } catch (thrown) {
      this.#observe(before);
      throw thrown;
    }
    if (threadsOf(config) !== this.#threads) {
      this.#log.warn({ threads: this.#threads }, 'process.threads takes effect at the next start only');
    }
    const { added, changed, removed, unchanged } = plan;
    this.#log.info({ added, changed, removed, unchanged: unchanged.length }, 'reloaded');
    return plan;
  }

  /**
   * Makes other servers those in force, and leaves the rest as it is.
   * @param drainMs for how long connections of removed servers may last; absent: as at a stop
   * @throws as reload does
   */
  async change({ servers }: Config, drainMs = this.#tools.drainMs): Promise<ReloadPlan> {
    const plan = await this.#deployer.deploy(servers, { drainMs });
    await this.#host.checkSources(servers);
    const { added, changed, removed } = plan;
    this.events.tell({ type: 'reloaded', added, changed, removed });
    return plan;
  }

  /** Resolves when the last connection of a server that was removed has ended. */
  gone(server: Server): Promise<void> {
    return this.#draining.gone(server);
  }

  /** Resolves when clients of a server are sent by what was published for it until now. @throws TslbError TSLB_THREAD_SILENT */
  async followed(server: string): Promise<void> {
    const running = this.findServer(server);
    if (running !== undefined) await this.plane.followed(running.id);
  }

  /** After logrotate moved the files. */
  reopenLogs(): void {
    this.#logs.reopen();
  }

  /** Connections that are open now, those of removed servers among them. */
  get active(): number {
    const servers = [...this.#servers.running, ...this.#draining.all];
    return servers.reduce((sum, { ledger }) => sum + ledger.serverActive(), 0);
  }

  /** What this host has for connections to backends, and lacks. */
  get host(): HostStatus {
    return this.#host.status;
  }

  /** The servers in force, in the order of the configuration. */
  get servers(): readonly Server[] {
    return this.#deployer.configs.flatMap(({ name }) => this.#servers.find(name) ?? []);
  }

  /** A server in force. @throws TslbError TSLB_NO_SUCH_SERVER */
  server(name: string): Server {
    return this.#servers.get(name);
  }

  get names(): NamesStatus {
    return this.#tools.resolver.status;
  }

  findServer(name: string): Server | undefined {
    return this.#servers.find(name);
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
      await this.#deployer.deploy([], { drainMs });
      // A server that was removed before may have been given more time.
      if (!(await within(drainMs, clock, this.#draining.allGone()))) this.#draining.cut();
      await this.#draining.allGone();
    } finally {
      await this.#end();
    }
    this.#log.info('stopped');
  }

  /** Ends the draining that goes on, and what will be: connections are cut at once. */
  cut(): void {
    this.#draining.cut();
  }

  async #end(): Promise<void> {
    this.#host.stop();
    await this.plane.stop();
    await this.#logs.close();
  }

  /** What a reload changes besides the servers. @throws TslbError TSLB_LOG_OUTPUT */
  #observe(logging: LoggingConfig): void {
    this.#logs.configure(logging);
    this.plane.observe(this.#logs.observe);
  }
}
