import { isAllowed, type AccessRules } from '../access/rules.ts';
import type { Cause } from '../core/cause.ts';
import type { ElectionContext } from '../core/context.ts';
import type { DialFailure, Engine, IdleTimeouts, Link } from '../core/engine.ts';
import type { Random } from '../core/random.ts';
import { Roster } from '../core/roster.ts';
import type { Candidate, Snapshot } from '../core/snapshot.ts';
import { lineOf, QueueWords } from '../ledger/queue-words.ts';
import { ThreadLedger } from '../ledger/thread-ledger.ts';
import type { AccessEntry, AccessLog } from './access-log.ts';
import { Clients, UNCOUNTED, type TooMuch } from './clients.ts';
import { Connection, type Summary } from './connection.ts';
import { Failures } from './failures.ts';
import type { FailureReport, Limits, ServerSpec } from './messages.ts';
import type { Policy } from './policy.ts';
import { Queue, type Ticket, type Waiter } from './queue.ts';
import { Scheduler } from './scheduler.ts';
import type { ThreadLog } from './thread-log.ts';

/** What a frontend is given: it makes none of its parts. */
export interface FrontendTools {
  readonly engine: Engine;
  readonly random: Random;
  readonly log: ThreadLog;
  readonly accessLog: AccessLog;
  readonly report: (report: FailureReport) => void;
}

const CLIENT_REASONS: Readonly<Record<TooMuch, string>> = {
  tooMany: 'client is at max_connections_per_client',
  tooFast: 'client is at connection_rate_per_client',
};

const REASONS: Readonly<Partial<Record<Cause, string>>> = {
  PC: 'every backend is at its max_connections',
  SC: 'no backend is available',
  PQ: 'as many clients wait as may',
  sQ: 'waited for queue_timeout',
};

/**
 * The policy of one server on one thread: whom to let in, whom to send where, what to count. Its connections walk
 * through the steps (connection.ts) and ask it at each.
 */
export class Frontend implements Policy {
  readonly name: string;
  readonly #tools: FrontendTools;
  readonly #ledger: ThreadLedger;
  readonly #scheduler: Scheduler;
  readonly #failures: Failures;
  readonly #clients: Clients;
  /** Shared with its successors and predecessors on this thread. */
  readonly queue: Queue;
  readonly #connections = new Roster<Connection>();
  readonly #context: ElectionContext = { ip: new Uint8Array(16), ipLength: 0 };
  #access: AccessRules;
  #limits: Limits;
  #idle: IdleTimeouts;
  #snapshot: Snapshot;
  #balance: ServerSpec['balance'];
  #onEmpty: (() => void) | undefined;

  /** @param queue of the same server where it has been on this thread before, and is still about */
  constructor(spec: ServerSpec, tools: FrontendTools, queue?: Queue) {
    this.name = spec.name;
    this.#tools = tools;
    this.#ledger = new ThreadLedger(spec.ledger);
    this.#scheduler = new Scheduler(this.#ledger, tools.random);
    this.#failures = new Failures(this.#ledger, (failure) => {
      tools.report({ type: 'failure', server: spec.id, ...failure });
    });
    this.#clients = new Clients(spec);
    this.queue = queue ?? newQueue(spec, tools.engine);
    this.queue.timeoutMs = spec.limits.queue.timeoutMs;
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
    this.#clients.reconfigure(spec);
    this.queue.timeoutMs = spec.limits.queue.timeoutMs;
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
    this.queue.serve();
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

  /** Cuts whoever is connected to a backend. */
  close(slot: number): void {
    for (const connection of this.#connections.members) connection.cutFrom(slot);
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

  denies(link: Link): boolean {
    if (this.#access.defaultAllow && this.#access.rules.length === 0) return false;
    link.readClientIp(this.#context);
    if (isAllowed(this.#access, this.#context)) return false;
    this.#ledger.tallyServer('denied', 1);
    return true;
  }

  admit(link: Link): number | undefined {
    if (!this.#clients.areCounted) return UNCOUNTED;
    link.readClientIp(this.#context);
    const client = this.#clients.enter(this.#context, this.now());
    if (typeof client === 'number') return client;
    this.#ledger.tallyServer(client, 1);
    this.#say(CLIENT_REASONS[client]);
    return undefined;
  }

  dismiss(client: number): void {
    this.#clients.leave(client);
  }

  enter(): boolean {
    if (this.#ledger.enterServer(this.#limits.maxConnections)) return true;
    this.#reject('server is at its max_connections');
    return false;
  }

  leave(): void {
    this.#ledger.leaveServer();
  }

  take(link: Link, client: number, tried: readonly number[]): Candidate | undefined {
    link.readClientIp(this.#context);
    const backend = this.#clients.sticks(client) ? this.#takeSticky(client, tried) : this.#take(tried);
    if (backend !== undefined && this.#scheduler.wasTrial) this.#failures.tries(link, backend);
    return backend;
  }

  giveBack(link: Link, backend: Candidate): void {
    this.#failures.left(link, backend);
    this.#scheduler.giveBack(backend.slot);
    this.queue.serve();
  }

  isUp(tried: readonly number[]): boolean {
    return this.#scheduler.isUp(tried);
  }

  get doOthersWait(): boolean {
    return this.#limits.queue.timeoutMs > 0 && !this.queue.isEmpty;
  }

  mayWait(tried: readonly number[]): boolean {
    const { timeoutMs, whenDown } = this.#limits.queue;
    return timeoutMs > 0 && (this.isUp(tried) || (whenDown && tried.length === 0));
  }

  join(waiter: Waiter, client: number): Ticket | undefined {
    if (!this.#clients.wait(client)) return undefined;
    const ticket = this.queue.join(waiter, this.#limits.queue.size);
    if (ticket === undefined) {
      this.#clients.stopWaiting(client);
      return undefined;
    }
    this.#ledger.tallyServer('queued', 1);
    this.#ledger.tallyServer('waiting', 1);
    return ticket;
  }

  lookAgain(ticket: Ticket): void {
    this.queue.lookAgain(ticket);
  }

  leaveQueue(ticket: Ticket, client: number): void {
    this.queue.leave(ticket);
    this.#clients.stopWaiting(client);
    this.#ledger.tallyServer('waiting', -1);
  }

  connected(link: Link, backend: Candidate): void {
    this.#failures.connected(link, backend);
    this.#ledger.tallyBackend(backend.slot, 'total', 1);
    if (this.#ledger.recovers(backend.slot)) {
      this.#tools.log.info('backend connects again', { server: this.name, backend: backend.key });
    }
  }

  dialFailed(link: Link, backend: Candidate, { failure, code }: { failure: DialFailure; code: string }): void {
    const fields = { server: this.name, backend: backend.key, reason: failure, code };
    if (failure === 'exhausted') {
      this.#tools.log.rarely('warn', 'backend not dialled: out of resources', fields);
      return;
    }
    this.#failures.failed(link, backend, code);
    this.#ledger.tallyBackend(backend.slot, 'refused', 1);
    if (this.#ledger.fails(backend.slot)) this.#tools.log.warn('backend connect failed', fields);
    else if (this.#tools.log.isDebug) this.#tools.log.debug('backend connect failed', fields);
  }

  resetEarly(link: Link, backend: Candidate): void {
    this.#failures.failed(link, backend, 'ECONNRESET');
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

  rejected(cause: Cause): void {
    this.#reject(REASONS[cause] ?? cause);
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

  /** Where it was before, if there is still a place; else anywhere, where it then comes back to. */
  #takeSticky(client: number, tried: readonly number[]): Candidate | undefined {
    const last = this.#clients.stuckTo(client, this.now());
    const backend = (last > 0 ? this.#scheduler.takeOne(last, tried) : undefined) ?? this.#take(tried);
    if (backend !== undefined && backend.serial !== last) this.#clients.stick(client, backend.serial, this.now());
    return backend;
  }

  #take(tried: readonly number[]): Candidate | undefined {
    const backend = this.#scheduler.take(this.#context, tried);
    if (backend !== undefined || this.#limits.queue.whenDown) return backend;
    return this.#scheduler.takeInDespair(this.#context, tried);
  }

  #reject(reason: string): void {
    this.#ledger.tallyServer('rejected', 1);
    this.#say(reason);
  }

  #say(reason: string): void {
    this.#tools.log.rarely('warn', 'client rejected', { server: this.name, reason });
  }

  #leaveIfEmpty(): void {
    if (this.#onEmpty === undefined || this.#connections.size > 0) return;
    const onEmpty = this.#onEmpty;
    this.#onEmpty = undefined;
    onEmpty();
  }
}

function newQueue({ ledger }: ServerSpec, engine: Engine): Queue {
  return new Queue(new QueueWords(ledger.queue, lineOf(engine.kind, engine.calls.seat)), engine);
}

function idleTimeouts({ clientIdleMs, backendIdleMs }: Limits): IdleTimeouts {
  return { clientMs: clientIdleMs, backendMs: backendIdleMs };
}
