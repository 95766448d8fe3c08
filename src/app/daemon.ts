import type { SocketAddress } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import type { Actor, ReloadResult } from '../core/steering.ts';
import { Names } from '../io/names.ts';
import type { Log } from '../log/log.ts';
import { AuditLog } from './changes/audit-log.ts';
import type { InForce, ReadConfig } from './changes/in-force.ts';
import { Manager } from './changes/manager.ts';
import { LiveControl } from './control.ts';
import type { Identity } from './runtime/about.ts';
import { App } from './runtime/app.ts';
import { Binds } from './runtime/binds.ts';
import type { ServiceName } from './services/service-kinds.ts';
import { Services } from './services/services.ts';

export interface BalancerParts {
  readonly log: Log;
  readonly clock: Clock;
  /** How long connections may last at the stop, or when their server has left the file. */
  readonly drainMs: number;
  readonly identity: Identity;
  /** To start with. */
  readonly inForce: InForce;
  /** Reads the configuration again. */
  readonly read: ReadConfig;
}

/** The whole: what runs, what is in force, and what others may ask of both. */
export class Balancer {
  readonly app: App;
  readonly control: LiveControl;
  readonly #manager: Manager;
  readonly #services: Services;

  /** Opens the access log. @throws TslbError TSLB_LOG_OUTPUT */
  constructor({ log, clock, drainMs, identity, inForce, read }: BalancerParts) {
    this.app = new App(inForce.config, { log, clock, drainMs });
    const auditLog = new AuditLog(log.child('audit'), (news) => this.app.events.tell(news));
    this.#manager = new Manager({
      app: this.app,
      log,
      auditLog,
      clock,
      inForce,
      read,
      configFile: identity.configFile,
      serve: (config) => this.#services.apply(config),
    });
    this.control = new LiveControl({ app: this.app, manager: this.#manager, auditLog, clock, identity });
    this.#services = new Services({ control: this.control, binds: new Binds(new Names(clock)), clock, log });
  }

  /** Where an HTTP service listens, with the port that the kernel chose; undefined where it is not enabled. */
  address(service: ServiceName): SocketAddress | undefined {
    return this.#services.address(service);
  }

  /** @throws BindError or TslbError when not every server and service can be opened; then it has stopped */
  async start(): Promise<void> {
    try {
      await this.#manager.start();
      this.#services.started();
    } catch (thrown) {
      await this.#services.stop();
      throw thrown;
    }
  }

  /** @throws as Control.reload, which is in the log then */
  async reload(by: Actor): Promise<ReloadResult> {
    return this.#manager.reload(by);
  }

  /** Stops accepting, waits for the connections up to the drain time, cuts the rest. It can be watched until then. */
  async stop(): Promise<void> {
    try {
      await this.#manager.stop();
    } finally {
      await this.#services.stop();
    }
  }

  /** Ends the draining that goes on, and what will be. */
  cut(): void {
    this.app.cut();
  }

  /** After logrotate moved the files. */
  reopenLogs(): void {
    this.app.reopenLogs();
  }
}
