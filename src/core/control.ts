import type { BackendState } from './backend.ts';
import type { EngineKind } from './engine.ts';
import type { Events } from './events.ts';
import type { Health } from './healthcheck.ts';
import type { BackendTotals, ServerTotals } from './totals.ts';

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

  /** What holds by hand for backends that a server does not have now. @throws TslbError TSLB_NO_SUCH_SERVER */
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
  /** What has become of configurations since the start, by reload and by hand. */
  reloads(): Reloads;
  readonly logLevel: string;
  /** Until the next reload. @throws TslbError TSLB_LOG_LEVEL */
  setLogLevel(level: string, by: Actor): void;
}

export interface PutOptions {
  readonly isNew: boolean;
  /** Absent: not. */
  readonly isStrict?: boolean;
}

/** Who asks for a change, for the log: `api`, login and client as far as they are known. */
export interface Actor {
  readonly via: 'api' | 'page' | 'signal' | 'watch';
  readonly login?: string;
  readonly client?: string;
}

export interface Redaction {
  /** Whether passwords and tokens are shown; else they are `"[redacted]"`. Absent: not. */
  readonly secrets?: boolean;
}

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonTable;
export interface JsonTable {
  readonly [key: string]: JsonValue;
}

export interface About {
  readonly version: string;
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Of the configuration; absent where it came from elsewhere. */
  readonly configFile?: string;
  /** What `auto` is here, and why not epoll where it is not. */
  readonly engine: EngineKind;
  readonly engineReason?: string;
  /** Descriptors that the process may open; absent where the system does not tell. */
  readonly openFilesLimit?: number;
}

/** One server at this moment. */
export interface ServerStatus {
  readonly name: string;
  readonly protocol: 'tcp';
  readonly balance: string;
  readonly engine: EngineKind;
  /** As configured, and where the kernel let it listen. */
  readonly binds: readonly string[];
  readonly addresses: readonly string[];
  /** 0 is no limit. */
  readonly maxConnections: number;
  /** Clients that may wait; 0 is no limit. */
  readonly queueSize: number;
  readonly totals: ServerTotals;
  /** When it was first put into force, in milliseconds since the epoch. */
  readonly since: number;
}

/** What keeps a backend from getting clients. `unlisted`: it is not on the list any more. */
export type Obstacle = 'unlisted' | 'unresolved' | 'draining' | 'disabled' | 'down' | 'ejected';

/** One backend at this moment. */
export interface BackendStatus {
  /** `host:port`, by which it is named. */
  readonly key: string;
  /** The parts of the key; a unix socket has its path as host and an empty port. */
  readonly host: string;
  readonly port: string;
  readonly state: BackendState;
  readonly isStateByHand: boolean;
  /** Why it gets no clients; absent where it does. */
  readonly obstacle?: Obstacle;
  /** Absent while it is not checked. */
  readonly health?: Health;
  /** Milliseconds until one client may try the backend that was ejected, 0 from then on; absent where it is not. */
  readonly probeInMs?: number;
  /** Connections that it holds now. */
  readonly active: number;
  readonly priority: number;
  /** In force: by hand, or as the list says. */
  readonly weight: number;
  /** In force: by hand, or as the list says; 0 is no limit. */
  readonly maxConnections: number;
  readonly isWeightByHand: boolean;
  readonly isMaxConnectionsByHand: boolean;
  /** Whether it was added by hand. */
  readonly isAdded: boolean;
  /** How much of its weight and limit is in force: below 1 while it starts slowly. */
  readonly share: number;
  readonly totals: BackendTotals;
  /** When it last began or ceased to get clients, and when it was first listed; milliseconds since the epoch. */
  readonly changedAt: number;
  readonly since: number;
  /** How often it went down or was ejected. */
  readonly downs: number;
}

/** What holds by hand for a backend that its server does not have, for when it has it again. */
export interface AbsentBackend {
  readonly key: string;
  readonly state?: BackendState;
  readonly weight?: number;
  readonly maxConnections?: number;
}

/** What is in force for a backend by hand; null takes it back, absent leaves it. */
export interface BackendChange {
  readonly state?: BackendState | null;
  readonly weight?: number | null;
  readonly maxConnections?: number | null;
}

export interface ThreadStatus {
  readonly number: number;
  readonly engine: EngineKind;
  /** Connections that it holds now. */
  readonly connections: number;
  /** Connections that it was given ever. */
  readonly accepted: number;
}

export interface ConnectionMatch {
  /** Absent: of all. */
  readonly server?: string | undefined;
  /** The key of a backend. */
  readonly backend?: string | undefined;
  /** The start of the client's text: `192.0.2.` */
  readonly client?: string | undefined;
}

export interface ConnectionQuery extends ConnectionMatch {
  readonly sort: 'age' | 'rx' | 'tx';
  /** So many of the top, at most 1000. */
  readonly limit: number;
}

export interface ConnectionList {
  /** Of all that match. */
  readonly total: number;
  readonly connections: readonly ConnectionStatus[];
}

export type ConnectionStage = 'queued' | 'connecting' | 'connected';

export interface ConnectionStatus {
  /** Of no other connection of this process. */
  readonly id: string;
  readonly server: string;
  readonly client: string;
  /** Absent while it has none. */
  readonly backend?: string;
  readonly stage: ConnectionStage;
  readonly ageMs: number;
  readonly queueMs: number;
  /** As its thread has last heard of them: about a second old while bytes flow. */
  readonly rxBytes: number;
  readonly txBytes: number;
  /** Backends whose dial failed, in order. */
  readonly tried: readonly string[];
}

export interface ReloadResult {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
  /** One line each. */
  readonly warnings: readonly string[];
}

export interface Reloads {
  /** Configurations that were put into force after the first one. */
  readonly count: number;
  /** Since when the one in force is; milliseconds since the epoch. */
  readonly at: number;
  /** Reloads that could not be, for what is wrong with the file or cannot be opened. */
  readonly failed: number;
  /** Whether the last reload was one of them. */
  readonly hasFailed: boolean;
}
