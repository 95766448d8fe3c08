import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import { endpointHex } from '../../../wire/proc-endpoint.ts';

/** Tens of thousands of sockets in TIME_WAIT make a reading slow: the pause after it is so many times as long. */
const PAUSE_FACTOR = 3;

/** But no longer: a process that stood still meanwhile has not read for as long as it seems. */
const LONGEST_PAUSE_MS = 1000;

/** So few sockets are each searched for; for more of them the table is walked once. */
const SEARCHED = 4;

/** Reads the kernel's table of sockets; undefined where there is none. */
export type ReadTable = (family: 4 | 6) => Promise<Buffer | undefined>;

/** What the kernel knows of a TCP socket: `tx_queue`, `retrnsmt` and `timeout` of /proc/net/tcp (proc(5)). */
export interface SocketRow {
  /** Bytes that it took and the peer has not acknowledged; one more once our end of stream was sent. */
  readonly queuedBytes: number;
  /** How often it has sent these again without an answer. */
  readonly retransmits: number;
  /** Of a peer that takes no more bytes: probes in a row without an answer. */
  readonly probes: number;
}

type Answer = (row: SocketRow | undefined) => void;

interface Question {
  readonly row: string;
  readonly family: 4 | 6;
  readonly answer: Answer;
}

/** A socket that is not listed is gone, and so is its queue. */
const GONE: SocketRow = { queuedBytes: 0, retransmits: 0, probes: 0 };

/**
 * Node cannot ask a socket what its peer has acknowledged, but Linux lists it. One reading answers all that were asked
 * before it began, and it pauses between readings, so that a machine with many sockets is not kept busy by this.
 */
export class KernelTable {
  readonly #clock: Clock;
  readonly #readTable: ReadTable;
  #questions: Question[] = [];
  /** One is about to begin or under way, or it pauses. */
  #isReading = false;

  constructor(clock: Clock, readTable: ReadTable = readProc) {
    this.#clock = clock;
    this.#readTable = readTable;
  }

  /** @param answer called once, never from within this call; undefined where the kernel does not tell */
  ask(socket: Socket, answer: Answer): void {
    const { localAddress, localPort, remoteAddress, remotePort } = socket;
    if (localAddress === undefined || localPort === undefined || remoteAddress === undefined) {
      this.#clock.after(0, () => answer(undefined));
      return;
    }
    const row = `${endpointHex(localAddress, localPort)} ${endpointHex(remoteAddress, remotePort ?? 0)} `;
    this.#questions.push({ row, family: localAddress.includes(':') ? 6 : 4, answer });
    this.#readSoon();
  }

  /** After all that is asked in this turn. */
  #readSoon(): void {
    if (this.#isReading || this.#questions.length === 0) return;
    this.#isReading = true;
    queueMicrotask(() => void this.#read());
  }

  async #read(): Promise<void> {
    const questions = this.#questions;
    this.#questions = [];
    const before = this.#clock.now();
    const rows = new Map<string, SocketRow>();
    for (const family of [4, 6] as const) {
      const wanted = questions.filter((question) => question.family === family).map(({ row }) => row);
      const table = wanted.length === 0 ? undefined : await this.#readTable(family);
      if (table !== undefined) find(table, wanted, rows);
    }
    const pauseMs = Math.min((this.#clock.now() - before) * PAUSE_FACTOR, LONGEST_PAUSE_MS);
    for (const { row, answer } of questions) answer(rows.get(row));
    const paused = () => {
      this.#isReading = false;
      this.#readSoon();
    };
    if (pauseMs > 0) this.#clock.after(pauseMs, paused);
    else paused();
  }
}

async function readProc(family: 4 | 6): Promise<Buffer | undefined> {
  try {
    return await readFile(family === 6 ? '/proc/net/tcp6' : '/proc/net/tcp');
  } catch {
    return undefined; // not Linux, or /proc is closed to us: the asker is told that we do not know
  }
}

/** `sl: local remote st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …` */
function find(table: Buffer, wanted: readonly string[], rows: Map<string, SocketRow>): void {
  for (const row of wanted) rows.set(row, GONE);
  if (wanted.length <= SEARCHED) {
    for (const row of wanted) {
      const at = table.indexOf(row);
      if (at >= 0) rows.set(row, rowOf(table.toString('latin1', at + row.length, at + row.length + 80)));
    }
    return;
  }
  const text = table.toString('latin1');
  const length = wanted[0]?.length ?? 0;
  for (let line = text.indexOf('\n'); line >= 0; line = text.indexOf('\n', line + 1)) {
    const at = text.indexOf(': ', line) + 2;
    const row = text.slice(at, at + length);
    if (rows.has(row)) rows.set(row, rowOf(text.slice(at + length, at + length + 80)));
  }
}

/** @param text from the state on */
function rowOf(text: string): SocketRow {
  const [, queues = '', , retransmits = '', , probes = ''] = text.split(/ +/);
  return {
    queuedBytes: Number.parseInt(queues, 16),
    retransmits: Number.parseInt(retransmits, 16),
    probes: Number.parseInt(probes, 10),
  };
}
