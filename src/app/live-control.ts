import type {
  About,
  Actor,
  BackendStatus,
  ConnectionList,
  Control,
  JsonTable,
  ReloadResult,
  ServerStatus,
  ThreadStatus,
} from '../core/control.ts';
import type { Clock } from '../core/clock.ts';
import { TslbError } from '../core/errors.ts';
import type { Events } from '../core/events.ts';
import { LOG_LEVELS } from '../log/level.ts';
import { aboutProcess, type Identity } from './about.ts';
import type { App } from './app.ts';
import { serverStatus } from './server-status.ts';

export interface LiveControlParts {
  readonly app: App;
  readonly clock: Clock;
  readonly identity: Identity;
}

/** The running balancer for those who look at it and steer it. */
export class LiveControl implements Control {
  readonly about: About;
  readonly #app: App;

  constructor({ app, clock, identity }: LiveControlParts) {
    this.#app = app;
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

  threads(): readonly ThreadStatus[] {
    return [];
  }

  get logLevel(): string {
    return this.#app.logLevel;
  }

  setLogLevel(level: string, _by: Actor): void {
    const known = LOG_LEVELS.find((each) => each === level);
    if (known === undefined) {
      throw new TslbError('TSLB_LOG_LEVEL', `there is no log level ${level}; there are ${LOG_LEVELS.join(', ')}`);
    }
    this.#app.setLogLevel(known);
  }

  connections(): Promise<ConnectionList> {
    return notYet();
  }

  killConnection(): Promise<boolean> {
    return notYet();
  }

  killConnections(): Promise<number> {
    return notYet();
  }

  resetCounters(): void {
    void notYet();
  }

  serverConfig(): JsonTable | undefined {
    return undefined;
  }

  dump(): string {
    return '';
  }

  putServer(): Promise<void> {
    return notYet();
  }

  patchServer(): Promise<void> {
    return notYet();
  }

  removeServer(): Promise<void> {
    return notYet();
  }

  changeBackend(): Promise<void> {
    return notYet();
  }

  addBackend(): Promise<string> {
    return notYet();
  }

  removeBackend(): Promise<void> {
    return notYet();
  }

  reload(): Promise<ReloadResult> {
    return notYet();
  }
}

async function notYet(): Promise<never> {
  throw new Error('follows within the hour');
}
