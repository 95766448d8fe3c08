import { isAllowed, type AccessRules } from '../access/rules.ts';
import type { Cause } from '../core/cause.ts';
import type { ElectionContext } from '../core/context.ts';
import type { DialFailure, Engine, IdleTimeouts, Link } from '../core/engine.ts';
import type { Random } from '../core/random.ts';
import { Roster } from '../core/roster.ts';
import type { Candidate, Snapshot } from '../core/snapshot.ts';
import { ThreadLedger } from '../ledger/thread-ledger.ts';
import type { AccessEntry, AccessLog } from './access-log.ts';
import { Connection, type Policy, type Summary } from './connection.ts';
import type { Limits, ServerSpec } from './messages.ts';
import { Scheduler } from './scheduler.ts';
import type { ThreadLog } from './thread-log.ts';

/** What a frontend is given: it makes none of its parts. */
export interface FrontendTools {
  readonly engine: Engine;
  readonly random: Random;
  readonly log: ThreadLog;
  readonly accessLog: AccessLog;
}

/**
 * The policy of one server on one thread: whom to let in, whom to send where, what to count. Its connections walk
 * through the steps (connection.ts) and ask it at each.
 */
export class Frontend implements Policy {
  readonly name: string;
  readonly #tools: FrontendTools;
  readonly #ledger: ThreadLedger;
  readonly #scheduler: Scheduler;
  readonly #connections = new Roster<Connection>();
  readonly #context: ElectionContext = { ip: new Uint8Array(16), ipLength: 0 };
  #access: AccessRules;
  #limits: Limits;
  #idle: IdleTimeouts;
  #snapshot: Snapshot;
  #balance: ServerSpec['balance'];
  #onEmpty: (() => void) | undefined;

  constructor(spec: ServerSpec, tools: FrontendTools) {
    this.name = spec.name;
    this.#tools = tools;
    this.#ledger = new ThreadLedger(spec.ledger);
    this.#scheduler = new Scheduler(this.#ledger, tools.random);
    this.#access = spec.access;
    this.#limits = spec.limits;
    this.#idle = idleTimeouts(spec.limits);
    this.#balance = spec.balance;
    this.#snapshot = spec.snapshot;
    this.#scheduler.prepare(spec.snapshot, spec.balance);
  }

  /** Follows a changed configuration; connections that are open keep the timeouts they began with. */
  reconfigure(spec: ServerSpec): void {
    this.#access = spec.access;
    this.#limits = spec.limits;
    this.#idle = idleTimeouts(spec.limits);
    this.follow(spec.snapshot);
    if (this.#balance === spec.balance) return;
    this.#balance = spec.balance;
    this.#scheduler.prepare(this.#snapshot, spec.balance);
  }

  /** Elects from this snapshot from now on, unless a later one came before it. */
  follow(snapshot: Snapshot): void {
    if (snapshot.version <= this.#snapshot.version) return;
    this.#snapshot = snapshot;
    this.#scheduler.prepare(snapshot, this.#balance);
  }

  /** Of the snapshot in force. */
  get version(): number {
    return this.#snapshot.version;
  }

  accepted(link: Link): void {
    this.#ledger.tallyServer('accepted', 1);
    const connection = new Connection(this, link);
    this.#connections.add(connection);
    connection.begin();
  }

  paused(reason: string): void {
    this.#tools.log.rarely('warn', 'accepting pauses: out of resources', { server: this.name, reason });
  }

  turnedAway(reason: string): void {
    this.#ledger.tallyServer('turnedAway', 1);
    this.#ledger.tallyCause('RC');
    this.#tools.log.rarely('warn', 'client turned away: out of resources', { server: this.name, reason });
  }

  /** No more clients will come. @param onEmpty called once, when the last connection has ended; perhaps at once */
  retire(onEmpty: () => void): void {
    this.#onEmpty = onEmpty;
    this.#leaveIfEmpty();
  }

  cut(): void {
    for (const connection of this.#connections.members) connection.kill();
  }

  // What a connection asks and tells.

  now(): number {
    return this.#tools.engine.now();
  }

  get retries(): number {
    return this.#limits.retries;
  }

  get connectTimeoutMs(): number {
    return this.#limits.connectTimeoutMs;
  }

  get idleTimeouts(): IdleTimeouts {
    return this.#idle;
  }

  get hasCandidates(): boolean {
    return this.#scheduler.hasCandidates;
  }

  denies(link: Link): boolean {
    if (this.#access.defaultAllow && this.#access.rules.length === 0) return false;
    link.readClientIp(this.#context);
    if (isAllowed(this.#access, this.#context)) return false;
    this.#ledger.tallyServer('denied', 1);
    return true;
  }

  enter(): boolean {
    if (this.#ledger.enterServer(this.#limits.maxConnections)) return true;
    this.#rejected('server is at its max_connections');
    return false;
  }

  leave(): void {
    this.#ledger.leaveServer();
  }

  take(link: Link, tried: readonly number[]): Candidate | undefined {
    link.readClientIp(this.#context);
    const backend = this.#scheduler.take(this.#context, tried);
    if (backend === undefined && tried.length === 0) {
      this.#rejected(this.hasCandidates ? 'every backend is at its max_connections' : 'no backend is available');
    }
    return backend;
  }

  giveBack(backend: Candidate): void {
    this.#scheduler.giveBack(backend.slot);
  }

  connected(backend: Candidate): void {
    this.#ledger.tallyBackend(backend.slot, 'total', 1);
    if (this.#ledger.recovers(backend.slot)) {
      this.#tools.log.info('backend connects again', { server: this.name, backend: backend.key });
    }
  }

  dialFailed(backend: Candidate, failure: DialFailure, code: string): void {
    const fields = { server: this.name, backend: backend.key, reason: failure, code };
    if (failure === 'exhausted') {
      this.#tools.log.rarely('warn', 'backend not dialled: out of resources', fields);
      return;
    }
    this.#ledger.tallyBackend(backend.slot, 'refused', 1);
    if (this.#ledger.fails(backend.slot)) this.#tools.log.warn('backend connect failed', fields);
    else if (this.#tools.log.isDebug) this.#tools.log.debug('backend connect failed', fields);
  }

  retried(backend: Candidate): void {
    this.#ledger.tallyServer('retried', 1);
    this.#ledger.tallyBackend(backend.slot, 'retried', 1);
  }

  moved(backend: Candidate, rxBytes: number, txBytes: number): void {
    this.#ledger.tallyServer('rx', rxBytes);
    this.#ledger.tallyServer('tx', txBytes);
    this.#ledger.tallyBackend(backend.slot, 'rx', rxBytes);
    this.#ledger.tallyBackend(backend.slot, 'tx', txBytes);
  }

  finished(connection: Connection, cause: Cause): void {
    this.#ledger.tallyCause(cause);
    const { accessLog, log } = this.#tools;
    if (accessLog.isOn || log.isDebug) {
      const entry = this.#entry(connection.summary(), cause);
      accessLog.add(entry);
      log.debug('connection ended', { ...entry, backend: entry.backend ?? '-' });
    }
    this.#connections.delete(connection);
    this.#leaveIfEmpty();
  }

  #entry(summary: Summary, cause: Cause): AccessEntry {
    return {
      server: this.name,
      ...summary,
      backend: summary.backend?.key,
      cause,
      serverActive: this.#ledger.serverActive(),
      backendActive: summary.backend === undefined ? 0 : this.#ledger.active(summary.backend.slot),
    };
  }

  #rejected(reason: string): void {
    this.#ledger.tallyServer('rejected', 1);
    this.#tools.log.rarely('warn', 'client rejected', { server: this.name, reason });
  }

  #leaveIfEmpty(): void {
    if (this.#onEmpty === undefined || this.#connections.size > 0) return;
    const onEmpty = this.#onEmpty;
    this.#onEmpty = undefined;
    onEmpty();
  }
}

function idleTimeouts({ clientIdleMs, backendIdleMs }: Limits): IdleTimeouts {
  return { clientMs: clientIdleMs, backendMs: backendIdleMs };
}
