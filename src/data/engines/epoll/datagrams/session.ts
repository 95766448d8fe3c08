import type { IpAddress, SocketAddress } from '../../../../core/address.ts';
import type { DatagramPair } from '../../../../core/datagrams.ts';
import type { ClientAddress, FailedDial, PairEnd, RelayLimits } from '../../../../core/engine.ts';
import { failureOf } from '../../common/dial-failure.ts';
import type { Ordered } from '../../common/session-order.ts';
import { NativeMemory } from '../../linux/native-memory.ts';
import { localAddressOf } from '../../linux/socket-address.ts';
import { openTowards } from './backend-socket.ts';
import type { ClientSlot } from './client-slots.ts';
import type { Exchange } from './exchange.ts';
import { IdleLimit } from './idle-limit.ts';
import { SessionAnswers } from './session-answers.ts';
import type { SessionHome } from './session-home.ts';
import type { Settled } from './turn.ts';

/** The datagrams between one client and the backend that it was given. */
export class DatagramSession extends SessionAnswers implements DatagramPair, Ordered, Settled {
  readonly clientAddress: ClientAddress;
  isUnsettled = false;
  // Of its place in the order of the sessions.
  older: Ordered | undefined;
  newer: Ordered | undefined;
  list: Ordered['list'];
  lastAt = 0;
  placedAt = 0;
  #end: PairEnd | undefined;
  #isOver = false;
  /** Of a dial, and not told yet. */
  #outcome: { readonly dialled: SocketAddress } | { readonly failed: FailedDial } | undefined;
  /** Not told yet. */
  #refusal = '';
  #idle: IdleLimit | undefined;

  constructor(exchange: Exchange, home: SessionHome, client: ClientSlot, clientAddress: ClientAddress) {
    super(exchange, home, client);
    this.clientAddress = clientAddress;
  }

  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  /** The backend owed an answer. */
  get wasAwaited(): boolean {
    return this.#end === 'backend-idle' && this.isAwaiting;
  }

  /** Nothing is to be looked at, or to be waited for, that would tell of a client. */
  peek(): void {
    return;
  }

  wait(): void {
    return;
  }

  take(): void {
    return;
  }

  localAddress(): ClientAddress {
    return this.home.localAddressOf(this);
  }

  backendLocalAddress(): ClientAddress {
    return this.fd < 0 ? '' : localAddressOf(this.exchange.loop.libc, this.fd);
  }

  dial(to: SocketAddress, _timeoutMs: number, from?: IpAddress): void {
    if (this.#end !== undefined || this.fd >= 0) return;
    const { loop, turn } = this.exchange;
    const opened = this.#open(to, from);
    if (typeof opened === 'number') {
      this.fd = opened;
      this.#outcome = { dialled: to };
    } else this.#outcome = { failed: { failure: failureOf(opened, to), code: opened, to, from } };
    turn.settle(this);
    this.lastAnswerAt = loop.now;
  }

  preface(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.prefix = new NativeMemory(this.exchange.loop.libc, bytes.length);
    this.prefix.bytes.set(bytes);
  }

  relay(limits: RelayLimits): void {
    if (this.#end !== undefined || this.fd < 0) return;
    if (limits.datagrams !== undefined) this.limits = limits.datagrams;
    this.isRelaying = true;
    this.#idle ??= new IdleLimit(this.exchange.loop, this, limits);
    this.release();
  }

  close(): void {
    this.end('cut');
  }

  reset(): void {
    this.end('cut');
  }

  /** Closes the backend's socket; the owner is told at the end of this iteration. */
  end(end: PairEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#idle?.stop();
    this.#closeBackend();
    this.home.ended(this);
    this.exchange.turn.settle(this);
  }

  settle(): void {
    this.#tellOutcome();
    if (this.#end === undefined || this.#isOver) return;
    this.#isOver = true;
    this.exchange.loop.hasCounted(this);
    this.report();
    this.home.left(this);
    this.owner.ended(this.#end, false);
  }

  protected refused(code: string): void {
    if (this.fd < 0) return;
    this.#closeBackend();
    this.resetTaking();
    this.#refusal = code;
    this.exchange.turn.settle(this);
  }

  #tellOutcome(): void {
    const outcome = this.#outcome;
    const refusal = this.#refusal;
    this.#outcome = undefined;
    this.#refusal = '';
    if (this.#end !== undefined) return;
    if (refusal !== '') {
      this.report();
      this.owner.refused(refusal);
    } else if (outcome === undefined) return;
    else if ('dialled' in outcome) this.owner.dialled(outcome.dialled);
    else this.owner.dialFailed(outcome.failed);
  }

  /** @returns a descriptor, or the system's code */
  #open(to: SocketAddress, from: IpAddress | undefined): number | string {
    const { loop } = this.exchange;
    const opened = openTowards(loop, to, from);
    if (typeof opened === 'string' || loop.watchLevel(opened, this)) return opened;
    loop.forget(opened);
    loop.libc.close(opened);
    return 'ENOMEM';
  }

  #closeBackend(): void {
    this.isRelaying = false;
    if (this.fd < 0) return;
    this.exchange.loop.forget(this.fd);
    this.exchange.loop.libc.close(this.fd);
    this.fd = -1;
  }
}
