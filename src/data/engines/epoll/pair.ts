import type { SocketAddress } from '../../../core/address.ts';
import type {
  ClientAddress,
  DialFailure,
  RelayLimits,
  ProxiedPair,
  PairEnd,
  PairOwner,
  Peeker,
  PeekOptions,
} from '../../../core/engine.ts';
import { failureOf } from '../common/dial-failure.ts';
import { FAILED, HUNG_UP, WRITABLE } from '../linux/event-list.ts';
import { EXHAUSTED, WOULD_BLOCK } from '../linux/libc-descriptors.ts';
import { clientAddressIn, encodedAddress, familyOf } from '../linux/socket-address.ts';
import { setNoDelay } from '../linux/tcp-options.ts';
import { Timer } from '../linux/timer-wheel.ts';
import { Endpoint, EVERYTHING, type EndpointOwner } from './endpoint.ts';
import type { Loop } from './loop.ts';
import { Peek } from './peek.ts';
import { Relay } from './relay.ts';
import type { RelayEvents } from './relayed-sockets.ts';

/** Where pairs come from. */
export interface PairSource {
  /** A pair has ended and its descriptors are free. */
  left(): void;
}

/** One accepted socket and the backend sockets that are dialled for it, one after the other. */
export class EpollPair implements ProxiedPair, EndpointOwner, RelayEvents {
  owner!: PairOwner;
  readonly clientAddress: ClientAddress;
  readonly #loop: Loop;
  readonly #source: PairSource;
  readonly #client: Endpoint;
  #backend: Endpoint | undefined;
  #relay: Relay | undefined;
  /** Set when it was over before bytes were relayed. */
  #end: PairEnd | undefined;
  #dialLimit: Timer | undefined;

  /** @param address the client's sockaddr, in memory that will be used again */
  constructor(fd: number, address: Uint8Array, loop: Loop, source: PairSource) {
    this.#loop = loop;
    this.#source = source;
    this.#client = new Endpoint(fd, 'client', this);
    this.clientAddress = clientAddressIn(address);
  }

  /** @returns false when the kernel has no room to watch it; then it is closed */
  watch(): boolean {
    if (this.#loop.watch(this.#client.fd, EVERYTHING, this.#client)) return true;
    this.#loop.forget(this.#client.fd);
    this.#loop.libc.close(this.#client.fd);
    return false;
  }

  peek(wanted: PeekOptions, peeker: Peeker): void {
    if (this.#end !== undefined) return;
    this.#stopPeeking();
    this.#client.isWaiting = false;
    new Peek(this.#loop, this.#client, wanted, peeker).start();
  }

  wait(): void {
    this.#stopPeeking();
    this.#client.isWaiting = true;
    this.#checkLeft();
  }

  dial(to: SocketAddress, timeoutMs: number): void {
    if (this.#end !== undefined) return;
    this.#stopPeeking();
    this.#client.isWaiting = false;
    const { libc } = this.#loop;
    const fd = libc.socket(familyOf(to));
    if (fd < 0) return this.#dialFailedLater(fd === EXHAUSTED ? 'exhausted' : 'unreachable', libc.errorName());
    if (!('path' in to)) setNoDelay(libc, fd);
    const word = libc.connect(fd, encodedAddress(to));
    if (word !== 0 && word !== WOULD_BLOCK) {
      const code = libc.errorName();
      libc.close(fd);
      return this.#dialFailedLater(failureOf(code, to), code);
    }
    const backend = new Endpoint(fd, 'backend', this);
    // Also where the connect is done already, its event comes from the loop: an engine does not call back from a call.
    if (!this.#loop.watch(fd, EVERYTHING, backend)) {
      this.#loop.forget(fd);
      libc.close(fd);
      return this.#dialFailedLater('exhausted', 'ENOMEM');
    }
    this.#backend = backend;
    if (timeoutMs > 0) this.#limitDial(backend, timeoutMs);
  }

  /** They wait for the backend as bytes of the client do that it did not take at once. */
  preface(bytes: Uint8Array): void {
    if (this.#end !== undefined || this.#backend === undefined || bytes.length === 0) return;
    this.#backend.pending = Buffer.from(bytes);
    this.#backend.unreportedBytes = -bytes.length;
  }

  relay(limits: RelayLimits): void {
    if (this.#end !== undefined || this.#backend === undefined) return;
    const relay = new Relay(this.#loop, this.#client, this.#backend, limits, this);
    this.#relay = relay;
    this.#loop.defer(() => relay.begin());
  }

  close(): void {
    if (this.#relay === undefined) this.#abandon('cut');
    else this.#relay.close('cut');
  }

  reset(): void {
    if (this.#relay === undefined) this.#abandon('cut', 'reset');
    else this.#relay.cut();
  }

  // What the loop and the relay tell.

  happened(endpoint: Endpoint, events: number): void {
    endpoint.note(events);
    if (endpoint === this.#client) this.#clientHappened(events);
    else this.#backendHappened(endpoint, events);
  }

  /** Before the relay nothing is read, and so nothing yields. */
  resume(): void {
    return;
  }

  moved(rxBytes: number, txBytes: number): void {
    this.owner.moved(rxBytes, txBytes);
  }

  over(end: PairEnd, backendHadFinished: boolean): void {
    this.#source.left();
    this.owner.ended(end, backendHadFinished);
  }

  /** A client that has sent its last byte still waits for its answer; a unix socket that was closed only hangs up. */
  #clientHappened(events: number): void {
    const gone = this.clientAddress === '' ? FAILED : FAILED | HUNG_UP;
    if ((events & gone) !== 0) this.#abandon('client-reset');
    else this.#checkLeft();
  }

  #checkLeft(): void {
    const { fd, isWaiting, isEndAnnounced } = this.#client;
    if (!isWaiting || !isEndAnnounced || this.#end !== undefined) return;
    if (!this.#loop.libc.hasBytes(fd)) this.#abandon('client-reset');
  }

  #backendHappened(backend: Endpoint, events: number): void {
    const hasFailed = (events & (FAILED | HUNG_UP)) !== 0;
    const code = hasFailed ? this.#loop.libc.socketError(backend.fd) : '';
    if (code !== '') {
      this.#hangUp(backend);
      this.owner.dialFailed(failureOf(code, { ip: '', port: 0 }), code);
    } else if ((events & WRITABLE) !== 0) {
      this.#clearDialLimit();
      this.owner.dialled();
    }
  }

  /** While one is under way it has the client's endpoint. */
  #stopPeeking(): void {
    const { owner } = this.#client;
    if (owner instanceof Peek) owner.stop();
  }

  #limitDial(backend: Endpoint, timeoutMs: number): void {
    this.#dialLimit = new Timer(() => {
      this.#hangUp(backend);
      this.owner.dialFailed('timeout', 'ETIMEDOUT');
    });
    this.#loop.set(this.#dialLimit, this.#loop.now + timeoutMs);
  }

  #clearDialLimit(): void {
    if (this.#dialLimit === undefined) return;
    this.#loop.clear(this.#dialLimit);
    this.#dialLimit = undefined;
  }

  #dialFailedLater(failure: DialFailure, code: string): void {
    this.#loop.defer(() => {
      if (this.#end === undefined) this.owner.dialFailed(failure, code);
    });
  }

  #hangUp(backend: Endpoint): void {
    this.#clearDialLimit();
    this.#backend = undefined;
    this.#loop.forget(backend.fd);
    this.#loop.libc.close(backend.fd);
  }

  /** @param how the client's socket is closed */
  #abandon(end: PairEnd, how: 'close' | 'reset' = 'close'): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#stopPeeking();
    if (this.#backend !== undefined) this.#hangUp(this.#backend);
    this.#loop.forget(this.#client.fd);
    this.#loop.libc[how](this.#client.fd);
    this.#loop.defer(() => this.over(end, false));
  }
}
