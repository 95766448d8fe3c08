import type { DatagramDrop, DatagramHeader, DatagramPair, OneWay } from '../../core/datagrams.ts';
import type { Engine, ProxiedPair } from '../../core/engine.ts';
import type { SilentAddresses } from '../../core/happy-eyeballs.ts';
import type { Random } from '../../core/random.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { UnorderedList, type ListItem } from '../../core/unordered-list.ts';
import { QueueWords } from '../../ledger/queue-words.ts';
import { ThreadLedger } from '../../ledger/thread-ledger.ts';
import type { FailureReport, ServerSpec } from '../protocol/messages.ts';
import type { QueueDirectory } from '../protocol/queue-directory.ts';
import type { ShortageReports } from '../protocol/shortage-reports.ts';
import type { ThreadCounters } from '../protocol/thread-counters.ts';
import type { ThreadLog } from '../protocol/thread-log.ts';
import type { AccessLog } from './access-log.ts';
import { Clients } from './clients.ts';
import { Connection } from './connection.ts';
import { DatagramConnection } from './datagram-connection.ts';
import { ProxiedDatagrams } from './datagram-header.ts';
import { OneWayForwarding } from './one-way.ts';
import { OutlierDetection } from './outlier-detection.ts';
import { Picker } from './picker.ts';
import { NOTHING_KNOWN, SessionRecorder } from './recorder.ts';
import type { ServerParts, Step } from './session.ts';
import { ServerSettings } from './settings.ts';
import { ThreadQueue } from './thread-queue.ts';
import { WaitQueue } from './wait-queue.ts';

/** After so long without a datagram a session of a server that drains is over, where it awaits no answer. */
const QUIET_MS = 5_000;

/** What the frontends of a thread share. */
export interface FrontendTools {
  readonly engine: Engine;
  readonly random: Random;
  readonly log: ThreadLog;
  readonly accessLog: AccessLog;
  readonly shortages: ShortageReports;
  /** Addresses of backends that did not answer. */
  readonly silent: SilentAddresses;
  readonly counters: ThreadCounters;
  readonly queues: QueueDirectory;
  /** What each client passes between the accept and the election of a backend. */
  readonly steps: readonly Step[];
  readonly report: (report: FailureReport) => void;
}

/**
 * One server on one thread: its configuration, the snapshot it elects from, and its connections.
 *
 * A connection begins when an engine calls `accepted` with a pair: the client's socket and, later, the backend's. It
 * takes its steps (steps/steps.ts): the access rules, the limits of its client, the server's own limit; each lets it
 * go on, makes it wait, or closes it. Then a backend is elected (picker.ts): the one that its client sticks to, or the
 * one that the strategy says, of those that have room (capacity.ts), where a place is reserved in the same step. Its
 * addresses are dialled (attempt.ts, race.ts) from an address of this host (sources.ts), and after a failure another
 * backend, which is noted against the first (outlier-detection.ts). Where no backend has room the client waits (wait-queue.ts), in the order in which
 * clients came to any thread (thread-queue.ts), until its turn or its timeout. Once a backend is connected the engine
 * moves the bytes and tells how many. When both sockets are closed the pair says so once: the place at the backend and
 * what the steps took are given back, and cause, bytes and times are recorded (end-cause.ts, recorder.ts, access-log.ts).
 *
 *     connection.ts   tells this, one method for each event
 *     session.ts      what steps and attempts see of a connection, and of its server: parts, one object for all
 *     settings.ts     the options in force
 *     clients.ts      what is known of each client: connections, rate, waits, the backend it sticks to
 *
 * All of it is called by the engine and by commands, and returns at once: nothing here waits, and nothing is made for
 * each chunk of bytes.
 */
export class Frontend {
  readonly name: string;
  /** Shared with its successors and predecessors on this thread. */
  readonly queue: ThreadQueue;
  readonly #counters: ThreadCounters;
  readonly #parts: ServerParts;
  readonly #oneWay: OneWay;
  readonly #proxied: ProxiedDatagrams;
  readonly #connections = new UnorderedList<Connection>();
  #snapshot: Snapshot;
  #balance: ServerSpec['balance'];
  #onEmpty: (() => void) | undefined;
  #drain: { cancel(): void } | undefined;

  /** @param queue of the same server where it has been on this thread before, and is still about */
  constructor(spec: ServerSpec, tools: FrontendTools, queue?: ThreadQueue) {
    const ledger = new ThreadLedger(spec.ledger);
    const settings = new ServerSettings(spec);
    const recorder = new SessionRecorder(spec.name, { ...tools, ledger });
    const outliers = new OutlierDetection(ledger, tools.engine, (failure) => {
      tools.report({ type: 'failure', server: spec.id, ...failure });
    });
    const clients = new Clients(spec, () => tools.engine.now());
    const picker = new Picker({ ledger, random: tools.random, clients, outliers, settings });
    this.name = spec.name;
    this.queue = queue ?? newQueue(spec, tools);
    this.#counters = tools.counters;
    this.#parts = Object.freeze<ServerParts>({
      name: spec.name,
      clock: tools.engine,
      silent: tools.silent,
      settings,
      ledger,
      clients,
      picker,
      waitQueue: new WaitQueue({ settings, queue: this.queue, clients, picker, recorder }),
      outliers,
      recorder,
      steps: tools.steps,
      left: (connection) => this.#left(connection),
    });
    this.#oneWay = new OneWayForwarding(this.#parts);
    this.#proxied = new ProxiedDatagrams(settings);
    this.#balance = spec.balance;
    this.#snapshot = spec.snapshot;
    picker.prepare(spec.snapshot, spec.balance);
  }

  /** Goes by a changed configuration; connections that are open keep the timeouts they began with. */
  reconfigure(spec: ServerSpec): void {
    const { settings, clients, picker, waitQueue } = this.#parts;
    settings.reconfigure(spec);
    clients.reconfigure(spec);
    waitQueue.reconfigure();
    this.apply(spec.snapshot);
    if (this.#balance === spec.balance) return;
    this.#balance = spec.balance;
    picker.prepare(this.#snapshot, spec.balance);
  }

  /** Elects from this snapshot from now on, unless a later one came before it. */
  apply(snapshot: Snapshot): void {
    if (snapshot.version <= this.#snapshot.version) return;
    this.#snapshot = snapshot;
    this.#parts.picker.prepare(snapshot, this.#balance);
    this.queue.serve();
  }

  /** Of the snapshot in force. */
  get version(): number {
    return this.#snapshot.version;
  }

  accepted(pair: ProxiedPair): void {
    this.#begin(new Connection(this.#parts, pair, this.#counters.arrive()));
  }

  /** A client's first datagram. */
  acceptedDatagram(pair: DatagramPair): void {
    this.#begin(new DatagramConnection(this.#parts, pair, this.#counters.arrive()));
  }

  /** @see DatagramAcceptor */
  get header(): DatagramHeader | undefined {
    return this.#proxied.isWanted ? this.#proxied : undefined;
  }

  /** While no datagram awaits an answer, and each is sent on by itself. */
  get oneWay(): OneWay | undefined {
    return this.#parts.settings.limits.udp?.isOneWay === true ? this.#oneWay : undefined;
  }

  dropped(why: DatagramDrop, datagrams: number, shortage?: string): void {
    this.#parts.recorder.dropped(why, datagrams, shortage);
  }

  /** Counted and logged as a client is that resets while its backend is dialled. */
  acceptedReset(): void {
    const { recorder } = this.#parts;
    recorder.accepted();
    recorder.finished(NOTHING_KNOWN, 'CC', 0);
  }

  /** That have not ended. */
  get connections(): readonly Connection[] {
    return this.#connections.items;
  }

  paused(reason: string): void {
    this.#parts.recorder.paused(reason);
  }

  /** Of a bind of UDP. */
  smallReceiveBuffer(bytes: number, wantedBytes: number): void {
    this.#parts.recorder.smallReceiveBuffer(bytes, wantedBytes);
  }

  /** As its configuration asks: a capability is missing. */
  cannotSpeakAsClient(): void {
    this.#parts.recorder.cannotSpeakAsClient();
  }

  noResources(reason: string): void {
    this.#parts.recorder.noResources(reason);
  }

  /** No more clients will come. @param onEmpty called once, when the last connection has ended; perhaps at once */
  retire(onEmpty: () => void): void {
    this.#onEmpty = onEmpty;
    const { clock, settings } = this.#parts;
    if (settings.limits.udp !== undefined) this.#drain = clock.every(QUIET_MS / 5, () => this.#finishQuiet());
    this.#leaveIfEmpty();
  }

  cut(): void {
    for (const connection of this.#connections.items) connection.kill();
  }

  /** Cuts the connections to a backend. */
  close(slot: number): void {
    for (const connection of this.#connections.items) connection.cutFrom(slot);
  }

  /** Sessions have no end of their own; nobody waits for those that have come to rest. */
  #finishQuiet(): void {
    for (const connection of this.#connections.items) {
      if (connection instanceof DatagramConnection && connection.isQuiet(QUIET_MS)) connection.finish();
    }
  }

  #begin(connection: Connection): void {
    this.#parts.recorder.accepted();
    this.#connections.add(connection);
    connection.begin();
  }

  #left(connection: ListItem): void {
    this.#counters.leave();
    this.#connections.delete(connection);
    this.#leaveIfEmpty();
  }

  #leaveIfEmpty(): void {
    if (this.#onEmpty === undefined || this.#connections.size > 0) return;
    const onEmpty = this.#onEmpty;
    this.#onEmpty = undefined;
    this.#drain?.cancel();
    onEmpty();
  }
}

function newQueue({ ledger }: ServerSpec, { engine, queues }: FrontendTools): ThreadQueue {
  return new ThreadQueue(new QueueWords(ledger.queue, queues.own), queues, engine);
}
