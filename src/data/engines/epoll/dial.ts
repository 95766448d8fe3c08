import type { IpAddress, SocketAddress } from '../../../core/address.ts';
import type { FailedDial } from '../../../core/engine.ts';
import { NO_SUCH_SOURCE } from '../../../core/shortage.ts';
import { failureOf } from '../common/dial-failure.ts';
import { FAILED, HUNG_UP, WRITABLE } from '../linux/event-list.ts';
import { WOULD_BLOCK } from '../linux/libc-descriptors.ts';
import { encodedAddress, familyOf, isSameEndpoint, LARGEST_BYTES } from '../linux/socket-address.ts';
import { setNoDelay } from '../linux/tcp-options.ts';
import { Timer } from '../linux/timer-wheel.ts';
import { Endpoint, EVERYTHING, type EndpointOwner } from './endpoint.ts';
import type { Loop } from '../linux/loop.ts';

/** Is told once of each dial what became of it, unless that was stopped. Never from within `start`. */
export interface DialOwner extends EndpointOwner {
  /** The endpoint is the owner's from now on. */
  connected(dial: Dial, backend: Endpoint): void;
  failed(dial: Dial, failed: FailedDial): void;
}

/** The local name of the socket that is being connected. */
const localName = new Uint8Array(LARGEST_BYTES);

/** One attempt to connect to a backend. */
export class Dial implements EndpointOwner {
  readonly to: SocketAddress;
  readonly #from: IpAddress | undefined;
  readonly #loop: Loop;
  readonly #owner: DialOwner;
  #backend: Endpoint | undefined;
  #limit: Timer | undefined;
  #isOver = false;

  /** @param from undefined leaves it to the system */
  constructor(loop: Loop, owner: DialOwner, to: SocketAddress, from: IpAddress | undefined) {
    this.#loop = loop;
    this.#owner = owner;
    this.to = to;
    this.#from = from;
  }

  /** @param timeoutMs 0 leaves it to the system */
  start(timeoutMs: number): void {
    const code = this.#loop.usedUpPorts.has(this.to, this.#from) ? 'EADDRNOTAVAIL' : this.#open();
    if (code !== '') return this.#loop.defer(() => this.#fail(code));
    if (timeoutMs === 0) return;
    this.#limit = new Timer(() => this.#fail('ETIMEDOUT'));
    this.#loop.set(this.#limit, this.#loop.now + timeoutMs);
  }

  /** Nothing is told of it any more. */
  stop(): void {
    this.#isOver = true;
    this.#clearLimit();
    if (this.#backend === undefined) return;
    this.#loop.forget(this.#backend.fd);
    this.#loop.libc.close(this.#backend.fd);
    this.#backend = undefined;
  }

  happened(backend: Endpoint, events: number): void {
    backend.note(events);
    const code = (events & (FAILED | HUNG_UP)) === 0 ? '' : this.#loop.libc.socketError(backend.fd);
    if (code !== '') this.#fail(code);
    else if ((events & WRITABLE) !== 0) this.#connect(backend);
  }

  /** Nothing is read of it, and so nothing yields. */
  resume(): void {
    return;
  }

  #connect(backend: Endpoint): void {
    this.#isOver = true;
    this.#clearLimit();
    this.#backend = undefined;
    backend.owner = this.#owner;
    this.#owner.connected(this, backend);
  }

  #fail(code: string): void {
    if (this.#isOver) return;
    this.stop();
    this.#owner.failed(this, { failure: failureOf(code, this.to), code, to: this.to, from: this.#from });
  }

  /** @returns the system's code, or '' when the connect is under way or done already */
  #open(): string {
    const { libc } = this.#loop;
    const fd = libc.socket(familyOf(this.to));
    if (fd < 0) return libc.errorName();
    const code = 'path' in this.to ? this.#begin(fd) : this.#beginIp(fd, this.to);
    if (code !== '') {
      libc.close(fd);
      return code;
    }
    const backend = new Endpoint(fd, 'backend', this);
    backend.isLocal = 'path' in this.to;
    // Also where the connect is done already, its event comes from the loop: an engine does not call back from a call.
    if (!this.#loop.watch(fd, EVERYTHING, backend)) {
      this.#loop.forget(fd);
      libc.close(fd);
      return 'ENOMEM';
    }
    this.#backend = backend;
    return '';
  }

  #begin(fd: number): string {
    const { libc } = this.#loop;
    const word = libc.connect(fd, encodedAddress(this.to));
    if (word === 0 || word === WOULD_BLOCK) return '';
    const code = libc.errorName();
    if (code === 'EADDRNOTAVAIL') this.#loop.usedUpPorts.note(this.to, this.#from);
    return code;
  }

  /**
   * With reuseAddress no automatic port of ours keeps a server of this host from its own. A source address is bound
   * without a port: then the kernel counts ports for each destination, and not for the address.
   */
  #beginIp(fd: number, to: IpAddress): string {
    const { libc, localPorts } = this.#loop;
    setNoDelay(libc, fd);
    libc.setOption(fd, 'reuseAddress', 1);
    if (this.#from !== undefined) {
      libc.setOption(fd, 'bindWithoutPort', 1);
      if (!libc.tryBind(fd, encodedAddress(this.#from))) {
        const code = libc.errorName();
        return code === 'EADDRNOTAVAIL' ? NO_SUCH_SOURCE : code;
      }
    }
    const code = this.#begin(fd);
    if (code !== '' || !localPorts.has(to.port)) return code;
    // The kernel has chosen the port that is dialled, where nobody listens: the socket is connected to itself.
    libc.localAddress(fd, localName);
    if (!isSameEndpoint(localName, encodedAddress(to))) return '';
    libc.dropAtClose(fd);
    return 'ECONNREFUSED';
  }

  #clearLimit(): void {
    if (this.#limit === undefined) return;
    this.#loop.clear(this.#limit);
    this.#limit = undefined;
  }
}
