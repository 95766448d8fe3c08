import type { SocketAddress } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import type { Control } from '../core/control.ts';
import { systemResolver } from '../io/names/system-resolver.ts';
import type { Log } from '../log/log.ts';
import { ActiveConfig } from './changes/active-config.ts';
import { AuditLog } from './changes/audit-log.ts';
import { BackendChanges } from './changes/backend-changes.ts';
import { ConnectionKills } from './changes/connection-kills.ts';
import { CounterResets } from './changes/counter-resets.ts';
import type { ConfigLayers, ReadConfig } from './changes/initial-config.ts';
import { LogLevelChanges } from './changes/log-level-changes.ts';
import { overridesOf } from './changes/overlay.ts';
import { ReloadRequests } from './changes/reload-requests.ts';
import { SerialQueue } from './changes/serial-queue.ts';
import { ServerChanges } from './changes/server-changes.ts';
import { LiveReading } from './reading.ts';
import type { Identity } from './runtime/about.ts';
import { App } from './runtime/app.ts';
import { Binds } from './runtime/binds.ts';
import type { ServiceName } from './services/service-kinds.ts';
import { Services } from './services/services.ts';

export interface DaemonParts {
  readonly log: Log;
  readonly clock: Clock;
  /** How long connections may last at the stop, or when their server has left the file. */
  readonly drainMs: number;
  readonly identity: Identity;
  /** To start with. */
  readonly initial: ConfigLayers;
  /** Reads the configuration again. */
  readonly read: ReadConfig;
}

/** The whole: what runs, what is in force, and what others may ask of both. */
export class Daemon {
  readonly app: App;
  readonly control: Control;
  readonly #activeConfig: ActiveConfig;
  /** The start, reloads, changes and the stop run one after the other. */
  readonly #queue = new SerialQueue();
  readonly #services: Services;

  /** Opens the access log. @throws TslbError TSLB_LOG_OUTPUT */
  constructor({ log, clock, drainMs, identity, initial, read }: DaemonParts) {
    const nameLog = log.child('names');
    const resolver = systemResolver(clock, {
      silent: (nameServer, reason) => nameLog.warn({ nameServer, reason }, 'name server does not answer'),
      answersAgain: (nameServer) => nameLog.info({ nameServer }, 'name server answers again'),
    });
    const binds = new Binds(resolver);
    const app = new App(initial.config, { log, clock, drainMs, resolver, binds });
    const auditLog = new AuditLog(log.child('audit'), (event) => app.events.tell(event));
    const mainLog = log.child('main');
    const activeConfig = new ActiveConfig({ app, clock, log: mainLog, initial });
    const tools = { app, activeConfig, queue: this.#queue, auditLog };
    const reloads = new ReloadRequests({
      ...tools,
      log: mainLog,
      read,
      configFile: identity.configFile,
      serve: (config) => this.#services.apply(config),
    });
    this.app = app;
    this.control = {
      reading: new LiveReading({ app, activeConfig, reloads, clock, identity }),
      steering: {
        servers: new ServerChanges(tools),
        backends: new BackendChanges(tools),
        connections: new ConnectionKills(app.plane, auditLog),
        counters: new CounterResets(app, auditLog),
        logLevel: new LogLevelChanges(app, auditLog),
        configuration: reloads,
      },
    };
    this.#activeConfig = activeConfig;
    this.#services = new Services({ control: this.control, binds, clock, log });
  }

  /** Where an HTTP service listens, with the port that the kernel chose; undefined where it is not enabled. */
  address(service: ServiceName): SocketAddress | undefined {
    return this.#services.address(service);
  }

  /** @throws BindError or TslbError when not every server and service can be opened; then it has stopped */
  async start(): Promise<void> {
    const { config, overlay } = this.#activeConfig.current;
    try {
      await this.#queue.first(async () => {
        await this.#services.apply(config);
        await this.app.start(config, (server) => overridesOf(overlay, server));
        await this.#activeConfig.start();
      });
      this.#services.started();
    } catch (thrown) {
      await this.#services.stop();
      throw thrown;
    }
  }

  /** Stops accepting, waits for the connections up to the drain time, cuts the rest. It can be watched until then. */
  async stop(): Promise<void> {
    try {
      await this.#queue.last(() => this.app.stop());
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
