import type { BackendState } from './backend.ts';
import type { ConnectionMatch } from './connection-list.ts';

/**
 * What can be changed while tslb runs, each kind of thing for itself. Changes of the configuration come one after the
 * other. Every change names its operator in the log.
 */
export interface Steering {
  readonly servers: ServerSteering;
  readonly backends: BackendSteering;
  readonly connections: ConnectionSteering;
  readonly counters: CounterSteering;
  readonly logLevel: LogLevelSteering;
  readonly configuration: ConfigurationSteering;
}

export interface ServerSteering {
  /**
   * Adds a server, or replaces one, without a lost connection. Resolves when it listens.
   * @param table a server's table as a file would have it
   * @returns whether there was none of that name
   * @throws ConfigRefused when the table is wrong; TslbError TSLB_SERVER_EXISTS when `isNew` and there is one; BindError
   * and others when it cannot be opened; then nothing has changed
   */
  put(name: string, table: unknown, options: PutOptions, by: Actor): Promise<boolean>;
  /** Changes some keys of a server as RFC 7396 says, strictly. @throws as put, and TslbError TSLB_NO_SUCH_SERVER */
  patch(name: string, patch: unknown, by: Actor): Promise<void>;
  /**
   * Closes a server's listeners at once, and resolves when the last connection has ended.
   * @param options `drainMs`: for how long connections may go on; 0 cuts them now
   * @throws TslbError TSLB_NO_SUCH_SERVER
   */
  remove(name: string, options: { readonly drainMs: number }, by: Actor): Promise<void>;
}

export interface PutOptions {
  /** Whether a server of that name must not be there yet. */
  readonly isNew: boolean;
  /** Whether a key that has no effect is wrong, and not ignored as in a file. Absent: not. */
  readonly isStrict?: boolean;
}

/**
 * Each change resolves when all threads elect by it. Where a thread does not answer that it does, it throws TslbError
 * TSLB_THREAD_SILENT, and the change holds all the same.
 */
export interface BackendSteering {
  /**
   * Sets what holds for a backend, or for one that is absent where something does already.
   * @throws TslbError TSLB_NO_SUCH_SERVER or TSLB_NO_SUCH_BACKEND, ConfigRefused
   */
  change(server: string, backend: string, change: BackendChange, by: Actor): Promise<void>;
  /**
   * Adds a backend to those that discovery finds; it stays when they change.
   * @param table `{ host, port, weight?, priority?, max_connections?, state? }`
   * @returns its key
   * @throws ConfigRefused, TslbError TSLB_NO_SUCH_SERVER, TSLB_BACKEND_EXISTS or TSLB_TOO_MANY_BACKENDS
   */
  add(server: string, table: unknown, by: Actor): Promise<string>;
  /**
   * Takes a backend away, also from those that discovery finds, until it is added again. Its connections go on.
   * @throws TslbError TSLB_NO_SUCH_SERVER or TSLB_NO_SUCH_BACKEND
   */
  remove(server: string, backend: string, by: Actor): Promise<void>;
}

/** Overrides of a backend; null clears one, absent leaves it. */
export interface BackendChange {
  readonly state?: BackendState | null;
  readonly weight?: number | null;
  readonly maxConnections?: number | null;
}

export interface ConnectionSteering {
  /** Resets one connection. @returns false when it has ended already @throws TslbError TSLB_THREAD_SILENT */
  kill(id: string, by: Actor): Promise<boolean>;
  /** Resets all that match. @returns how many @throws TslbError TSLB_THREAD_SILENT */
  killAll(match: ConnectionMatch, by: Actor): Promise<number>;
}

export interface CounterSteering {
  /**
   * Counters, peaks and histograms begin at 0 again; gauges stay.
   * @param server undefined: of all servers
   * @throws TslbError TSLB_NO_SUCH_SERVER
   */
  reset(server: string | undefined, by: Actor): void;
}

export interface LogLevelSteering {
  /** Until the next reload. @throws TslbError TSLB_LOG_LEVEL */
  set(level: string, by: Actor): void;
}

export interface ConfigurationSteering {
  /**
   * Reads the configuration again, as SIGHUP does.
   * @throws ConfigRefused and what opening throws; nothing has changed then
   */
  reload(by: Actor): Promise<ReloadResult>;
}

/** The operator of a change, for the log: `api`, login and client as far as they are known. */
export interface Actor {
  readonly via: 'api' | 'page' | 'signal' | 'watch';
  readonly login?: string;
  readonly client?: string;
}

export interface ReloadResult {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
  /** One line each. */
  readonly warnings: readonly string[];
}
