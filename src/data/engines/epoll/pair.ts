import type { IpAddress, SocketAddress } from '../../../core/address.ts';
import type {
  ClientAddress,
  FailedDial,
  RelayLimits,
  ProxiedPair,
  PairEnd,
  PairOwner,
  Peeker,
  PeekOptions,
} from '../../../core/engine.ts';
import type { KeepAlive } from '../../../core/limits.ts';
import { FAILED, HUNG_UP } from '../linux/event-list.ts';
import { clientAddressIn, localAddressOf } from '../linux/socket-address.ts';
import { setKeepAlive } from '../linux/tcp-options.ts';
import { Dial, type DialOwner } from './dial.ts';
import { Endpoint, EVERYTHING } from './endpoint.ts';
import type { Loop } from '../linux/loop.ts';
import { LastWords } from './last-words.ts';
import { Peek } from './peek.ts';
import { Relay } from './relay.ts';
import type { RelayEvents } from './relayed-sockets.ts';

/** Where pairs come from. */
export interface PairSource {
  /** A pair has ended and its descriptors are free. */
  left(): void;
}

const NONE: readonly never[] = [];

/** One accepted socket and the backend sockets that are dialled for it. */
export class EpollPair implements ProxiedPair, DialOwner, RelayEvents {
  owner!: PairOwner;
  readonly clientAddress: ClientAddress;
  readonly #loop: Loop;
  readonly #source: PairSource;
  readonly #client: Endpoint;
  #backend: Endpoint | undefined;
  #relay: Relay | undefined;
  /** Set when it was over before bytes were relayed. */
  #end: PairEnd | undefined;
  /** Under way. */
  #dials: readonly Dial[] = NONE;

  /** @param address the client's sockaddr, in memory that will be used again */
  constructor(fd: number, address: Uint8Array, loop: Loop, source: PairSource) {
    this.#loop = loop;
    this.#source = source;
    this.#client = new Endpoint(fd, 'client', this);
    this.clientAddress = clientAddressIn(address);
    this.#client.isLocal = this.clientAddress === '';
  }

  /** @returns false when the kernel has no room to watch it; then it is closed */
  watch(): boolean {
    if (this.#loop.watch(this.#client.fd, EVERYTHING, this.#client)) return true;
    this.#loop.forget(this.#client.fd);
    this.#loop.libc.close(this.#client.fd);
    return false;
  }

  get wasAwaited(): boolean {
    return this.#relay?.wasAwaited === true;
  }

  peek(wanted: PeekOptions, peeker: Peeker): void {
    if (this.#end !== undefined) return;
    this.#stopPeeking();
    this.#client.isWaiting = false;
    new Peek(this.#loop, this.#client, wanted, peeker).start();
  }

  take(length: number): void {
    if (this.#end !== undefined) return;
    const { libc, buffer } = this.#loop;
    libc.receive(this.#client.fd, buffer.subarray(0, length));
  }

  localAddress(): ClientAddress {
    return this.#end === undefined ? this.#localAddress(this.#client) : '';
  }

  backendLocalAddress(): ClientAddress {
    return this.#backend === undefined ? '' : this.#localAddress(this.#backend);
  }

  wait(keepAlive: KeepAlive): void {
    this.#stopPeeking();
    this.#client.isWaiting = true;
    if (!this.#client.isLocal) setKeepAlive(this.#loop.libc, this.#client.fd, keepAlive);
    this.#checkLeft();
  }

  dial(to: SocketAddress, timeoutMs: number, from?: IpAddress): void {
    if (this.#end !== undefined) return;
    this.#stopPeeking();
    this.#client.isWaiting = false;
    const dial = new Dial(this.#loop, this, to, from);
    this.#dials = this.#dials.length === 0 ? [dial] : [...this.#dials, dial];
    dial.start(timeoutMs);
  }

  /** What the backend does not take at once waits for it as bytes of the client do; so do all of the client's. */
  preface(bytes: Uint8Array, areClients = false): void {
    const backend = this.#backend;
    if (this.#end !== undefined || backend === undefined || bytes.length === 0) return;
    const sent = areClients ? 0 : Math.max(0, this.#loop.libc.send(backend.fd, bytes, bytes.length));
    if (sent === bytes.length) return;
    const rest = bytes.subarray(sent);
    backend.pending = backend.pending === undefined ? Buffer.from(rest) : Buffer.concat([backend.pending, rest]);
    if (!areClients) backend.unreportedBytes = -rest.length;
  }

  relay(limits: RelayLimits): void {
    if (this.#end !== undefined || this.#backend === undefined) return;
    const relay = new Relay(this.#loop, this.#client, this.#backend, limits, this);
    this.#relay = relay;
    this.#loop.defer(() => relay.begin());
  }

  close(lastWords?: Uint8Array): void {
    if (this.#relay !== undefined) return this.#relay.close('cut');
    if (lastWords === undefined || this.#end !== undefined) return this.#abandon('cut');
    this.#stopPeeking();
    new LastWords(this.#loop, this.#client, () => this.#abandon('cut')).say(lastWords);
  }

  reset(): void {
    if (this.#relay === undefined) this.#abandon('cut', 'reset');
    else this.#relay.cut();
  }

  // What the loop and the relay tell.

  happened(endpoint: Endpoint, events: number): void {
    endpoint.note(events);
    if (endpoint === this.#client) this.#clientHappened(events);
  }

  connected(dial: Dial, backend: Endpoint): void {
    this.#backend = backend;
    this.#stopDials(dial);
    this.owner.dialled(dial.to);
  }

  failed(dial: Dial, failed: FailedDial): void {
    this.#dials = this.#dials.length === 1 ? NONE : this.#dials.filter((other) => other !== dial);
    this.owner.dialFailed(failed);
  }

  /** Before the relay nothing is read, and so nothing yields. */
  resume(): void {
    return;
  }

  moved(rxBytes: number, txBytes: number): void {
    this.owner.moved(rxBytes, txBytes);
  }

  over(end: PairEnd, backendHadFinished: boolean, unacknowledgedBytes: number): void {
    this.#source.left();
    this.owner.ended(end, backendHadFinished, unacknowledgedBytes);
  }

  #localAddress({ fd, isClosed }: Endpoint): ClientAddress {
    return isClosed ? '' : localAddressOf(this.#loop.libc, fd);
  }

  /** A client that has sent its last byte still waits for its answer; a unix socket that was closed only hangs up. */
  #clientHappened(events: number): void {
    const gone = this.#client.isLocal ? FAILED : FAILED | HUNG_UP;
    if ((events & gone) !== 0) this.#abandon('client-reset');
    else this.#checkLeft();
  }

  #checkLeft(): void {
    const { fd, isWaiting, isEndAnnounced } = this.#client;
    if (!isWaiting || !isEndAnnounced || this.#end !== undefined) return;
    if (!this.#loop.libc.hasBytes(fd)) this.#abandon('client-reset');
  }

  /** While one is under way it has the client's endpoint, as last words have. */
  #stopPeeking(): void {
    const { owner } = this.#client;
    if (owner instanceof Peek || owner instanceof LastWords) owner.stop();
  }

  /** But for one that is over. */
  #stopDials(connected?: Dial): void {
    for (const dial of this.#dials) if (dial !== connected) dial.stop();
    this.#dials = NONE;
  }

  #closeBackend(): void {
    if (this.#backend === undefined) return;
    this.#loop.forget(this.#backend.fd);
    this.#loop.libc.close(this.#backend.fd);
    this.#backend = undefined;
  }

  /** @param how the client's socket is closed */
  #abandon(end: PairEnd, how: 'close' | 'reset' = 'close'): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#stopPeeking();
    this.#stopDials();
    this.#closeBackend();
    this.#loop.forget(this.#client.fd);
    this.#loop.libc[how](this.#client.fd);
    this.#loop.defer(() => this.over(end, false, 0));
  }
}
