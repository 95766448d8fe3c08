import { addressText, type IpAddress } from '../../../../core/address.ts';
import type { DatagramListener, DatagramListenOptions, DatagramSockets } from '../../../../core/datagrams.ts';
import { asError } from '../../../../core/errors.ts';
import type { Descriptors } from '../../common/descriptors.ts';
import type { Loop } from '../../linux/loop.ts';
import { allowsAnySource } from './backend-socket.ts';
import { Exchange } from './exchange.ts';
import { openSocket } from './listening.ts';
import { DatagramPort } from './port.ts';

/** UDP of the epoll engine: recvmmsg(2) and sendmmsg(2) on the sockets that clients send to, a socket for each session. */
export class EpollDatagrams implements DatagramSockets {
  readonly #loop: Loop;
  readonly #descriptors: Descriptors;
  /** By address; those that only sessions hold are among them. */
  readonly #ports = new Map<string, DatagramPort>();
  /** Until the end of the iteration. */
  readonly #closing = new Set<DatagramPort>();
  /** Made with the first listener: it has megabytes. */
  #exchange: Exchange | undefined;

  constructor(loop: Loop, descriptors: Descriptors) {
    this.#loop = loop;
    this.#descriptors = descriptors;
  }

  maySpeakAsClient(): boolean {
    const { libc } = this.#loop;
    const fd = libc.datagramSocket('ipv4');
    if (fd < 0) return false;
    const may = allowsAnySource(libc, fd, 'transparent');
    libc.close(fd);
    return may;
  }

  listen(options: DatagramListenOptions): DatagramListener {
    const { acceptor, address } = options;
    try {
      const port = this.#portAt(address);
      const stop = port.listen(options);
      this.#loop.defer(() => acceptor.listening(port.socket.at, port.receiveBufferBytes));
      return {
        adjust: (bounds) => port.adjust(acceptor, bounds),
        close: (closed) => this.#close(port, stop, closed),
      };
    } catch (thrown) {
      this.#loop.defer(() => acceptor.listenFailed(asError(thrown)));
      return { adjust: () => undefined, close: (closed) => this.#loop.defer(closed) };
    }
  }

  #close(port: DatagramPort, stop: () => void, closed: () => void): void {
    this.#closing.add(port);
    this.#loop.defer(() => {
      this.#closing.delete(port);
      stop();
      closed();
    });
  }

  /** The kernel refuses an address at which a port of ours listens. @throws Error with the system's code */
  #portAt(address: IpAddress): DatagramPort {
    const known = this.#ports.get(keyOf(address));
    if (known !== undefined && (!known.isListening || this.#closing.has(known))) return known;
    this.#exchange ??= new Exchange(this.#loop, this.#descriptors);
    const socket = openSocket(this.#loop.libc, address);
    const at = keyOf(socket.at);
    const port = new DatagramPort(this.#exchange, socket, () => this.#ports.delete(at));
    if (!this.#loop.watchLevel(socket.fd, port)) {
      this.#loop.forget(socket.fd);
      this.#loop.libc.close(socket.fd);
      throw Object.assign(new Error('epoll_ctl ENOMEM'), { code: 'ENOMEM' });
    }
    this.#ports.set(at, port);
    return port;
  }
}

/** Without the protocol, which a bind may name. */
function keyOf({ ip, port }: IpAddress): string {
  return addressText({ ip, port });
}
