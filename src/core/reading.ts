import type { OrphanedOverride, BackendStatus } from './backend-status.ts';
import type { ConnectionList, ConnectionQuery } from './connection-list.ts';
import type { Events } from './events.ts';
import type { JsonTable } from './json.ts';
import type { About, HostStatus, NamesStatus, Reloads, ThreadStatus } from './process-status.ts';
import type { ServerStatus } from './server-status.ts';

/** What the running balancer tells of itself. All but the list of connections is synchronous and cheap. */
export interface Reading {
  readonly about: About;
  readonly events: Events;

  /** In the order of the configuration, without those that only drain. */
  servers(): readonly ServerStatus[];
  /** Undefined where there is none of that name. */
  server(name: string): ServerStatus | undefined;
  /**
   * The backends of a server in byte order of their keys, those included that left the list and still have connections.
   * @throws TslbError TSLB_NO_SUCH_SERVER
   */
  backends(server: string): readonly BackendStatus[];
  /** Overrides for backends that a server does not have now. @throws TslbError TSLB_NO_SUCH_SERVER */
  orphanedOverrides(server: string): readonly OrphanedOverride[];
  threads(): readonly ThreadStatus[];
  /**
   * Connections that are open now, asked of all threads: of one list after the other.
   * @throws TslbError TSLB_BUSY or TSLB_THREAD_SILENT
   */
  connections(query: ConnectionQuery): Promise<ConnectionList>;

  /** One server in gobetween's form and order of keys, defaults filled in. Undefined where there is none. */
  serverConfig(server: string, options?: Redaction): JsonTable | undefined;
  /** The whole configuration in force, as a file that can be loaded again as it is (but for what is redacted). */
  dump(format: 'toml' | 'json', options?: Redaction): string;
  /** What has become of configurations since the start, by reload and by changes at runtime. */
  reloads(): Reloads;
  /** What this host has for connections to backends, and lacks. */
  host(): HostStatus;
  /** What host names have been asked for. */
  names(): NamesStatus;
  readonly logLevel: string;
}

export interface Redaction {
  /** Whether passwords and tokens are shown; else they are `"[redacted]"`. Absent: not. */
  readonly secrets?: boolean;
}
