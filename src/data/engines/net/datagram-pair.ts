import type { Socket } from 'node:dgram';
import type { IpAddress, SocketAddress } from '../../../core/address.ts';
import type { DatagramOwner, DatagramPair } from '../../../core/datagrams.ts';
import type { ClientAddress, PairEnd, RelayLimits } from '../../../core/engine.ts';
import { errorCode } from '../../../core/errors.ts';
import { clientAddressOf } from '../../../wire/client-address.ts';
import type { Ordered } from '../common/session-order.ts';
import type { Client, ClientSide } from './datagram-client.ts';
import { DatagramDial, isRefusal } from './datagram-dial.ts';
import { DatagramQueue } from './datagram-queue.ts';
import { DatagramTally } from './datagram-tally.ts';
import type { NetShared } from './shared.ts';
import { Unanswered } from './unanswered.ts';

/** Sends whose end Node has not told. */
const MOST_UNDER_WAY = 512;

const NONE: readonly never[] = [];

/** One session: a client's address and port, and a connected socket. */
export class NetDatagramPair implements DatagramPair, Client, Ordered {
  owner!: DatagramOwner;
  readonly clientAddress: ClientAddress;
  readonly clientIp: string;
  readonly clientPort: number;
  readonly key: string;
  // Of its place in the order of the sessions.
  newer: Ordered | undefined;
  older: Ordered | undefined;
  list: Ordered['list'];
  lastAt: number;
  placedAt = 0;
  /** Datagrams of the client that it has taken, and answers that have come. */
  requests = 0;
  responses = 0;
  maxRequests = 0;
  readonly #port: ClientSide<NetDatagramPair>;
  readonly #shared: NetShared;
  #dial: DatagramDial | undefined;
  #backend: Socket | undefined;
  #limits: RelayLimits | undefined;
  #isRelaying = false;
  #preface: Buffer | undefined;
  readonly #queue = new DatagramQueue();
  readonly #tally = new DatagramTally();
  readonly #unanswered = new Unanswered();
  #underWay = 0;
  #clientAt: number;
  #backendAt = 0;
  #end: PairEnd | undefined;
  #isSettled = false;

  constructor(client: Client, port: ClientSide<NetDatagramPair>, shared: NetShared) {
    this.clientAddress = client.clientAddress;
    this.clientIp = client.clientIp;
    this.clientPort = client.clientPort;
    this.key = client.key;
    this.#port = port;
    this.#shared = shared;
    this.lastAt = this.#clientAt = shared.clock.now();
  }

  get wasAwaited(): boolean {
    return this.responses < this.requests * (this.#limits?.datagrams?.maxResponses ?? 0);
  }

  localAddress(): ClientAddress {
    return clientAddressOf(this.#port.localIp, this.#port.localPort);
  }

  backendLocalAddress(): ClientAddress {
    if (this.#backend === undefined) return '';
    const { address, port } = this.#backend.address();
    return clientAddressOf(address, port);
  }

  /** Whether the client's next datagram belongs to another session. */
  get isFull(): boolean {
    return this.#end !== undefined || (this.maxRequests > 0 && this.requests >= this.maxRequests);
  }

  /** A datagram of the client. */
  carry(datagram: Buffer): void {
    this.requests += 1;
    this.#clientAt = this.lastAt;
    if (this.#isRelaying) return this.#send(datagram);
    if (this.#queue.add(datagram)) return;
    this.requests -= 1;
    this.#port.dropped('queue');
  }

  peek(): void {
    throw new TypeError('a session of UDP has no peek');
  }

  take(): void {
    throw new TypeError('a session of UDP has nothing to take from');
  }

  /** Its datagrams wait in any case. */
  wait(): void {
    // nobody leaves a session
  }

  dial(to: SocketAddress, _timeoutMs: number, from?: IpAddress): void {
    if (this.#end !== undefined) return;
    this.#dial = new DatagramDial(to, from, this.#shared, {
      connected: (dial) => this.#dialled(dial),
      failed: (failed) => {
        this.#dial = undefined;
        if (this.#end === undefined) this.owner.dialFailed(failed);
        else this.#settle();
      },
      received: this.#received,
      refused: (code) => this.#refused(code),
    });
  }

  preface(bytes: Uint8Array): void {
    this.#preface = Buffer.from(bytes);
  }

  relay(limits: RelayLimits): void {
    if (this.#end !== undefined || this.#backend === undefined) return;
    this.#limits = limits;
    this.#isRelaying = true;
    this.#backendAt = this.#shared.clock.now();
    this.maxRequests = limits.datagrams?.maxRequests ?? 0;
    const [mine, others] = this.#share(this.#queue.takeAll());
    for (const datagram of mine) this.#send(datagram);
    if (others.length > 0) this.#shared.clock.after(0, () => this.#port.again(this, others));
  }

  close(): void {
    this.#finish('cut');
  }

  reset(): void {
    this.#finish('cut');
  }

  /** Makes room for another session. */
  evict(): void {
    this.#finish('client-idle');
  }

  /** Tells what was moved, and ends it when it is idle. */
  visit(): void {
    this.#tally.tell(this.owner);
    if (!this.#isRelaying || this.#limits === undefined || this.#end !== undefined) return;
    const now = this.#shared.clock.now();
    const { client, backend } = this.#limits;
    if (client.idleMs > 0 && now - this.#clientAt >= client.idleMs) this.#finish('client-idle');
    else if (backend.idleMs > 0 && now - this.#backendAt >= backend.idleMs) this.#finish('backend-idle');
  }

  /** More than it may take came while it had no backend. */
  #share(datagrams: readonly Buffer[]): readonly [readonly Buffer[], readonly Buffer[]] {
    const surplus = this.maxRequests > 0 ? Math.max(0, this.requests - this.maxRequests) : 0;
    if (surplus === 0) return [datagrams, NONE];
    this.requests -= surplus;
    return [datagrams.slice(0, -surplus), datagrams.slice(-surplus)];
  }

  #dialled(dial: DatagramDial): void {
    if (this.#end !== undefined) return this.#settle();
    this.#backend = dial.socket;
    this.owner.dialled(dial.to);
  }

  #send(datagram: Buffer): void {
    if (this.#underWay >= MOST_UNDER_WAY) return this.#port.dropped('unsent');
    this.#underWay += 1;
    this.#unanswered.keep(datagram, this.#clientAt);
    if (this.#preface === undefined) this.#backend?.send(datagram, this.#sent);
    else this.#backend?.send([this.#preface, datagram], this.#sent);
  }

  /** One for all sends: with the bytes that the kernel took, or why it took none. */
  readonly #sent = (error: Error | null, bytes: number): void => {
    this.#underWay -= 1;
    if (error === null) {
      this.#tally.sent(bytes - (this.#preface?.length ?? 0));
    } else if (isRefusal(errorCode(error))) this.#refused(errorCode(error), 1);
    else if (this.#end === undefined) this.#port.dropped('unsent');
  };

  readonly #received = (datagram: Buffer): void => {
    if (!this.#isRelaying || this.#end !== undefined) return;
    this.responses += 1;
    this.#unanswered.clear();
    this.#backendAt = this.#shared.clock.now();
    this.#port.answered(this);
    this.#port.answer(this, datagram, this.#answered);
    const due = this.#limits?.datagrams?.maxResponses ?? 0;
    if (due > 0 && this.responses >= due * this.requests)
      this.#shared.clock.after(0, () => this.#finishIfAnswered(due));
  };

  /** A request may have come meanwhile. */
  #finishIfAnswered(due: number): void {
    if (this.#underWay === 0 && this.responses >= due * this.requests) this.#finish('finished');
  }

  readonly #answered = (error: Error | null, bytes: number): void => {
    if (error !== null) return this.#port.dropped('unsent');
    this.#tally.answered(bytes);
  };

  /** What is not answered goes to the backend that comes next. @param uncounted of that, what the kernel has not taken */
  #refused(code: string, uncounted = 0): void {
    if (!this.#isRelaying || this.#end !== undefined) return;
    const kept = this.#unanswered.take(this.#shared.clock.now());
    this.#tally.sentInVain(kept.slice(uncounted));
    this.#tally.tell(this.owner);
    this.#isRelaying = false;
    this.#dial?.stop();
    this.#dial = this.#backend = this.#preface = undefined;
    for (const datagram of kept) this.#queue.add(datagram);
    this.owner.refused(code);
  }

  #finish(end: PairEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#dial?.stop();
    this.#shared.descriptors.release();
    // Sends that are done are told in the next tick; the owner is not called from within a call of its own.
    this.#shared.clock.after(0, () => this.#settle());
  }

  #settle(): void {
    if (this.#end === undefined || this.#isSettled) return;
    this.#isSettled = true;
    this.#tally.tell(this.owner);
    this.#port.left(this);
    this.owner.ended(this.#end, false);
  }
}
