import type { AbsentBackend, BackendStatus } from '../core/backend-status.ts';
import type { Clock } from '../core/clock.ts';
import type { ConnectionList, ConnectionMatch, ConnectionQuery } from '../core/connection-list.ts';
import type { Control } from '../core/control.ts';
import { TslbError } from '../core/errors.ts';
import type { Events } from '../core/events.ts';
import type { JsonTable } from '../core/json.ts';
import type { About, Reloads, ThreadStatus } from '../core/process-status.ts';
import type { Redaction } from '../core/reading.ts';
import type { ServerStatus } from '../core/server-status.ts';
import type { Actor, ReloadResult } from '../core/steering.ts';
import { LOG_LEVELS } from '../log/level.ts';
import type { AuditLog, Change } from './changes/audit-log.ts';
import type { Manager } from './changes/manager.ts';
import { dumpText } from './config/dump.ts';
import { serverForm } from './config/server-form.ts';
import { aboutProcess, type Identity } from './runtime/about.ts';
import type { App } from './runtime/app.ts';
import { serverStatus } from './runtime/server-status.ts';

export interface LiveControlParts {
  readonly app: App;
  readonly manager: Manager;
  readonly auditLog: AuditLog;
  readonly clock: Clock;
  readonly identity: Identity;
}

/** The running balancer for those who look at it and steer it. */
export class LiveControl implements Control {
  readonly about: About;
  readonly #app: App;
  readonly #manager: Manager;
  readonly #auditLog: AuditLog;

  constructor({ app, manager, auditLog, clock, identity }: LiveControlParts) {
    this.#app = app;
    this.#manager = manager;
    this.#auditLog = auditLog;
    this.about = aboutProcess(identity, clock);
  }

  get events(): Events {
    return this.#app.events;
  }

  servers(): readonly ServerStatus[] {
    return this.#app.units.map((unit) => serverStatus(unit, this.#app.listeners));
  }

  server(name: string): ServerStatus | undefined {
    const unit = this.#app.findUnit(name);
    return unit === undefined ? undefined : serverStatus(unit, this.#app.listeners);
  }

  backends(server: string): readonly BackendStatus[] {
    return this.#app.unit(server).backends();
  }

  absentees(server: string): readonly AbsentBackend[] {
    return this.#manager.backends.absentees(server);
  }

  threads(): readonly ThreadStatus[] {
    return this.#app.plane.threadStatuses();
  }

  get logLevel(): string {
    return this.#app.logLevel;
  }

  setLogLevel(level: string, by: Actor): void {
    const known = LOG_LEVELS.find((each) => each === level);
    if (known === undefined) {
      throw new TslbError('TSLB_LOG_LEVEL', `there is no log level ${level}; there are ${LOG_LEVELS.join(', ')}`);
    }
    // Said while the log still says such things, or as soon as it does.
    const isHeard = this.#auditLog.isLogged;
    if (!isHeard) this.#app.setLogLevel(known);
    this.#auditLog.info({ by, what: `log level ${known}`, level: known }, 'log level changed');
    if (isHeard) this.#app.setLogLevel(known);
  }

  connections(query: ConnectionQuery): Promise<ConnectionList> {
    return this.#app.plane.connections(query);
  }

  async killConnection(id: string, by: Actor): Promise<boolean> {
    const isKilled = await this.#app.plane.killConnection(id);
    if (isKilled) this.#sayKilled({ by, what: `killed connection ${id}`, connection: id, killed: 1 });
    return isKilled;
  }

  async killConnections(match: ConnectionMatch, by: Actor): Promise<number> {
    const killed = await this.#app.plane.killConnections(match);
    this.#sayKilled({ by, what: `killed ${killed} connections ${matchText(match)}`.trimEnd(), ...match, killed });
    return killed;
  }

  resetCounters(server: string | undefined, by: Actor): void {
    const units = server === undefined ? this.#app.units : [this.#app.unit(server)];
    for (const unit of units) unit.resetCounters();
    const one = server === undefined ? {} : { server };
    this.#auditLog.info({ by, what: `reset ${server ?? 'all'}`, ...one }, 'counters reset');
    this.#app.events.tell({ type: 'reset', ...one });
  }

  serverConfig(server: string, redaction?: Redaction): JsonTable | undefined {
    return serverForm(this.#manager.config, server, redaction);
  }

  dump(format: 'toml' | 'json', redaction?: Redaction): string {
    return dumpText(this.#manager.wholeConfig, format, redaction);
  }

  async putServer(...args: Parameters<Control['putServer']>): Promise<boolean> {
    return this.#manager.servers.put(...args);
  }

  async patchServer(...args: Parameters<Control['patchServer']>): Promise<void> {
    await this.#manager.servers.patch(...args);
  }

  async removeServer(...args: Parameters<Control['removeServer']>): Promise<void> {
    await this.#manager.servers.remove(...args);
  }

  async changeBackend(...args: Parameters<Control['changeBackend']>): Promise<void> {
    await this.#manager.backends.change(...args);
  }

  async addBackend(...args: Parameters<Control['addBackend']>): Promise<string> {
    return this.#manager.backends.add(...args);
  }

  async removeBackend(...args: Parameters<Control['removeBackend']>): Promise<void> {
    await this.#manager.backends.remove(...args);
  }

  async reload(by: Actor): Promise<ReloadResult> {
    return this.#manager.reload(by);
  }

  reloads(): Reloads {
    return this.#manager.reloads;
  }

  #sayKilled(change: Change): void {
    this.#auditLog.info(change, 'connections killed');
  }
}

/** `server=web client=192.0.2.` */
function matchText({ server, backend, client }: ConnectionMatch): string {
  return Object.entries({ server, backend, client })
    .flatMap(([key, value]) => (value === undefined ? [] : `${key}=${value}`))
    .join(' ');
}
