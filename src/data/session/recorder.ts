import type { Cause } from '../../core/cause.ts';
import type { DatagramDrop } from '../../core/datagrams.ts';
import type { ClientAddress, DialFailure, FailedDial } from '../../core/engine.ts';
import type { HelloOutcome } from '../../core/server-names.ts';
import type { Candidate } from '../../core/snapshot.ts';
import { DROP_COUNTER, HELLO_COUNTER } from '../../ledger/layout.ts';
import { clientAddressText } from '../../wire/client-address.ts';
import type { ThreadLedger } from '../../ledger/thread-ledger.ts';
import type { ShortageReports } from '../protocol/shortage-reports.ts';
import type { ThreadLog } from '../protocol/thread-log.ts';
import type { AccessEntry, AccessLog, DatagramSummary, ProxySummary } from './access-log.ts';
import type { ClientLimit } from './clients.ts';
import { firstBytes } from './first-bytes.ts';
import { HELLO_REASONS, type HelloSummary } from './hello-seen.ts';

const REASONS: Readonly<Partial<Record<Cause, string>>> = {
  PC: 'every backend is at its max_connections',
  SC: 'no backend is available',
  PQ: 'the queue is full',
  sQ: 'waited for queue_timeout',
};

const CLIENT_REASONS: Readonly<Record<ClientLimit, string>> = {
  overClientLimit: 'client is at max_connections_per_client',
  overClientRate: 'client is at connection_rate_per_client',
};

const DROP_REASONS: Readonly<Record<DatagramDrop, string>> = {
  truncated: 'longer than any datagram may be',
  overflow: 'the receive buffer was full (udp.receive_buffer)',
  full: 'max_sessions are in use',
  queue: 'too many wait for a backend in one session',
  header: 'without the PROXY header that accept_proxy asks for',
  unsent: 'the kernel took them for no backend',
};

export interface RecorderParts {
  readonly ledger: ThreadLedger;
  readonly log: ThreadLog;
  readonly accessLog: AccessLog;
  readonly shortages: ShortageReports;
}

/** Times are in milliseconds with one decimal; connectMs is the time spent until a backend was connected or given up. */
export interface Summary extends ProxySummary, Partial<HelloSummary> {
  readonly client: string;
  /** The one that was connected. */
  readonly backend: Candidate | undefined;
  readonly tried: readonly string[];
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly queueMs: number;
  readonly connectMs: number;
  readonly totalMs: number;
}

/** A connection, as far as its line in the access log goes. */
interface Summarised {
  summary(): Summary | (Summary & DatagramSummary);
}

const NOTHING: Summary = {
  client: '-',
  backend: undefined,
  tried: [],
  rxBytes: 0,
  txBytes: 0,
  queueMs: 0,
  connectMs: 0,
  totalMs: 0,
};

/** Of a client whose address nobody knows, and for whom nothing was done. */
export const NOTHING_KNOWN: Summarised = { summary: () => NOTHING };

/** What one server counts and says on one thread. */
export class SessionRecorder {
  readonly #server: string;
  readonly #ledger: ThreadLedger;
  readonly #log: ThreadLog;
  readonly #accessLog: AccessLog;
  readonly #shortages: ShortageReports;

  constructor(server: string, { ledger, log, accessLog, shortages }: RecorderParts) {
    this.#server = server;
    this.#ledger = ledger;
    this.#log = log;
    this.#accessLog = accessLog;
    this.#shortages = shortages;
  }

  accepted(): void {
    this.#ledger.countServer('accepted', 1);
  }

  paused(reason: string): void {
    this.#log.throttled('warn', 'accepting pauses: out of resources', { server: this.#server, reason });
  }

  smallReceiveBuffer(bytes: number, wantedBytes: number): void {
    const fields = { server: this.#server, bytes, wanted: wantedBytes };
    this.#log.throttled('warn', 'receive buffer is smaller than asked: raise net.core.rmem_max', fields);
  }

  cannotSpeakAsClient(): void {
    const next = 'give tslb CAP_NET_ADMIN or CAP_NET_RAW, or remove udp.transparent';
    this.#log.throttled('warn', 'udp.transparent is not permitted: clients are closed', { server: this.#server, next });
  }

  noResources(reason: string): void {
    this.#ledger.countServer('noResources', 1);
    this.#ledger.countCause('RC');
    this.#log.throttled('warn', 'client turned away: out of resources', { server: this.#server, reason });
  }

  denied(): void {
    this.#ledger.countServer('denied', 1);
  }

  /** @param bytes that came in its place, as far as there are any */
  proxyRefused(peer: ClientAddress, reason: string, bytes?: Uint8Array): void {
    this.#ledger.countServer('denied', 1);
    const fields = { server: this.#server, peer: clientAddressText(peer), reason };
    const first = bytes === undefined || bytes.length === 0 ? {} : { firstBytes: firstBytes(bytes) };
    this.#log.throttled('warn', 'client without a PROXY header closed', { ...fields, ...first });
  }

  limited(what: ClientLimit): void {
    this.#ledger.countServer(what, 1);
    this.#sayRejected(CLIENT_REASONS[what]);
  }

  serverIsFull(): void {
    this.#ledger.countServer('noBackend', 1);
    this.#sayRejected('server is at its max_connections');
  }

  concludedHello(outcome: HelloOutcome): void {
    this.#ledger.countServer(HELLO_COUNTER[outcome], 1);
  }

  refusedHello(outcome: HelloOutcome): void {
    this.#sayRejected(HELLO_REASONS[outcome]);
  }

  lacksHelloMemory(): void {
    this.#log.throttled('warn', 'client turned away: too many long hellos at once', { server: this.#server });
  }

  noBackend(cause: Cause): void {
    this.#ledger.countServer('noBackend', 1);
    this.#sayRejected(REASONS[cause] ?? cause);
  }

  joinedQueue(): void {
    this.#ledger.countServer('queued', 1);
    this.rejoinedQueue();
  }

  rejoinedQueue(): void {
    this.#ledger.countServer('waiting', 1);
  }

  leftQueue(): void {
    this.#ledger.countServer('waiting', -1);
  }

  waited(tenths: number): void {
    this.#ledger.measure('queue', tenths);
  }

  connected({ slot }: Candidate, tookTenths: number): void {
    this.#ledger.countBackend(slot, 'total', 1);
    this.#ledger.measure('connect', tookTenths);
  }

  reached({ slot, key }: Candidate): void {
    if (this.#ledger.recovers(slot)) this.#log.info('backend reachable again', { server: this.#server, backend: key });
  }

  /** This host lacks something; that is no word about the backend. */
  lacks(failed: FailedDial): void {
    this.#shortages.met(failed);
  }

  dialFailed(backend: Candidate, failed: FailedDial): void {
    if (failed.failure === 'exhausted') this.lacks(failed);
    else this.refused(backend, failed.code, failed.failure);
  }

  refused({ slot, key }: Candidate, code: string, reason: DialFailure = 'refused'): void {
    const fields = { server: this.#server, backend: key, reason, code };
    this.#ledger.countBackend(slot, 'refused', 1);
    if (this.#ledger.fails(slot)) this.#log.warn('backend connect failed', fields);
    else if (this.#log.isDebug) this.#log.debug('backend connect failed', fields);
  }

  retried({ slot }: Candidate): void {
    this.#ledger.countServer('retried', 1);
    this.#ledger.countBackend(slot, 'retried', 1);
  }

  moved({ slot }: Candidate, rxBytes: number, txBytes: number): void {
    this.#ledger.countBackend(slot, 'rx', rxBytes);
    this.#ledger.countBackend(slot, 'tx', txBytes);
  }

  movedDatagrams({ slot }: Candidate, rx: number, tx: number): void {
    this.#ledger.countBackend(slot, 'rxDatagrams', rx);
    this.#ledger.countBackend(slot, 'txDatagrams', tx);
  }

  dropped(why: DatagramDrop, datagrams: number, shortage = ''): void {
    this.#ledger.countServer(DROP_COUNTER[why], datagrams);
    // What this host lacks is said by noResources.
    if (shortage === '')
      this.#log.throttled('warn', 'datagrams dropped', { server: this.#server, reason: DROP_REASONS[why] });
  }

  served(tenths: number, bytes: number): void {
    this.#ledger.measure('duration', tenths);
    this.#ledger.measure('bytes', bytes);
  }

  finished(connection: Summarised, cause: Cause, unacknowledgedBytes: number): void {
    this.#ledger.countCause(cause);
    if (!this.#accessLog.isOn && !this.#log.isDebug) return;
    const entry = this.#entry(connection.summary(), cause, unacknowledgedBytes);
    this.#accessLog.add(entry);
    this.#log.debug('connection ended', { ...entry, backend: entry.backend ?? '-' });
  }

  #entry(summary: Summary, cause: Cause, unacknowledgedBytes: number): AccessEntry {
    return {
      server: this.#server,
      ...summary,
      backend: summary.backend?.key,
      cause,
      serverActive: this.#ledger.serverActive(),
      backendActive: summary.backend === undefined ? 0 : this.#ledger.active(summary.backend.slot),
      ...(unacknowledgedBytes > 0 ? { unacknowledgedBytes } : {}),
    };
  }

  #sayRejected(reason: string): void {
    this.#log.throttled('warn', 'client rejected', { server: this.#server, reason });
  }
}
