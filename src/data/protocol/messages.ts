import type { AccessRules } from '../../access/rules.ts';
import type { BalanceKind } from '../../balance/registry.ts';
import type { SocketAddress } from '../../core/address.ts';
import type { ConnectionList, ConnectionMatch, ConnectionQuery } from '../../core/connection-list.ts';
import type { SharedSocket } from '../../core/engine.ts';
import type { Limits } from '../../core/limits.ts';
import type { Shortage } from '../../core/shortage.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import type { ClientMemory } from '../../ledger/client-layout.ts';
import type { LedgerMemory } from '../../ledger/layout.ts';
import type { EngineKind, EngineSetup } from '../engines/registry.ts';
import type { QueueAssignment } from './queue-directory.ts';

/** One server as a data-plane thread needs it. */
export interface ServerSpec {
  /** Stays the same while the server lives; a server that is removed and added again gets another. */
  readonly id: number;
  readonly name: string;
  readonly binds: readonly Bind[];
  /** Of the threads that it is on. */
  readonly engine: EngineKind;
  readonly balance: BalanceKind;
  readonly access: AccessRules;
  readonly limits: Limits;
  readonly ledger: LedgerMemory;
  /** Where clients are counted, or were since the server began. */
  readonly clients?: ClientMemory | undefined;
  readonly snapshot: Snapshot;
}

/** Where a server listens. */
export interface Bind {
  /** Host names are resolved already. */
  readonly address: SocketAddress;
  /** Where all threads accept from one socket. */
  readonly socket?: SharedSocket;
  /** Listens there already; the thread that has the bind owns it. */
  readonly descriptor?: number;
}

/** What a thread is to be. */
export interface ThreadOptions {
  readonly engine: EngineKind;
  readonly debug: boolean;
  readonly accessLog: AccessLogFormat | undefined;
}

/** What a thread is started with. */
export interface ThreadSetup extends ThreadOptions, EngineSetup {
  /** Of no other thread of this process, ever. */
  readonly number: number;
  readonly queue: QueueAssignment;
  /** @see ThreadCounters */
  readonly counters: SharedArrayBuffer;
}

export type AccessLogFormat = 'json' | 'text';

/**
 * From the control plane to a thread. The servers of a thread are replaced as a whole and in two steps, so that a bind
 * that fails on any thread leaves everything as it was.
 */
export type Command =
  /** Opens what is new and gets everything ready; answered by `prepared`. */
  | { readonly type: 'prepare'; readonly servers: readonly ServerSpec[] }
  /**
   * Makes what was prepared the truth; answered by `settled`. Servers that are gone stop accepting; see `retired`. Binds
   * that were handed over are closed a little later than others.
   */
  | { readonly type: 'commit'; readonly handedOver: readonly string[] }
  /** Forgets what was prepared; answered by `settled`. */
  | { readonly type: 'rollback' }
  | { readonly type: 'snapshot'; readonly server: number; readonly snapshot: Snapshot }
  | { readonly type: 'observe'; readonly debug: boolean; readonly accessLog: AccessLogFormat | undefined }
  /** Cuts the connections of a server that is retiring. */
  | { readonly type: 'cut'; readonly server: number }
  /** Cuts the connections of a backend that is down. */
  | { readonly type: 'close'; readonly server: number; readonly slot: number }
  /** Serves the queues: clients may have waited behind those of a thread that has died. */
  | { readonly type: 'serve' }
  /** Lists connections; answered by `listed`. */
  | { readonly type: 'list'; readonly request: number; readonly query: ConnectionQuery }
  /** Cuts those that match, or the one of this number; answered by `killed`. */
  | { readonly type: 'kill'; readonly request: number; readonly which: ConnectionMatch | number }
  | { readonly type: 'stop' };

/** The connections of one thread. */
export interface ThreadList extends ConnectionList {
  /** When it was made: milliseconds of the clock that all threads share (core/shared-clock.ts). */
  readonly at: number;
}

/** From a thread to the control plane. */
export type ThreadReport =
  | { readonly type: 'prepared'; readonly failures: readonly BindFailure[]; readonly listening: readonly OpenedBind[] }
  /** Binds that are not wanted any more are closed, and can be opened again. */
  | { readonly type: 'settled' }
  /** The thread elects from this snapshot, or a later one, and will never again from an earlier one. */
  | { readonly type: 'applied'; readonly server: number; readonly version: number }
  /** The last connection of a removed server ended. */
  | { readonly type: 'retired'; readonly server: number }
  /** No more than the query asks for, best first. */
  | { readonly type: 'listed'; readonly request: number; readonly list: ThreadList }
  | { readonly type: 'killed'; readonly request: number; readonly count: number }
  | FailureReport
  | ShortageReport
  | LogReport
  | { readonly type: 'access'; readonly lines: string }
  /** Everything was reported; the thread may be ended. */
  | { readonly type: 'stopped' };

/** What clients made of a backend, seen by whichever thread it was. */
export interface FailureReport {
  readonly type: 'failure';
  readonly server: number;
  readonly slot: number;
  readonly backend: string;
  /** The first failure that counts; the one by which it is ejected; tried and found to connect again. */
  readonly what: 'first' | 'ejected' | 'passed';
  /** Of the failure: `ECONNREFUSED`, … */
  readonly code: string;
}

/** What this host lacked when a backend was dialled. */
export interface ShortageReport {
  readonly type: 'shortage';
  readonly shortage: Shortage;
  /** Of the system. */
  readonly code: string;
  /** The address that was dialled, or the source address that is none of this host. */
  readonly about: string;
  /** So often since the last report. */
  readonly count: number;
}

export interface LogReport {
  readonly type: 'log';
  readonly level: ThreadLogLevel;
  readonly message: string;
  readonly fields: LogFields;
  /** It may happen to every client and on every thread. @see LogThrottle */
  readonly isThrottled: boolean;
}

export interface BindFailure {
  readonly server: string;
  readonly bind: string;
  /** `EADDRINUSE`, `EACCES`, … */
  readonly code: string;
  readonly reason: string;
  /** A bind of our own that is in the way. */
  readonly heldBy?: HeldBy | undefined;
}

export interface HeldBy {
  readonly bind: string;
  /** Whether it is wanted still. */
  readonly isStaying: boolean;
}

export interface OpenedBind {
  readonly server: string;
  /** As configured. */
  readonly bind: string;
  /** In use; the kernel's port where 0 was configured. */
  readonly address: SocketAddress;
}

export type ThreadLogLevel = 'debug' | 'info' | 'warn' | 'error';

export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[]>>;
