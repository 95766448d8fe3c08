import type { SocketAddress } from '../../core/address.ts';
import type { Cause } from '../../core/cause.ts';
import type { FailedDial, PairEnd, PairOwner, ProxiedPair } from '../../core/engine.ts';
import type { ListItem } from '../../core/unordered-list.ts';
import { attempt, attemptAgain, release } from './attempt.ts';
import { CAUSE_OF_DIAL_FAILURE, causeAfterBackendFinished, causeOfEnd } from './end-cause.ts';
import { ObservedSession } from './observed-session.ts';
import { sendProxyHeader } from './proxy-out.ts';
import { CONNECTED, ENTERED, NONE, WAITING } from './session.ts';
import type { ServerParts, Step, StepResult } from './session.ts';
import type { QueuedClient, QueueEntry } from './thread-queue.ts';

/** After so long in the queue a client may be sent to backends that failed it: they may be open to those behind it. */
const FAILED_ONES_AGAIN_AFTER_MS = 1_000;

/**
 * One client from accept to close, top to bottom:
 *
 *     begin     the steps (steps/steps.ts): access rules, limits of its address, the server's limit
 *     #seek     elect a backend, reserve a place there and dial (attempt.ts), or else
 *     #wait     wait in the queue (wait-queue.ts), served in turn, until it expires
 *     dialled   relay; or dialFailed: the next address, another backend, the queue again, or the end
 *     moved     bytes are counted
 *     ended     everything that was taken is given back, once, and the connection is recorded (recorder.ts)
 *
 * A reservation at a backend is made in `attempt` and given back in `release`; what the steps take is given back in
 * `ended`, which the pair calls exactly once for every connection. A cause decided here comes before the pair's end.
 */
export class Connection extends ObservedSession implements PairOwner, ListItem, QueuedClient {
  /** In its server's list. */
  listIndex = -1;
  /** Of no other connection of this thread; those that came later have higher ones. */
  readonly number: number;
  /** Its place in the queue, which it keeps until a backend is connected. */
  #entry: QueueEntry | undefined;

  constructor(server: ServerParts, pair: ProxiedPair, number: number) {
    super(server, pair);
    this.number = number;
    pair.owner = this;
  }

  begin(): void {
    this.#takeSteps(0);
  }

  goOn(step: Step, result: StepResult): void {
    if (this.cause !== undefined || result === 'wait') return;
    if (result === 'next') this.#takeSteps(this.server.steps.indexOf(step) + 1);
    else this.giveUp(result);
  }

  /** Its turn in the queue has come. */
  serve(): boolean {
    if (attempt(this) || (this.#mayAskFailedOnes() && attempt(this, NONE))) {
      this.#leaveQueue();
      return true;
    }
    // No backend is up any more: what is left to wait for, a client that comes now does not get either.
    if (this.server.waitQueue.mayWait(this)) return false;
    this.#stopWaiting('SC');
    return true;
  }

  /** It has waited long enough. */
  expire(): void {
    this.#stopWaiting('sQ');
  }

  dialled(to: SocketAddress): void {
    const { outliers, recorder, settings } = this.server;
    this.stage = CONNECTED;
    this.race?.connected(to);
    this.race = undefined;
    if (this.#entry !== undefined) recorder.waited(this.electedAfter);
    this.#entry = undefined;
    this.connectedAfter = this.elapsed();
    outliers.connected(this.pair, this.elected());
    recorder.connected(this.elected(), this.connectedAfter - this.electedAfter);
    this.noteReached();
    sendProxyHeader(this, to);
    if (this.helloMemory !== undefined) this.pair.preface(this.helloMemory.free(), true);
    this.pair.relay(settings.relayLimits);
  }

  dialFailed(failed: FailedDial): void {
    const after = attemptAgain(this, failed);
    if (after === 'dialling') return;
    const { waitQueue } = this.server;
    const waitsForRoom = after.ended === 'no-room' && waitQueue.mayWaitForRoom(this, this.tried);
    // What this host lacks is nothing that a backend brings back.
    const waitsForBackend = after.failure !== 'exhausted' && waitQueue.mayWaitForBackend(this, this.tried);
    if (waitsForRoom || waitsForBackend) this.#wait();
    else this.#reject(CAUSE_OF_DIAL_FAILURE[after.failure]);
  }

  moved(rxBytes: number, txBytes: number): void {
    this.rxBytes += rxBytes;
    this.txBytes += txBytes;
    if (rxBytes > 0) this.server.outliers.answered(this.pair, this.elected());
    this.server.recorder.moved(this.elected(), rxBytes, txBytes);
  }

  /** Cuts it off in the middle. */
  kill(): void {
    this.cause ??= this.isConnected ? 'KD' : this.stage === WAITING ? 'KQ' : 'KC';
    if (this.stage === WAITING) {
      this.#leaveQueue();
      this.stage = ENTERED;
    }
    this.race?.stop();
    this.pair.reset();
  }

  /** Cuts it off from a backend that is down. */
  cutFrom(slot: number): void {
    if (!this.isConnected || this.elected().slot !== slot) return;
    this.cause ??= 'DD';
    this.pair.reset();
  }

  ended(end: PairEnd, backendHadFinished: boolean, unacknowledgedBytes = 0): void {
    const { recorder, steps, left } = this.server;
    this.judge(end);
    if (this.stage === WAITING) this.#leaveQueue();
    if (this.#entry !== undefined) recorder.waited(this.electedAfter);
    release(this);
    for (let index = steps.length - 1; index >= 0; index--) steps[index]?.leave?.(this);
    if (this.isConnected) recorder.served(this.elapsed(), this.rxBytes + this.txBytes);
    recorder.finished(this, this.#finalCause(end, backendHadFinished), unacknowledgedBytes);
    left(this);
  }

  #takeSteps(from: number): void {
    const { steps } = this.server;
    for (let index = from; index < steps.length; index++) {
      const result = steps[index]?.enter(this);
      if (result === 'wait') return;
      if (result !== undefined && result !== 'next') return this.giveUp(result);
    }
    this.#seek();
  }

  #seek(): void {
    const { picker, waitQueue } = this.server;
    if (!waitQueue.hasOthers && attempt(this)) return;
    if (waitQueue.mayWait(this)) this.#wait();
    else this.#reject(picker.isUp(this, NONE) ? 'PC' : 'SC');
  }

  #wait(): void {
    const { waitQueue } = this.server;
    const entry = waitQueue.join(this, this.clientEntry, this.#entry);
    if (entry === undefined) return this.#reject('PQ');
    this.#entry = entry;
    this.stage = WAITING;
    this.pair.wait(this.server.settings.limits.keepAlive);
    waitQueue.lookAgain(entry);
  }

  #mayAskFailedOnes(): boolean {
    if (this.tried.length === 0 || this.#entry === undefined) return false;
    return this.server.clock.now() - this.#entry.joinedAt >= FAILED_ONES_AGAIN_AFTER_MS;
  }

  #leaveQueue(): void {
    if (this.stage === WAITING) this.electedAfter = this.elapsed();
    if (this.#entry !== undefined) this.server.waitQueue.leave(this.#entry, this.clientEntry);
  }

  #stopWaiting(cause: Cause): void {
    this.#leaveQueue();
    this.stage = ENTERED;
    this.server.recorder.noBackend(cause);
    this.giveUp(cause);
  }

  #reject(cause: Cause): void {
    if (this.tried.length === 0 || cause === 'PQ') this.server.recorder.noBackend(cause);
    this.giveUp(cause);
  }

  /** The backend can be reached: a dial has succeeded. */
  protected noteReached(): void {
    this.server.recorder.reached(this.elected());
  }

  /** Whether the backend has failed it, now that it has ended. */
  protected judge(end: PairEnd): void {
    const hasAsked = this.txBytes > 0 || this.pair.wasAwaited;
    if (hasAsked && this.rxBytes === 0) this.server.outliers.endedUnanswered(this.pair, this.elected(), end);
  }

  /** Of one that was connected. */
  protected causeAt(end: PairEnd, backendHadFinished: boolean): Cause {
    return causeOfEnd(end, backendHadFinished);
  }

  protected giveUp(cause: Cause): void {
    this.cause = cause;
    this.pair.close(this.hello?.lastWords);
  }

  #finalCause(end: PairEnd, backendHadFinished: boolean): Cause {
    if (this.cause !== undefined) return backendHadFinished ? causeAfterBackendFinished(this.cause) : this.cause;
    if (this.isConnected) return this.causeAt(end, backendHadFinished);
    if (end === 'cut') return 'KC';
    if (this.stage === WAITING) return 'CQ';
    return this.stage < WAITING ? 'CR' : 'CC';
  }
}
