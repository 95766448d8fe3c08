import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { IpAddress, SocketAddress } from '../../../core/address.ts';
import type { Timer } from '../../../core/clock.ts';
import type { DialFailure, FailedDial } from '../../../core/engine.ts';
import { errorCode } from '../../../core/errors.ts';
import { NO_SUCH_SOURCE } from '../../../core/shortage.ts';
import { failureOf } from '../common/dial-failure.ts';
import type { NetShared } from './shared.ts';
import { SOCKET_OPTIONS } from './socket-options.ts';

/** Is told of each dial whether its socket connected, and when it has closed. */
export interface DialOwner {
  connected(dial: Dial): void;
  /** @param failed why it could not be connected; undefined where it was, or is given up */
  closed(dial: Dial, failed: FailedDial | undefined): void;
  /** The socket failed after it was connected; it closes. @param code the system's */
  broke(dial: Dial, code: string): void;
}

export interface DialOptions {
  /** 0 leaves it to the system. */
  readonly timeoutMs: number;
  /** Undefined leaves it to the system. */
  readonly from: IpAddress | undefined;
}

/** One attempt to connect to a backend, and its socket. */
export class Dial {
  readonly to: SocketAddress;
  readonly socket: Socket;
  readonly #from: IpAddress | undefined;
  readonly #owner: DialOwner;
  readonly #shared: NetShared;
  readonly #limit: Timer | undefined;
  #isConnected = false;
  #isStopped = false;
  #failure: DialFailure = 'timeout';
  #code = 'ETIMEDOUT';

  constructor(to: SocketAddress, { timeoutMs, from }: DialOptions, owner: DialOwner, shared: NetShared) {
    this.to = to;
    this.#from = from;
    this.#owner = owner;
    this.#shared = shared;
    this.socket = connect({ ...SOCKET_OPTIONS, ...('path' in to ? to : target(to, from)) });
    this.#limit = timeoutMs > 0 ? shared.clock.after(timeoutMs, () => this.socket.destroy()) : undefined;
    this.socket.on('error', (error) => this.#failed(error));
    this.socket.once('connect', () => this.#connected());
    this.socket.once('close', () => this.#closed());
  }

  /** Its close alone is told. */
  stop(): void {
    this.#isStopped = true;
    this.socket.destroy();
  }

  #failed(error: Error): void {
    const isBind = 'syscall' in error && error.syscall === 'bind';
    const code = errorCode(error);
    this.#code = isBind && code === 'EADDRNOTAVAIL' ? NO_SUCH_SOURCE : code;
    this.#failure = failureOf(this.#code, this.to);
    if (this.#isConnected) this.#owner.broke(this, code);
  }

  #connected(): void {
    this.#limit?.cancel();
    if (this.#isStopped) return;
    if (this.#isSelfConnected()) {
      this.#failure = 'refused';
      this.#code = 'ECONNREFUSED';
      this.socket.resetAndDestroy();
      return;
    }
    this.#isConnected = true;
    this.#owner.connected(this);
  }

  /** The kernel has chosen the port that is dialled, where nobody listens. A reset leaves no TIME_WAIT on that port. */
  #isSelfConnected(): boolean {
    const { to, socket } = this;
    if ('path' in to || !this.#shared.localPorts.has(to.port)) return false;
    return socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress;
  }

  #closed(): void {
    this.#limit?.cancel();
    if (this.#isConnected || this.#isStopped) return this.#owner.closed(this, undefined);
    this.#owner.closed(this, { failure: this.#failure, code: this.#code, to: this.to, from: this.#from });
  }
}

function target({ ip, port }: IpAddress, from: IpAddress | undefined): TcpNetConnectOpts {
  return from === undefined ? { host: ip, port } : { host: ip, port, localAddress: from.ip };
}
