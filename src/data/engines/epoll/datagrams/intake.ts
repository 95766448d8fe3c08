import type { DatagramAcceptor, DatagramDrop, DatagramHeader } from '../../../../core/datagrams.ts';
import type { ClientAddress } from '../../../../core/engine.ts';
import { MOST_PAYLOAD_BYTES, MOST_SEGMENTS } from '../../linux/message-layout.ts';
import type { ReceiveBatch } from '../../linux/receive-batch.ts';
import { clientAddressIn } from '../../linux/socket-address.ts';
import type { Exchange } from './exchange.ts';
import { Joining } from './joining.ts';
import type { ListeningSocket } from './listening.ts';
import { OneWaySockets } from './one-way.ts';
import type { DatagramSession } from './session.ts';

/** Batches that are taken in one iteration, so that a flood leaves room for all else. */
const MOST_BATCHES = 4;
/** As many as wait when a listener closes. */
const ALL_BATCHES = 64;

/** Where the datagrams of clients go. */
export interface IntakeTarget {
  readonly acceptor: DatagramAcceptor;
  readonly isListening: boolean;
  /** Of the message whose control was read last. @param named the client that a header names */
  sessionFor(index: number, named: ClientAddress | undefined): DatagramSession | undefined;
  dropped(why: DatagramDrop, datagrams: number): void;
  /** More of a client for whom there was just no room. */
  noRoomFor(datagrams: number): void;
}

/** Takes what clients have sent from the listening socket, and gives it to their sessions. */
export class Intake {
  readonly #batch: ReceiveBatch;
  readonly #socket: ListeningSocket;
  readonly #target: IntakeTarget;
  readonly #joining: Joining;
  readonly #oneWay: OneWaySockets;

  constructor(exchange: Exchange, socket: ListeningSocket, target: IntakeTarget) {
    this.#batch = exchange.batch;
    this.#socket = socket;
    this.#target = target;
    this.#joining = new Joining(exchange.loop.libc, socket.fd);
    this.#oneWay = new OneWaySockets(exchange);
  }

  take(mostBatches = MOST_BATCHES): void {
    for (let batches = 0; batches < mostBatches; batches++) {
      this.#handle(this.#batch.receive(this.#socket.fd, this.#hasControl));
      if (!this.#batch.isFull) return;
    }
  }

  takeAll(): void {
    this.take(ALL_BATCHES);
  }

  stop(): void {
    this.#oneWay.close();
  }

  get #hasControl(): boolean {
    return this.#socket.isWildcard || this.#joining.isOn;
  }

  #handle(count: number): void {
    const { oneWay, header } = this.#target.acceptor;
    const isPlain = oneWay === undefined && header === undefined;
    for (let index = 0; index < count;) {
      this.#batch.readControl(index);
      if (this.#batch.isCut(index)) {
        this.#target.dropped('truncated', 1);
        index += 1;
      } else if (isPlain) index += this.#takeRun(index, count);
      else this.#takeEach(index++, header);
    }
  }

  /** Datagrams of one client that have come in a row, and can leave together. @returns messages that were taken */
  #takeRun(index: number, count: number): number {
    const batch = this.#batch;
    const { segmentBytes } = batch;
    const session = this.#target.sessionFor(index, undefined);
    if (segmentBytes > 0) {
      if (session === undefined) this.#noteFull(Math.ceil(batch.lengthOf(index) / segmentBytes));
      else this.#forwardJoined(session, index, segmentBytes);
      return 1;
    }
    const run = this.#runAt(index, count);
    this.#joining.note(run);
    if (session === undefined) this.#noteFull(run);
    else if (run === 1) session.request(batch.addressOf(index), batch.lengthOf(index));
    else this.#forwardRun(session, index, run);
    return run;
  }

  /** Of the first one it is known already that there is no room. */
  #noteFull(datagrams: number): void {
    if (datagrams > 1 && this.#target.isListening) this.#target.noRoomFor(datagrams - 1);
  }

  /** @returns how many messages from here on are of one client and one size; the last may be shorter */
  #runAt(index: number, count: number): number {
    const batch = this.#batch;
    const length = batch.lengthOf(index);
    if (length === 0) return 1;
    const most = Math.min(count - index, MOST_SEGMENTS, Math.floor(MOST_PAYLOAD_BYTES / length));
    let run = 1;
    while (run < most) {
      const next = index + run;
      const nextLength = batch.lengthOf(next);
      if (nextLength > length || nextLength === 0 || batch.isCut(next)) break;
      if (!batch.isOfSameSender(index, next, this.#hasControl)) break;
      run += 1;
      if (nextLength < length) break;
    }
    return run;
  }

  #forwardRun(session: DatagramSession, index: number, run: number): void {
    const batch = this.#batch;
    const length = batch.lengthOf(index);
    const bytes = (run - 1) * length + batch.lengthOf(index + run - 1);
    const pieces = batch.piecesOf(index, run);
    const isDone = session.requestMany(pieces, run, run, bytes, length);
    batch.restorePieces(index, run);
    if (isDone) return;
    for (let next = index; next < index + run; next++)
      this.#forward(index, undefined, batch.addressOf(next), batch.lengthOf(next));
  }

  #forwardJoined(session: DatagramSession, index: number, segmentBytes: number): void {
    const batch = this.#batch;
    const bytes = batch.lengthOf(index);
    const count = Math.ceil(bytes / segmentBytes);
    const pieces = batch.piecesOf(index, 1);
    const isDone = session.requestMany(pieces, 1, count, bytes, segmentBytes);
    batch.restorePieces(index, 1);
    if (isDone) return;
    for (let at = 0; at < bytes; at += segmentBytes)
      this.#forward(index, undefined, batch.addressOf(index) + at, Math.min(segmentBytes, bytes - at));
  }

  /** One datagram, to the session that its client has by now. */
  #forward(index: number, named: ClientAddress | undefined, at: number, length: number): void {
    const session = this.#target.sessionFor(index, named);
    if (session !== undefined) session.request(at, length);
  }

  /** A message whose datagrams are looked at one by one. */
  #takeEach(index: number, header: DatagramHeader | undefined): void {
    const batch = this.#batch;
    const start = batch.addressOf(index);
    const bytes = batch.lengthOf(index);
    const most = batch.segmentBytes || bytes;
    let at = 0;
    do {
      this.#takeOne(index, header, start + at, Math.min(most, bytes - at));
      at += most;
    } while (at < bytes);
  }

  #takeOne(index: number, header: DatagramHeader | undefined, at: number, length: number): void {
    let headerBytes = 0;
    let named: ClientAddress | undefined;
    if (header !== undefined) {
      headerBytes = header.read(this.#batch.view(at, length), clientAddressIn(this.#batch.nameOf(index)));
      if (headerBytes < 0) return this.#target.dropped('header', 1);
      if (header.client !== '') named = header.client;
    }
    const { oneWay } = this.#target.acceptor;
    if (oneWay === undefined || !this.#target.isListening)
      return this.#forward(index, named, at + headerBytes, length - headerBytes);
    const client = named ?? clientAddressIn(this.#batch.nameOf(index));
    if (!this.#oneWay.send(oneWay, client, at + headerBytes, length - headerBytes)) this.#target.dropped('unsent', 1);
  }
}
