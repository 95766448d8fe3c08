import type { PairEnd } from '../../../../core/engine.ts';
import { WOULD_BLOCK } from '../../linux/libc-descriptors.ts';
import type { Watched } from '../../linux/loop.ts';
import { BUFFER_BYTES, BUFFER_STRIDE } from '../../linux/message-layout.ts';
import { MOST_OF_ONE } from '../../linux/take-batch.ts';
import { isRefusal } from './backend-socket.ts';
import type { ClientSlot } from './client-slots.ts';
import type { Exchange } from './exchange.ts';
import type { SessionHome } from './session-home.ts';
import { SessionRequests } from './session-requests.ts';

/** Answers without a request between them, from which on many are taken at once. */
const MANY_IN_ROW = 3;
/** Datagrams of one size that are taken at once, and how often they are, before the kernel is asked to join them. */
const MANY_OF_SIZE = 4;
const BURSTS = 4;
/** Takes that found no more than one, after which one is taken at once again. */
const QUIET_TAKES = 32;

/** A session as to what its backend sends. */
export abstract class SessionAnswers extends SessionRequests implements Watched {
  responses = 0;
  lastAnswerAt: number;
  #requestsAnswered = 0;
  #answersInRow = 0;
  #takesMany = false;
  #isJoining = false;
  #quietTakes = 0;
  #bursts = 0;

  constructor(exchange: Exchange, home: SessionHome, client: ClientSlot) {
    super(exchange, home, client);
    this.lastAnswerAt = exchange.loop.now;
  }

  abstract end(end: PairEnd): void;

  /** A request has come since the last answer. */
  get isAwaiting(): boolean {
    return this.requests > this.#requestsAnswered;
  }

  idle(end: PairEnd): void {
    this.end(end);
  }

  happened(): void {
    const { loop, answers } = this.exchange;
    answers.through(this.home.fd);
    if (this.#takesMany) return this.#takeMany();
    const at = answers.buffersFor(1);
    const length = loop.libc.receiveAt(this.fd, at, BUFFER_BYTES);
    if (length < 0) return this.#takeFailed(length);
    if (length > BUFFER_BYTES) return this.home.dropped('truncated', 1);
    answers.use(1);
    this.#answer(at, length, 0);
  }

  /** @param segmentBytes of each, where many are joined */
  #answer(at: number, length: number, segmentBytes: number): void {
    // The backend speaks before it is asked: perhaps to the last holder of this port.
    if (!this.isRelaying) return;
    const { loop, answers, turn } = this.exchange;
    const count = segmentBytes === 0 ? 1 : Math.ceil(length / segmentBytes);
    answers.add(this, at, length, segmentBytes);
    turn.plan();
    this.lastAnswerAt = loop.now;
    this.responses += count;
    this.home.used(this);
    if (this.#requestsAnswered === this.requests) this.#noteRow(count);
    else {
      this.#requestsAnswered = this.requests;
      this.#answersInRow = count;
      this.answered();
    }
    this.countAnswers(count, length);
    const { maxResponses } = this.limits;
    if (maxResponses > 0 && this.responses >= maxResponses * this.requests) this.end('finished');
  }

  #noteRow(count: number): void {
    this.#answersInRow += count;
    if (this.#answersInRow < MANY_IN_ROW || this.#takesMany) return;
    this.#takesMany = true;
    this.#quietTakes = 0;
  }

  #takeMany(): void {
    const { answers, taken } = this.exchange;
    const at = answers.buffersFor(MOST_OF_ONE);
    const count = taken.take(this.fd, at);
    if (count < 0) return this.#takeFailed(count);
    answers.use(count);
    let ofOneSize = 0;
    for (let index = 0; index < count && this.fd >= 0; index++) {
      const length = taken.lengthOf(index);
      const segmentBytes = taken.segmentOf(index);
      if (length === taken.lengthOf(0)) ofOneSize += 1;
      if (taken.isCut(index)) this.home.dropped('truncated', 1);
      else this.#answer(at + index * BUFFER_STRIDE, length, segmentBytes);
    }
    if (this.fd >= 0) this.#adapt(count, ofOneSize);
  }

  /**
   * To look for joined datagrams costs those that are not. It is never switched off again: what is joined already would
   * come as one datagram then.
   */
  #adapt(count: number, ofOneSize: number): void {
    if (this.#isJoining) return;
    if (ofOneSize >= MANY_OF_SIZE) this.#bursts += 1;
    if (this.#bursts >= BURSTS) {
      this.#isJoining = true;
      this.exchange.loop.libc.setOption(this.fd, 'joinDatagrams', 1);
    }
    this.#quietTakes = count > 1 ? 0 : this.#quietTakes + 1;
    if (this.#quietTakes < QUIET_TAKES) return;
    this.#takesMany = false;
    this.#answersInRow = 0;
  }

  /** A socket for another backend is as it was made. */
  protected resetTaking(): void {
    this.#isJoining = this.#takesMany = false;
    this.#answersInRow = this.#bursts = 0;
  }

  #takeFailed(word: number): void {
    if (word === WOULD_BLOCK) return;
    const code = this.exchange.loop.libc.errorName();
    // Any other is of one datagram, as that the way takes none so long (EMSGSIZE), and is gone once it was read.
    if (!isRefusal(code)) return;
    this.holdUnanswered();
    this.refused(code);
  }
}
