import type { OrphanedOverride, BackendStatus } from '../core/backend-status.ts';
import type { Clock } from '../core/clock.ts';
import type { ConnectionList, ConnectionQuery } from '../core/connection-list.ts';
import type { Events } from '../core/events.ts';
import type { JsonTable } from '../core/json.ts';
import type { About, HostStatus, NamesStatus, Reloads, ThreadStatus } from '../core/process-status.ts';
import type { Reading, Redaction } from '../core/reading.ts';
import type { ServerStatus } from '../core/server-status.ts';
import type { ActiveConfig } from './changes/active-config.ts';
import { overridesOf } from './changes/overlay.ts';
import { configWithOverrides } from './changes/override-tables.ts';
import type { ReloadRequests } from './changes/reload-requests.ts';
import { dumpText } from './config/dump.ts';
import { serverForm } from './config/server-form.ts';
import { aboutProcess, type Identity } from './runtime/about.ts';
import type { App } from './runtime/app.ts';
import { serverStatus } from './runtime/server-status.ts';

export interface LiveReadingParts {
  readonly app: App;
  readonly activeConfig: ActiveConfig;
  readonly reloads: ReloadRequests;
  readonly clock: Clock;
  readonly identity: Identity;
}

/** The running balancer, as it is at the moment of each question. */
export class LiveReading implements Reading {
  readonly about: About;
  readonly events: Events;
  readonly #app: App;
  readonly #activeConfig: ActiveConfig;
  readonly #reloads: ReloadRequests;

  constructor({ app, activeConfig, reloads, clock, identity }: LiveReadingParts) {
    this.about = aboutProcess(identity, clock);
    this.events = app.events;
    this.#app = app;
    this.#activeConfig = activeConfig;
    this.#reloads = reloads;
  }

  servers(): readonly ServerStatus[] {
    return this.#app.servers.map((server) => serverStatus(server, this.#app.listeners));
  }

  server(name: string): ServerStatus | undefined {
    const server = this.#app.findServer(name);
    return server === undefined ? undefined : serverStatus(server, this.#app.listeners);
  }

  backends(server: string): readonly BackendStatus[] {
    return this.#app.server(server).backends();
  }

  orphanedOverrides(server: string): readonly OrphanedOverride[] {
    const running = this.#app.server(server);
    const { changed } = overridesOf(this.#activeConfig.current.overlay, server);
    return [...changed].filter(([key]) => !running.has(key)).map(([key, override]) => ({ key, ...override }));
  }

  threads(): readonly ThreadStatus[] {
    return this.#app.plane.threadStatuses();
  }

  async connections(query: ConnectionQuery): Promise<ConnectionList> {
    return this.#app.plane.connections(query);
  }

  serverConfig(server: string, redaction?: Redaction): JsonTable | undefined {
    return serverForm(this.#activeConfig.current.config, server, redaction);
  }

  dump(format: 'toml' | 'json', redaction?: Redaction): string {
    const { config, overlay } = this.#activeConfig.current;
    return dumpText(configWithOverrides(config, overlay), format, redaction);
  }

  reloads(): Reloads {
    return this.#reloads.status;
  }

  host(): HostStatus {
    return this.#app.host;
  }

  names(): NamesStatus {
    return this.#app.names;
  }

  get logLevel(): string {
    return this.#app.logLevel;
  }
}
