import type { AbsentBackend, BackendStatus } from './backend-status.ts';
import type { ConnectionList, ConnectionMatch, ConnectionQuery } from './connection-list.ts';
import type { Events } from './events.ts';
import type { JsonTable } from './json.ts';
import type { About, Reloads, ThreadStatus } from './process-status.ts';
import type { Redaction } from './reading.ts';
import type { ServerStatus } from './server-status.ts';
import type { Actor, BackendChange, PutOptions, ReloadResult } from './steering.ts';

/**
 * What those who look at the running balancer may ask of it, and ask it to do: the one door between the HTTP surfaces
 * (control/api, control/v1, control/metrics, control/stats, control/dashboard) and the rest. Reading is synchronous and cheap. What
 * changes something comes one after the other, and says so in the log with who it was.
 */
export interface Control {
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
  threads(): readonly ThreadStatus[];

  /**
   * Connections that are open now, asked of all threads: of one list after the other.
   * @throws TslbError TSLB_BUSY or TSLB_THREAD_SILENT
   */
  connections(query: ConnectionQuery): Promise<ConnectionList>;
  /** Resets one connection. @returns false when it has ended already @throws TslbError TSLB_THREAD_SILENT */
  killConnection(id: string, by: Actor): Promise<boolean>;
  /** Resets all that match. @returns how many @throws TslbError TSLB_THREAD_SILENT */
  killConnections(match: ConnectionMatch, by: Actor): Promise<number>;
  /** Counters, peaks and histograms begin at 0 again; gauges stay. @throws TslbError TSLB_NO_SUCH_SERVER */
  resetCounters(server: string | undefined, by: Actor): void;

  /** One server in gobetween's form and order of keys, defaults filled in. Undefined where there is none. */
  serverConfig(server: string, options?: Redaction): JsonTable | undefined;
  /** The whole configuration in force, as a file that can be loaded again as it is (but for what is redacted). */
  dump(format: 'toml' | 'json', options?: Redaction): string;

  /**
   * Adds a server, or replaces one, without a lost connection. Resolves when it listens.
   * @param table a server's table as a file would have it
   * @returns whether there was none of that name
   * @param options `isStrict`: whether a key that means nothing is wrong, and not ignored as in a file
   * @throws ConfigRefused when the table is wrong; TslbError TSLB_SERVER_EXISTS when `isNew` and there is one; BindError
   * and others when it cannot be opened; then nothing has changed
   */
  putServer(name: string, table: unknown, options: PutOptions, by: Actor): Promise<boolean>;
  /** Changes some keys of a server as RFC 7396 says, strictly. @throws as putServer, and TslbError TSLB_NO_SUCH_SERVER */
  patchServer(name: string, patch: unknown, by: Actor): Promise<void>;
  /**
   * Closes a server's listeners at once, and resolves when the last connection has ended.
   * @param drainMs for how long connections may go on; 0 cuts them now
   * @throws TslbError TSLB_NO_SUCH_SERVER
   */
  removeServer(name: string, options: { readonly drainMs: number }, by: Actor): Promise<void>;

  /** Overrides for backends that a server does not have now. @throws TslbError TSLB_NO_SUCH_SERVER */
  absentees(server: string): readonly AbsentBackend[];
  /**
   * Sets what holds for a backend, or for one that is absent where something does already.
   * Resolves, as do the next two, when all threads elect by it; where one does not answer that it does, they throw TslbError
   * TSLB_THREAD_SILENT, and the change holds all the same.
   * @throws TslbError TSLB_NO_SUCH_SERVER or TSLB_NO_SUCH_BACKEND, ConfigRefused
   */
  changeBackend(server: string, backend: string, change: BackendChange, by: Actor): Promise<void>;
  /**
   * Adds a backend to those that discovery finds; it stays when they change.
   * @param table `{ host, port, weight?, priority?, max_connections?, state? }`
   * @returns its key
   * @throws ConfigRefused, TslbError TSLB_NO_SUCH_SERVER, TSLB_BACKEND_EXISTS or TSLB_TOO_MANY_BACKENDS
   */
  addBackend(server: string, table: unknown, by: Actor): Promise<string>;
  /**
   * Takes a backend away, also from those that discovery finds, until it is added again. Its connections go on.
   * @throws TslbError TSLB_NO_SUCH_SERVER or TSLB_NO_SUCH_BACKEND
   */
  removeBackend(server: string, backend: string, by: Actor): Promise<void>;

  /** Reads the configuration again, as SIGHUP does. @throws ConfigRefused and what opening throws; nothing has changed then */
  reload(by: Actor): Promise<ReloadResult>;
  /** What has become of configurations since the start, by reload and by changes at runtime. */
  reloads(): Reloads;
  readonly logLevel: string;
  /** Until the next reload. @throws TslbError TSLB_LOG_LEVEL */
  setLogLevel(level: string, by: Actor): void;
}
