import type { Clock } from '../../core/clock.ts';
import type { Reloads } from '../../core/process-status.ts';
import type { Actor, ReloadResult } from '../../core/steering.ts';
import type { Log, Logger } from '../../log/log.ts';
import type { Config } from '../config/config.ts';
import type { App } from '../runtime/app.ts';
import type { AuditLog } from './audit-log.ts';
import { BackendsByHand } from './backends-by-hand.ts';
import { withByHand } from './by-hand-tables.ts';
import type { InForce } from './in-force.ts';
import { byHandOf } from './overlay.ts';
import { Reloading, type ReloadingParts } from './reloading.ts';
import { ServersByHand } from './servers-by-hand.ts';
import { Standing } from './standing.ts';
import { Turns } from './turns.ts';

export interface ManagerParts extends Pick<ReloadingParts, 'app' | 'read' | 'configFile' | 'serve'> {
  readonly log: Log;
  readonly auditLog: AuditLog;
  readonly clock: Clock;
  /** To start with. */
  readonly inForce: InForce;
}

/** A start, reloads, changes by hand and the stop, one after the other. */
export class Manager {
  readonly servers: ServersByHand;
  readonly backends: BackendsByHand;
  readonly #app: App;
  readonly #serve: ReloadingParts['serve'];
  readonly #log: Logger;
  readonly #auditLog: AuditLog;
  readonly #turns = new Turns();
  readonly #standing: Standing;
  readonly #reloading: Reloading;
  #failedReloads = 0;
  #hasReloadFailed = false;

  constructor({ app, clock, inForce, read, configFile, serve, auditLog, ...parts }: ManagerParts) {
    const log = parts.log.child('main');
    const standing = new Standing({ app, clock, log, inForce });
    this.servers = new ServersByHand({ app, standing, turns: this.#turns, auditLog });
    this.backends = new BackendsByHand({ app, standing, turns: this.#turns, auditLog });
    this.#app = app;
    this.#serve = serve;
    this.#log = log;
    this.#auditLog = auditLog;
    this.#standing = standing;
    this.#reloading = new Reloading({ app, standing, log, read, configFile, serve });
  }

  /** In force. */
  get config(): Config {
    return this.#standing.inForce.config;
  }

  /** In force, with what holds for single backends by hand in the lists of their servers. */
  get wholeConfig(): Config {
    const { config, overlay } = this.#standing.inForce;
    return withByHand(config, overlay);
  }

  /** What has become of configurations since the start. */
  get reloads(): Reloads {
    return { ...this.#standing.changes, failed: this.#failedReloads, hasFailed: this.#hasReloadFailed };
  }

  /** @throws what App.start and the services throw; then no server runs */
  async start(): Promise<void> {
    const { config, overlay } = this.#standing.inForce;
    await this.#turns.first(async () => {
      await this.#serve(config);
      await this.#app.start(config, (server) => byHandOf(overlay, server));
      await this.#standing.begin();
    });
  }

  /** After what goes on now; what comes later is refused at once. */
  async stop(): Promise<void> {
    await this.#turns.last(() => this.#app.stop());
  }

  /** Reads the configuration again. What was changed while it runs stays. @throws as Control.reload, which is logged then */
  async reload(by: Actor): Promise<ReloadResult> {
    if (this.#turns.isOver) this.#log.warn('not reloaded: stopping');
    return this.#turns.take(async () => {
      if (by.via === 'api' || by.via === 'page') this.#auditLog.info({ by, what: 'reload' }, 'reload requested');
      try {
        const result = await this.#reloading.reload();
        this.#hasReloadFailed = false;
        return result;
      } catch (thrown) {
        this.#failedReloads += 1;
        this.#hasReloadFailed = true;
        throw thrown;
      }
    });
  }
}
