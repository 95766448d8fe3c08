import type { Socket } from 'node:dgram';
import type { IpAddress, SocketAddress } from '../../../core/address.ts';
import type { FailedDial } from '../../../core/engine.ts';
import { errorCode } from '../../../core/errors.ts';
import { NO_SUCH_SOURCE } from '../../../core/shortage.ts';
import { failureOf } from '../common/dial-failure.ts';
import { datagramSocket } from './datagram-socket.ts';
import type { NetShared } from './shared.ts';

interface DialOwner {
  connected(dial: DatagramDial): void;
  failed(failed: FailedDial): void;
  readonly received: (datagram: Buffer) => void;
  /** Its host says that nobody listens, once it was connected. @param code the system's */
  refused(code: string): void;
}

/** A socket that is connected to a backend, so that the kernel drops what others send and tells when nobody listens. */
export class DatagramDial {
  readonly to: SocketAddress;
  readonly socket: Socket;
  readonly #from: IpAddress | undefined;
  readonly #owner: DialOwner;
  readonly #shared: NetShared;
  #isConnected = false;
  #isClosed = false;

  constructor(to: SocketAddress, from: IpAddress | undefined, shared: NetShared, owner: DialOwner) {
    this.to = to;
    this.#from = from;
    this.#owner = owner;
    this.#shared = shared;
    const target = 'path' in to ? { ip: '', port: 0 } : to;
    this.socket = datagramSocket(target.ip);
    this.socket.on('error', (error) => this.#failed(error));
    this.socket.on('message', owner.received);
    if ('path' in to) {
      shared.clock.after(0, () => this.#fail('EAFNOSUPPORT'));
      return;
    }
    if (from !== undefined) this.socket.bind({ address: from.ip, port: 0, exclusive: true });
    if (!this.#isClosed) this.#connect(to);
  }

  /** It hears and says no more. */
  stop(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // A send that is under way fails, and says so to its caller alone.
    this.socket.removeAllListeners('message');
    this.socket.close();
  }

  #connect({ ip, port }: IpAddress): void {
    // Node throws what it cannot tell by an event: a socket that could not be bound.
    try {
      this.socket.connect(port, ip, (error?: Error) => {
        if (error !== undefined) this.#failed(error);
        else this.#connected();
      });
    } catch (thrown) {
      this.#failed(thrown as Error);
    }
  }

  #connected(): void {
    if (this.#isClosed) return;
    if (this.#isSelfConnected()) return this.#fail('ECONNREFUSED');
    this.#isConnected = true;
    this.#owner.connected(this);
  }

  /** The kernel has chosen the port that nobody listens at. */
  #isSelfConnected(): boolean {
    const { to } = this;
    if ('path' in to || !this.#shared.localPorts.has(to.port)) return false;
    const { address, port } = this.socket.address();
    return port === to.port && address === to.ip;
  }

  #failed(error: Error): void {
    const isBind = 'syscall' in error && error.syscall === 'bind';
    const code = errorCode(error);
    if (this.#isConnected) this.#refused(code);
    else this.#failSoon(isBind && this.#from !== undefined && code === 'EADDRNOTAVAIL' ? NO_SUCH_SOURCE : code);
  }

  /** Other errors are those of one datagram, which is lost. */
  #refused(code: string): void {
    if (!this.#isClosed && isRefusal(code)) this.#owner.refused(code);
  }

  /** A bind fails within the call that dials. */
  #failSoon(code: string): void {
    this.#shared.clock.after(0, () => this.#fail(code));
    this.stop();
    this.#isClosed = true;
  }

  #fail(code: string): void {
    this.stop();
    this.#owner.failed({ failure: failureOf(code, this.to), code, to: this.to, from: this.#from });
  }
}

/** Whether an error of a send or of a read says that nobody is there. */
export function isRefusal(code: string): boolean {
  return code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH';
}
