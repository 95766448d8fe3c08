import { createServer, type Server, type Socket } from 'node:net';
import type { SocketAddress, UnixAddress } from '../../../core/address.ts';
import { systemClock } from '../../../core/clock.ts';
import type { Acceptor, Listener, ListenOptions } from '../../../core/engine.ts';
import { asError, errorCode } from '../../../core/errors.ts';
import { removeStaleSocket } from '../../../io/stale-socket.ts';
import { listenAtPath } from '../../../io/unix-socket.ts';
import { NetPair } from './pair.ts';
import type { NetShared } from './shared.ts';
import { SOCKET_OPTIONS } from './socket-options.ts';

/** The kernel lowers it to net.core.somaxconn. */
const BACKLOG = 65_535;

/** One `net.Server` for each bind. */
export class NetListener implements Listener {
  readonly #server: Server;
  readonly #acceptor: Acceptor;
  readonly #shared: NetShared;
  readonly #wanted: SocketAddress;
  /** Clients so far. */
  #came = 0;
  /** libuv removes the file of a socket that has no mode of ours. */
  #removeFile: () => void = () => undefined;

  constructor({ address, acceptor, descriptor }: ListenOptions, shared: NetShared) {
    this.#wanted = address;
    this.#acceptor = acceptor;
    this.#shared = shared;
    this.#server = createServer(SOCKET_OPTIONS, (client) => this.#accept(client));
    if ('path' in address && address.mode !== undefined) {
      this.#listenWithMode({ path: address.path, mode: address.mode });
      return;
    }
    this.#server.once('listening', () => this.#listening());
    this.#server.once('error', (error) => this.#failed(error));
    if (descriptor !== undefined) this.#server.listen({ fd: descriptor, backlog: BACKLOG });
    else this.#listen('ip' in address && address.ip === '*' ? { ...address, ip: '::' } : address);
  }

  /**
   * The kernel resets the clients in the backlog of a socket that closes. Node accepts one of them in each turn of its
   * loop, and there is one at least between two timers: so the socket is closed when none has come between two.
   */
  close(closed: () => void): void {
    this.#closeAfter(-1, this.#came + BACKLOG, closed);
  }

  /** @param came so many had come at the last timer @param most after which it is closed, though more come */
  #closeAfter(came: number, most: number, closed: () => void): void {
    systemClock.after(0, () => {
      if (this.#came !== came && this.#came < most) return this.#closeAfter(this.#came, most, closed);
      this.#removeFile();
      this.#server.close();
      closed();
    });
  }

  #listenWithMode(address: Required<UnixAddress>): void {
    listenAtPath(this.#server, address).then(
      (removeFile) => {
        this.#removeFile = () => ignoringErrors(removeFile);
        this.#listening();
      },
      (thrown: unknown) => this.#acceptor.listenFailed(asError(thrown)),
    );
  }

  #listen(address: SocketAddress): void {
    this.#server.listen(
      'path' in address
        ? { path: address.path, backlog: BACKLOG }
        : { host: address.ip, port: address.port, backlog: BACKLOG },
    );
  }

  #listening(): void {
    this.#server.removeAllListeners('error');
    // From here on an error concerns one accept, not the listener.
    this.#server.on('error', (error) => this.#acceptor.noResources(errorCode(error)));
    this.#acceptor.listening(this.#address());
  }

  /** Two failures have a remedy: a host without IPv6, and a unix socket whose owner is dead. */
  #failed(error: Error): void {
    const code = errorCode(error);
    if ('path' in this.#wanted) {
      if (code === 'EADDRINUSE') this.#takeOver(this.#wanted.path, error);
      else this.#acceptor.listenFailed(error);
      return;
    }
    const isWithoutIpv6 = code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
    if (this.#wanted.ip === '*' && isWithoutIpv6) this.#listenAgain({ ip: '0.0.0.0', port: this.#wanted.port });
    else this.#acceptor.listenFailed(error);
  }

  #takeOver(path: string, error: Error): void {
    removeStaleSocket(path, (isFree) => {
      if (isFree) this.#listenAgain({ path });
      else this.#acceptor.listenFailed(error);
    });
  }

  #listenAgain(address: SocketAddress): void {
    this.#server.once('error', (error) => this.#acceptor.listenFailed(error));
    this.#listen(address);
  }

  #address(): SocketAddress {
    const address = this.#server.address();
    if (address === null || typeof address === 'string' || 'path' in this.#wanted) return this.#wanted;
    return { ip: this.#wanted.ip, port: address.port };
  }

  #accept(client: Socket): void {
    this.#came += 1;
    // Reset before it was accepted: it has no address any more that access rules could be asked for.
    if ('ip' in this.#wanted && client.remoteAddress === undefined) {
      client.destroy();
      this.#acceptor.acceptedReset();
      return;
    }
    if (!this.#shared.descriptors.claim()) {
      client.destroy();
      this.#acceptor.noResources('EMFILE');
      return;
    }
    this.#acceptor.accepted(new NetPair(client, this.#shared));
  }
}

/** A file that cannot be removed is stale from now on: the next listener at that path removes it, or says why not. */
function ignoringErrors(remove: () => void): void {
  try {
    remove();
  } catch {
    // as above
  }
}
