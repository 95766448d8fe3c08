import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { addressText } from '../../src/core/address.ts';
import { errorCode } from '../../src/core/errors.ts';
import { helloOfLead, proxyHeaderOf } from './lead.ts';
import type { Plan } from './plan.ts';
import { Reply } from './reply.ts';
import { requestLine } from './request.ts';
import { stretch } from './stream.ts';

/** Longer than any plan takes on a busy machine: who waits so long waits in vain. */
const DEADLINE_MS = 60_000;

export interface ClientOptions {
  /** When its connect began, by Date.now. */
  readonly startedAt: number;
  /** Told when it has a name. */
  readonly onConnected: (client: Client) => void;
}

/** Plays a plan and keeps what became of it. */
export class Client {
  readonly plan: Plan;
  readonly reply: Reply;
  /** When its connect began, by Date.now. */
  readonly startedAt: number;
  /** When its system took a byte from it, or gave it one, for the last time. */
  movedAt: number;
  endedAt = 0;
  /** As the balancer names it; empty when it was reset before it could ask for its address. */
  name = '';
  /** Given to the kernel, its line included. */
  sentBytes = 0;
  /** Of those, not counted where the header is read. */
  proxyHeaderBytes = 0;
  /** `FIN`, `none` when it left before it saw the other's end, or the system's name of an error. */
  end = 'none';
  isHung = false;
  /** Resolves when its socket is closed. */
  readonly done: Promise<this>;
  readonly #socket: Socket;
  readonly #hash = createHash('sha256');
  #digest = '';
  #hasSent = false;
  #hasLeft = false;
  #hasStalled = false;

  /** @param socket open at both ends, and connected or about to be */
  constructor(plan: Plan, socket: Socket, { startedAt, onConnected }: ClientOptions) {
    const { request, upBytes } = plan;
    this.plan = plan;
    this.startedAt = startedAt;
    this.movedAt = startedAt;
    this.reply =
      request?.exchange === 'echo'
        ? new Reply(request.upSeed, upBytes)
        : new Reply(request?.downSeed ?? 0, request?.downBytes ?? 0);
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#took(chunk));
    socket.on('end', () => this.#ended('FIN'));
    socket.on('error', (error) => this.#ended(errorCode(error)));
    const deadline = setTimeout(() => this.#hung(), DEADLINE_MS);
    this.done = new Promise((resolve) => {
      socket.on('close', () => {
        clearTimeout(deadline);
        this.endedAt = Date.now();
        resolve(this);
      });
    });
    if (socket.connecting) socket.once('connect', () => this.#begin(onConnected));
    else this.#begin(onConnected);
  }

  get isClosed(): boolean {
    return this.endedAt > 0;
  }

  get receivedBytes(): number {
    return this.reply.bytes;
  }

  /** It did all that it had to, and all of the answer came. */
  get isWhole(): boolean {
    return this.#hasSent && this.end === 'FIN' && this.reply.isWhole(this.#lastLine);
  }

  /** @returns what came that was not sent */
  get fault(): string | undefined {
    return this.reply.fault(this.#lastLine);
  }

  /** A backend that was asked for a digest can have it only when everything was sent. */
  get #lastLine(): string {
    const exchange = this.plan.request?.exchange;
    return this.#hasSent && (exchange === 'upload' || exchange === 'both') ? this.#digest : '';
  }

  #begin(onConnected: (client: Client) => void): void {
    const { localAddress, localPort } = this.#socket;
    if (localAddress !== undefined && localPort !== undefined) {
      this.name = addressText({ ip: localAddress, port: localPort });
      onConnected(this);
    }
    void this.#send();
    this.#moved();
  }

  async #send(): Promise<void> {
    const { request, upBytes, chunkBytes, stall } = this.plan;
    if (request !== undefined) {
      await this.#write(this.#leadBytes());
      if (this.#hasLeft || this.#socket.destroyed) return;
      await this.#write(requestLine(request));
    }
    for (let at = 0; at < upBytes; at += chunkBytes) {
      if (stall?.way === 'up' && at >= stall.at && !this.#hasStalled) {
        this.#hasStalled = true;
        await pause(stall.ms);
      }
      if (this.#hasLeft || this.#socket.destroyed) return;
      const chunk = stretch(request!.upSeed, at, Math.min(chunkBytes, upBytes - at));
      this.#hash.update(chunk);
      await this.#write(chunk);
      this.#moved();
    }
    if (this.#hasLeft || this.#socket.destroyed) return;
    this.#digest = `${this.#hash.digest('hex')}\n`;
    this.#hasSent = true;
    this.#finish();
  }

  #leadBytes(): Buffer {
    const { lead } = this.plan;
    const header = proxyHeaderOf(lead, this.#socket);
    this.proxyHeaderBytes = header.length;
    return Buffer.concat([header, helloOfLead(lead)]);
  }

  #took(chunk: Buffer): void {
    this.reply.take(chunk);
    this.#moved();
  }

  #ended(how: string): void {
    if (this.end === 'none') this.end = how;
    this.#finish();
  }

  #finish(): void {
    const isDue = this.plan.finishes === 'after sending' || this.end !== 'none';
    if (this.#hasSent && isDue) this.#socket.end();
  }

  /** Stalls or leaves where the plan says so. */
  #moved(): void {
    this.movedAt = Date.now();
    const { stall, cut } = this.plan;
    if (cut !== undefined && !this.#hasLeft && this.#bytes(cut.way) >= cut.at) return this.#leave(cut);
    if (stall?.way !== 'down' || this.#hasStalled || this.receivedBytes < stall.at) return;
    this.#hasStalled = true;
    this.#socket.pause();
    setTimeout(() => this.#socket.resume(), stall.ms);
  }

  #bytes(way: 'up' | 'down'): number {
    return way === 'up' ? this.sentBytes : this.receivedBytes;
  }

  #leave({ by, ms }: NonNullable<Plan['cut']>): void {
    this.#hasLeft = true;
    this.#socket.pause();
    // libuv refuses a reset while a shutdown is under way.
    const isShuttingDown = this.#socket.writableEnded && !this.#socket.writableFinished;
    if (by === 'reset' && !isShuttingDown) this.#socket.resetAndDestroy();
    else setTimeout(() => this.#socket.destroy(), ms);
  }

  #hung(): void {
    this.isHung = true;
    this.#socket.destroy();
  }

  /** Resolves when the kernel has taken it, or when nobody ever will. */
  #write(bytes: Buffer | string): Promise<void> {
    this.sentBytes += bytes.length;
    return new Promise((resolve) => void this.#socket.write(bytes, () => resolve()));
  }
}
