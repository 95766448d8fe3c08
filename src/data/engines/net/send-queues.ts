import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';
import type { Clock, Timer } from '../../../core/clock.ts';
import { parseIp } from '../../../wire/ip.ts';

const FIRST_LOOK_MS = 2;
const SLOWEST_LOOK_MS = 200;
/** Tens of thousands of sockets in TIME_WAIT make a look slow; at most this part of the time goes into looking. */
const LOOKING_SHARE = 1 / 3;

/** Reads the kernel's table of sockets; undefined where there is none. */
export type ReadTable = (family: 4 | 6) => Promise<Buffer | undefined>;

/**
 * Tells when the kernel has delivered all that was written to a socket. A reset throws away what is still in the send
 * queue, and Node cannot ask for its length, but Linux lists it in /proc/net/tcp (proc(5)). One reading serves all that
 * wait, and the pauses grow, so that a machine with many sockets is not kept busy by this.
 */
export class SendQueues {
  readonly #clock: Clock;
  readonly #readTable: ReadTable;
  readonly #waiting = new Map<Socket, Waiting>();
  #isLooking = false;
  #timer: Timer | undefined;
  /** When the timer fires. */
  #nextLook = 0;
  #pauseMs = FIRST_LOOK_MS;
  #tookMs = 0;

  constructor(clock: Clock, readTable: ReadTable = readProc) {
    this.#clock = clock;
    this.#readTable = readTable;
  }

  /**
   * @param done called once, never from within this call: `delivered` false where the kernel does not tell.
   *   Not called when the socket is destroyed before.
   * @param queued called at each look that found something still to be delivered
   */
  whenDelivered(socket: Socket, done: (delivered: boolean) => void, queued: () => void = () => undefined): void {
    const { localAddress, localPort, remoteAddress, remotePort } = socket;
    if (localAddress === undefined || localPort === undefined || remoteAddress === undefined) {
      this.#clock.after(0, () => done(false));
      return;
    }
    const row = `${endpointHex(localAddress, localPort)} ${endpointHex(remoteAddress, remotePort ?? 0)} `;
    this.#waiting.set(socket, { row, family: localAddress.includes(':') ? 6 : 4, done, queued });
    this.#pauseMs = FIRST_LOOK_MS;
    if (this.#isLooking) return;
    if (this.#timer === undefined) void this.#look();
    else this.#lookLater();
  }

  /** Never later than was said before: else sockets that keep coming would put it off for good. */
  #lookLater(): void {
    const pauseMs = Math.max(this.#pauseMs, this.#tookMs / LOOKING_SHARE);
    const at = this.#clock.now() + pauseMs;
    if (this.#timer !== undefined && this.#nextLook <= at) return;
    this.#timer?.cancel();
    this.#nextLook = at;
    this.#timer = this.#clock.after(pauseMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    this.#isLooking = true;
    const before = this.#clock.now();
    // A socket that comes during the reading may have been written to since: it is not told by this table.
    const asking = [...this.#waiting];
    const tables = { 4: await this.#table(4), 6: await this.#table(6) };
    this.#tookMs = this.#clock.now() - before;
    for (const [socket, { row, family, done, queued }] of asking) {
      const table = tables[family];
      const bytes = table === undefined ? undefined : queuedBytes(table, row);
      if (socket.destroyed) this.#waiting.delete(socket);
      else if (bytes === undefined || bytes === 0) {
        this.#waiting.delete(socket);
        done(bytes !== undefined);
      } else queued();
    }
    this.#isLooking = false;
    if (this.#waiting.size === 0) return;
    this.#lookLater();
    this.#pauseMs = Math.min(this.#pauseMs * 2, SLOWEST_LOOK_MS);
  }

  async #table(family: 4 | 6): Promise<Buffer | undefined> {
    for (const waiting of this.#waiting.values()) {
      if (waiting.family === family) return this.#readTable(family);
    }
    return undefined;
  }
}

interface Waiting {
  readonly row: string;
  readonly family: 4 | 6;
  readonly done: (delivered: boolean) => void;
  readonly queued: () => void;
}

async function readProc(family: 4 | 6): Promise<Buffer | undefined> {
  try {
    return await readFile(family === 6 ? '/proc/net/tcp6' : '/proc/net/tcp');
  } catch {
    return undefined; // not Linux, or /proc is closed to us: the caller is told that we do not know
  }
}

/** A socket that is not listed is gone, and so is its queue. */
function queuedBytes(table: Buffer, row: string): number {
  const at = table.indexOf(row);
  if (at < 0) return 0;
  // `… local remote st tx_queue:rx_queue …`
  const state = at + row.length;
  return Number.parseInt(table.toString('latin1', state + 3, state + 11), 16);
}

/** `0100007F:1F90`: the address as 32-bit words in the machine's byte order, the port in network order. */
export function endpointHex(address: string, port: number): string {
  const bytes = Buffer.alloc(16);
  const length = parseIp(address, bytes);
  let words = '';
  for (let at = 0; at < length; at += 4) {
    words += hex(endianness() === 'LE' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at), 8);
  }
  return `${words}:${hex(port, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
