import type { Cause } from '../../core/cause.ts';
import type { Engine } from '../../core/engine.ts';
import type { AccessLogFormat } from '../protocol/messages.ts';
import type { HelloSummary } from './hello-seen.ts';

/** What there is to say of a session of UDP beyond what there is of a connection. */
export interface DatagramSummary {
  /** `one-way`: no answer came, and none was awaited. `silent`: none came of those that were. */
  readonly outcome: 'answered' | 'refused' | 'silent' | 'one-way';
  readonly rxDatagrams: number;
  readonly txDatagrams: number;
}

/** What the log says of a connection that came, or goes on, with a header of the PROXY protocol. */
export interface ProxySummary {
  /** Where its socket is connected from, where the header named another client. */
  readonly peer?: string;
  /** Printable; any other in hexadecimal, after `0x`. */
  readonly uniqueId?: string;
  readonly authority?: string;
}

/** One finished connection. Milliseconds have one decimal. */
export interface AccessEntry extends Partial<DatagramSummary>, ProxySummary, Partial<HelloSummary> {
  readonly server: string;
  readonly client: string;
  /** The backend that was connected; absent when none was. */
  readonly backend: string | undefined;
  /** Backends whose dial failed before, in order. */
  readonly tried: readonly string[];
  readonly cause: Cause;
  readonly rxBytes: number;
  readonly txBytes: number;
  /** From accept to the first election, from the election to the connect, from accept to the end. */
  readonly queueMs: number;
  readonly connectMs: number;
  readonly totalMs: number;
  /** Connections that the server and the backend hold besides this one. */
  readonly serverActive: number;
  readonly backendActive: number;
  /** Under way to the side that was silent for too long, where that was the end and there were any. */
  readonly unacknowledgedBytes?: number;
}

const FLUSH_EVERY_MS = 200;
const FLUSH_AT_CHARS = 64 * 1024;

/**
 * Gathers lines and hands them on in batches, for another thread to write: a data-plane thread neither waits for a
 * file nor posts a message for each connection.
 */
export class AccessLog {
  readonly #engine: Engine;
  readonly #post: (lines: string) => void;
  #format: AccessLogFormat | undefined;
  #lines = '';
  #timer: { cancel(): void } | undefined;

  constructor(engine: Engine, post: (lines: string) => void, format: AccessLogFormat | undefined) {
    this.#engine = engine;
    this.#post = post;
    this.#format = format;
  }

  get isOn(): boolean {
    return this.#format !== undefined;
  }

  setFormat(format: AccessLogFormat | undefined): void {
    this.flush();
    this.#format = format;
  }

  add(entry: AccessEntry): void {
    if (this.#format === undefined) return;
    const now = new Date();
    this.#lines += this.#format === 'json' ? jsonLine(now, entry) : textLine(now, entry);
    if (this.#lines.length >= FLUSH_AT_CHARS) this.flush();
    else this.#timer ??= this.#engine.every(FLUSH_EVERY_MS, () => this.flush());
  }

  flush(): void {
    if (this.#lines === '') {
      this.#timer?.cancel();
      this.#timer = undefined;
      return;
    }
    this.#post(this.#lines);
    this.#lines = '';
  }
}

/** Exported for the tests of its form. */
export function jsonLine(time: Date, entry: AccessEntry): string {
  return `${JSON.stringify({ time: time.toISOString(), ...entry, backend: entry.backend ?? null })}\n`;
}

/** Exported for the tests of its form. */
export function textLine(time: Date, entry: AccessEntry): string {
  return (
    `${time.toISOString()} server=${word(entry.server)} client=${entry.client} backend=${entry.backend ?? '-'}` +
    ` tried=${entry.tried.join(',') || '-'} cause=${entry.cause} rx=${entry.rxBytes} tx=${entry.txBytes}` +
    ` queue_ms=${entry.queueMs} connect_ms=${entry.connectMs} total_ms=${entry.totalMs}` +
    ` server_active=${entry.serverActive} backend_active=${entry.backendActive}` +
    `${entry.unacknowledgedBytes === undefined ? '' : ` unacknowledged_bytes=${entry.unacknowledgedBytes}`}${proxyWords(entry)}${datagramWords(entry)}${helloWords(entry)}\n`
  );
}

function proxyWords({ peer, uniqueId, authority }: AccessEntry): string {
  const words = Object.entries({ peer, unique_id: uniqueId, authority });
  return words.map(([name, value]) => (value === undefined ? '' : ` ${name}=${word(value)}`)).join('');
}

function datagramWords({ outcome, rxDatagrams = 0, txDatagrams = 0 }: AccessEntry): string {
  return outcome === undefined ? '' : ` outcome=${outcome} rx_datagrams=${rxDatagrams} tx_datagrams=${txDatagrams}`;
}

function helloWords({ hello, sni, tlsName, alpn, helloBytes, helloRecords }: AccessEntry): string {
  if (hello === undefined) return '';
  const protocols = alpn?.map(word).join(',');
  return (
    ` hello=${hello} sni=${sni ? word(sni) : '-'} tls_name=${tlsName ? word(tlsName) : '-'}` +
    ` alpn=${protocols === undefined || protocols === '' ? '-' : protocols}` +
    ` hello_bytes=${helloBytes ?? 0} hello_records=${helloRecords ?? 0}`
  );
}

/** A server's name is free text, and so is what a client sends: quoted where it could be taken for more than one word. */
function word(text: string): string {
  return /^[\w.:/-]+$/.test(text) ? text : JSON.stringify(text);
}
