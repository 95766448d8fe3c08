import { isAllowed, type AccessRules } from '../../access/rules.ts';
import type { Cause } from '../../core/cause.ts';
import type { ElectionContext } from '../../core/context.ts';
import type { DialFailure, Engine, IdleTimeouts, Link } from '../../core/engine.ts';
import type { Limits } from '../../core/limits.ts';
import type { Random } from '../../core/random.ts';
import { Roster } from '../../core/roster.ts';
import type { Candidate, Snapshot } from '../../core/snapshot.ts';
import { QueueWords } from '../../ledger/queue-words.ts';
import { ThreadLedger } from '../../ledger/thread-ledger.ts';
import type { Census } from '../protocol/census.ts';
import type { FailureReport, ServerSpec } from '../protocol/messages.ts';
import type { QueueDirectory } from '../protocol/queue-directory.ts';
import type { ThreadLog } from '../protocol/thread-log.ts';
import type { AccessLog } from './access-log.ts';
import { Clients, UNCOUNTED } from './clients.ts';
import { Connection } from './connection.ts';
import { Failures } from './failures.ts';
import { Journal } from './journal.ts';
import { Picker } from './picker.ts';
import type { Policy } from './policy.ts';
import { Queue, type Ticket, type Waiter } from './queue.ts';

/** What a frontend is given: it makes none of its parts. */
export interface FrontendTools {
  readonly engine: Engine;
  readonly random: Random;
  readonly log: ThreadLog;
  readonly accessLog: AccessLog;
  readonly census: Census;
  readonly queues: QueueDirectory;
  readonly report: (report: FailureReport) => void;
}

/**
 * The policy of one server on one thread: whom to let in, whom to send where, what to count. Its connections walk
 * through the steps (connection.ts) and ask it at each.
 */
export class Frontend implements Policy {
  readonly name: string;
  readonly #engine: Engine;
  readonly #census: Census;
  readonly #journal: Journal;
  readonly #ledger: ThreadLedger;
  readonly #picker: Picker;
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
    this.#engine = tools.engine;
    this.#census = tools.census;
    this.#ledger = new ThreadLedger(spec.ledger);
    this.#journal = new Journal(spec.name, { ...tools, ledger: this.#ledger });
    this.#failures = new Failures(this.#ledger, (failure) => {
      tools.report({ type: 'failure', server: spec.id, ...failure });
    });
    this.#clients = new Clients(spec, () => tools.engine.now());
    this.#picker = new Picker({
      ledger: this.#ledger,
      random: tools.random,
      clients: this.#clients,
      failures: this.#failures,
    });
    this.queue = queue ?? newQueue(spec, tools);
    this.queue.timeoutMs = spec.limits.queue.timeoutMs;
    this.#access = spec.access;
    this.#limits = spec.limits;
    this.#idle = idleTimeouts(spec.limits);
    this.#balance = spec.balance;
    this.#snapshot = spec.snapshot;
    this.#picker.reconfigure(spec.limits);
    this.#picker.prepare(spec.snapshot, spec.balance);
  }

  /** Follows a changed configuration; connections that are open keep the timeouts they began with. */
  reconfigure(spec: ServerSpec): void {
    this.#access = spec.access;
    this.#limits = spec.limits;
    this.#idle = idleTimeouts(spec.limits);
    this.#clients.reconfigure(spec);
    this.#picker.reconfigure(spec.limits);
    this.queue.timeoutMs = spec.limits.queue.timeoutMs;
    this.follow(spec.snapshot);
    if (this.#balance === spec.balance) return;
    this.#balance = spec.balance;
    this.#picker.prepare(this.#snapshot, spec.balance);
  }

  /** Elects from this snapshot from now on, unless a later one came before it. */
  follow(snapshot: Snapshot): void {
    if (snapshot.version <= this.#snapshot.version) return;
    this.#snapshot = snapshot;
    this.#picker.prepare(snapshot, this.#balance);
    this.queue.serve();
  }

  /** Of the snapshot in force. */
  get version(): number {
    return this.#snapshot.version;
  }

  accepted(link: Link): void {
    this.#journal.accepted();
    const connection = new Connection(this, link, this.#census.arrive());
    this.#connections.add(connection);
    connection.begin();
  }

  /** That have not ended. */
  get connections(): readonly Connection[] {
    return this.#connections.members;
  }

  paused(reason: string): void {
    this.#journal.paused(reason);
  }

  turnedAway(reason: string): void {
    this.#journal.turnedAway(reason);
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
    return this.#engine.now();
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
    this.#journal.denied();
    return true;
  }

  admit(link: Link): number | undefined {
    if (!this.#clients.areCounted) return UNCOUNTED;
    link.readClientIp(this.#context);
    const client = this.#clients.enter(this.#context);
    if (typeof client === 'number') return client;
    this.#journal.limited(client);
    return undefined;
  }

  dismiss(client: number): void {
    this.#clients.leave(client);
  }

  enter(): boolean {
    if (this.#ledger.enterServer(this.#limits.maxConnections)) return true;
    this.#journal.serverIsFull();
    return false;
  }

  leave(): void {
    this.#ledger.leaveServer();
  }

  take(link: Link, client: number, tried: readonly Candidate[]): Candidate | undefined {
    return this.#picker.elect(link, client, tried);
  }

  giveBack(link: Link, backend: Candidate): void {
    this.#picker.giveBack(link, backend);
    this.queue.serve();
  }

  isUp(tried: readonly Candidate[]): boolean {
    return this.#picker.isUp(tried);
  }

  get doOthersWait(): boolean {
    return this.#limits.queue.timeoutMs > 0 && !this.queue.isEmpty;
  }

  mayWait(tried: readonly Candidate[]): boolean {
    const { timeoutMs, whenDown } = this.#limits.queue;
    return timeoutMs > 0 && (this.isUp(tried) || (whenDown && tried.length === 0));
  }

  join(waiter: Waiter, client: number, before: Ticket | undefined): Ticket | undefined {
    if (!this.#clients.wait(client)) return undefined;
    if (before !== undefined) {
      this.queue.rejoin(before);
      this.#journal.waitsAgain();
      return before;
    }
    const ticket = this.queue.join(waiter, this.#limits.queue.size);
    if (ticket === undefined) this.#clients.stopWaiting(client);
    else this.#journal.waits();
    return ticket;
  }

  lookAgain(ticket: Ticket): void {
    this.queue.lookAgain(ticket);
  }

  leaveQueue(ticket: Ticket, client: number): void {
    this.queue.leave(ticket);
    this.#clients.stopWaiting(client);
    this.#journal.waitsNoMore();
  }

  connected(link: Link, backend: Candidate, tookTenths: number): void {
    this.#failures.connected(link, backend);
    this.#journal.connected(backend, tookTenths);
  }

  dialFailed(link: Link, backend: Candidate, why: { readonly failure: DialFailure; readonly code: string }): void {
    // A want of our own says nothing about the backend.
    if (why.failure !== 'exhausted') this.#failures.failed(link, backend, why.code);
    this.#journal.dialFailed(backend, why);
  }

  resetEarly(link: Link, backend: Candidate): void {
    this.#failures.failed(link, backend, 'ECONNRESET');
  }

  retried(backend: Candidate): void {
    this.#journal.retried(backend);
  }

  moved(backend: Candidate, rxBytes: number, txBytes: number): void {
    this.#journal.moved(backend, rxBytes, txBytes);
  }

  rejected(cause: Cause): void {
    this.#journal.rejected(cause);
  }

  waited(tenths: number): void {
    this.#journal.waited(tenths);
  }

  served(tenths: number, bytes: number): void {
    this.#journal.served(tenths, bytes);
  }

  finished(connection: Connection, cause: Cause): void {
    this.#journal.finished(connection, cause);
    this.#census.leave();
    this.#connections.delete(connection);
    this.#leaveIfEmpty();
  }

  #leaveIfEmpty(): void {
    if (this.#onEmpty === undefined || this.#connections.size > 0) return;
    const onEmpty = this.#onEmpty;
    this.#onEmpty = undefined;
    onEmpty();
  }
}

function newQueue({ ledger }: ServerSpec, { engine, queues }: FrontendTools): Queue {
  return new Queue(new QueueWords(ledger.queue, queues.own), queues, engine);
}

function idleTimeouts({ clientIdleMs, backendIdleMs }: Limits): IdleTimeouts {
  return { clientMs: clientIdleMs, backendMs: backendIdleMs };
}
