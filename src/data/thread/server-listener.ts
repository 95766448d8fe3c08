import { addressText, isUdp, type IpAddress, type SocketAddress } from '../../core/address.ts';
import type {
  DatagramAcceptor,
  DatagramBounds,
  DatagramDrop,
  DatagramEngine,
  DatagramHeader,
  DatagramListener,
  DatagramPair,
  DatagramSockets,
  OneWay,
} from '../../core/datagrams.ts';
import type { Acceptor, ProxiedPair, Listener } from '../../core/engine.ts';
import type { UdpLimits } from '../../core/limits.ts';
import type { Bind } from '../protocol/messages.ts';
import type { Frontend } from '../session/frontend.ts';

interface Wanted {
  readonly where: Bind;
  readonly server: Frontend;
  /** Of a server of UDP. */
  readonly udp: UdpLimits | undefined;
}

type Opened = (result: { readonly at: SocketAddress } | { readonly error: Error }) => void;

/** Far more than a round trip; less than it takes until a lost packet is sent again. */
const HANDSHAKE_MS = 500;

/** An open bind and the server it lets in to. Given over to another server, it loses no client. */
export class ServerListener implements Acceptor {
  readonly bind: string;
  server: Frontend;
  readonly #listener: Listener;
  readonly #datagrams: Datagrams | undefined;
  readonly #engine: DatagramEngine;
  readonly #opened: Opened;

  constructor({ where, server, udp }: Wanted, engine: DatagramEngine, opened: Opened) {
    const { address, socket, descriptor } = where;
    this.bind = addressText(address);
    this.server = server;
    this.#engine = engine;
    this.#opened = opened;
    if ('ip' in address && isUdp(address)) this.#listener = this.#datagrams = this.#listenForDatagrams(address, udp);
    else this.#listener = engine.listen({ address, acceptor: this, socket, descriptor });
  }

  /** From now on, and by its configuration as it is now. */
  letInTo(server: Frontend, udp: UdpLimits | undefined): void {
    this.server = server;
    if (udp !== undefined) this.#datagrams?.adjust(udp);
  }

  listening(at: SocketAddress): void {
    this.#opened({ at });
  }

  listenFailed(error: Error): void {
    this.#opened({ error });
  }

  accepted(pair: ProxiedPair): void {
    this.server.accepted(pair);
  }

  acceptedReset(): void {
    this.server.acceptedReset();
  }

  paused(reason: string): void {
    this.server.paused(reason);
  }

  noResources(reason: string): void {
    this.server.noResources(reason);
  }

  #listenForDatagrams(address: IpAddress, udp: UdpLimits | undefined): Datagrams {
    const { datagrams, kind } = this.#engine;
    if (datagrams === undefined) throw new TypeError(`the engine ${kind} carries no datagrams`);
    if (udp === undefined) throw new TypeError(`${this.bind} is a bind of a server that is none of UDP`);
    return new Datagrams(this, datagrams, address, udp);
  }

  close(closed: () => void): void {
    this.#listener.close(closed);
  }

  /** New clients pass it over; those whose handshake is under way still arrive. */
  closeAfterHandshakes(closed: () => void): void {
    const timer = this.#engine.every(HANDSHAKE_MS, () => {
      timer.cancel();
      this.close(closed);
    });
  }
}

/** A bind of UDP, and what the engine tells of it. */
class Datagrams implements DatagramAcceptor, Listener {
  readonly #server: ServerListener;
  readonly #listener: DatagramListener;
  readonly #sockets: DatagramSockets;
  #bounds: DatagramBounds;
  #isTransparent = false;

  constructor(server: ServerListener, datagrams: DatagramSockets, address: IpAddress, udp: UdpLimits) {
    this.#server = server;
    this.#sockets = datagrams;
    this.#bounds = boundsOf(udp);
    this.#listener = datagrams.listen({ address, acceptor: this, ...this.#bounds });
  }

  adjust(udp: UdpLimits): void {
    const isNew = udp.isTransparent && !this.#isTransparent;
    this.#isTransparent = udp.isTransparent;
    if (isNew && !this.#sockets.maySpeakAsClient()) this.#server.server.cannotSpeakAsClient();
    const bounds = boundsOf(udp);
    const { mostSessions, receiveBufferBytes } = this.#bounds;
    if (bounds.mostSessions === mostSessions && bounds.receiveBufferBytes === receiveBufferBytes) return;
    this.#bounds = bounds;
    this.#checkBuffer(this.#listener.adjust(bounds));
  }

  close(closed: () => void): void {
    this.#listener.close(closed);
  }

  get oneWay(): OneWay | undefined {
    return this.#server.server.oneWay;
  }

  get header(): DatagramHeader | undefined {
    return this.#server.server.header;
  }

  listening(at: SocketAddress, receiveBufferBytes?: number): void {
    this.#checkBuffer(receiveBufferBytes);
    this.#server.listening('ip' in at ? { ...at, protocol: 'udp' } : at);
  }

  listenFailed(error: Error): void {
    this.#server.listenFailed(error);
  }

  accepted(pair: DatagramPair): void {
    this.#server.server.acceptedDatagram(pair);
  }

  noResources(reason: string): void {
    this.#server.noResources(reason);
  }

  dropped(why: DatagramDrop, datagrams: number, shortage?: string): void {
    this.#server.server.dropped(why, datagrams, shortage);
  }

  #checkBuffer(bytes: number | undefined): void {
    const { receiveBufferBytes } = this.#bounds;
    if (bytes === undefined || bytes >= receiveBufferBytes) return;
    this.#server.server.smallReceiveBuffer(bytes, receiveBufferBytes);
  }
}

function boundsOf({ maxSessions, receiveBufferBytes }: UdpLimits): DatagramBounds {
  return { mostSessions: maxSessions, receiveBufferBytes };
}

/** @param done called when all are closed; at once where there are none @param handedOver binds, which are closed later */
export function closeAll(
  listeners: readonly ServerListener[],
  done: () => void,
  handedOver: readonly string[] = [],
): void {
  if (listeners.length === 0) return done();
  let open = listeners.length;
  const closed = (): void => {
    open -= 1;
    if (open === 0) done();
  };
  for (const listener of listeners) {
    if (handedOver.includes(listener.bind)) listener.closeAfterHandshakes(closed);
    else listener.close(closed);
  }
}
