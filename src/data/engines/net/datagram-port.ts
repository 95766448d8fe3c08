import type { RemoteInfo, Socket } from 'node:dgram';
import type { DatagramAcceptor, DatagramBounds, DatagramDrop, OneWay } from '../../../core/datagrams.ts';
import { clientAddressOf } from '../../../wire/client-address.ts';
import { standingOf, type SessionOrder } from '../common/session-order.ts';
import type { Client, ClientSide } from './datagram-client.ts';
import { NetDatagramPair } from './datagram-pair.ts';
import { datagramSocket } from './datagram-socket.ts';
import type { OneWaySockets } from './one-way-sockets.ts';
import type { PeriodicVisitor } from './periodic-visitor.ts';
import type { NetShared } from './shared.ts';

/** What all sockets of a bind share. */
export interface PortTools {
  readonly shared: NetShared;
  readonly oneWay: OneWaySockets;
  /** Of the sessions: they tell what they have moved, and end when they are idle. */
  readonly visits: PeriodicVisitor<NetDatagramPair>;
  readonly order: SessionOrder<NetDatagramPair>;
  readonly bounds: DatagramBounds;
  /** Undefined while no session is begun any more. */
  acceptor(): DatagramAcceptor | undefined;
  /** Also then, for the sessions that live. */
  lastAcceptor(): DatagramAcceptor;
  /** The last session of a socket has ended. */
  emptied(): void;
}

/** One socket that clients send to, at one address of this host, and the sessions of these clients. */
export class DatagramPort implements ClientSide<NetDatagramPair> {
  readonly localIp: string;
  readonly #socket: Socket;
  readonly #tools: PortTools;
  /** The newest session of each client. */
  readonly #byClient = new Map<string, NetDatagramPair>();
  readonly #sessions = new Set<NetDatagramPair>();
  #localPort = 0;

  constructor(ip: string, tools: PortTools) {
    this.localIp = ip;
    this.#tools = tools;
    this.#socket = datagramSocket(ip);
    this.#socket.on('message', (datagram, from) => this.#received(datagram, from));
  }

  /** @param done with the error, where it could not be opened; perhaps at once */
  open(port: number, done: (error: Error | undefined) => void): void {
    const socket = this.#socket;
    socket.once('error', done);
    socket.bind({ address: this.localIp, port, exclusive: true }, () => {
      socket.off('error', done);
      // An error of one datagram is none of the socket.
      socket.on('error', () => undefined);
      this.setReceiveBuffer();
      this.#localPort = socket.address().port;
      done(undefined);
    });
  }

  /** As much of it as net.core.rmem_max allows. */
  setReceiveBuffer(): void {
    this.#socket.setRecvBufferSize(this.#tools.bounds.receiveBufferBytes);
  }

  get localPort(): number {
    return this.#localPort;
  }

  get sessions(): ReadonlySet<NetDatagramPair> {
    return this.#sessions;
  }

  close(): void {
    this.#socket.close();
  }

  // What a session asks.

  answer({ clientIp, clientPort }: Client, datagram: Buffer, done: (error: Error | null, bytes: number) => void): void {
    // A client that wants no answer may have no port (RFC 768); Node throws at a send to it.
    if (clientPort === 0) return done(new Error('the client has no port to answer to'), 0);
    this.#socket.send(datagram, clientPort, clientIp, done);
  }

  dropped(why: DatagramDrop): void {
    this.#tools.lastAcceptor().dropped(why, 1);
  }

  again(pair: NetDatagramPair, datagrams: readonly Buffer[]): void {
    for (const datagram of datagrams) this.#takeIn(datagram, pair);
  }

  answered(pair: NetDatagramPair): void {
    this.#touch(pair);
  }

  left(pair: NetDatagramPair): void {
    const { visits, order } = this.#tools;
    this.#sessions.delete(pair);
    if (this.#byClient.get(pair.key) === pair) this.#byClient.delete(pair.key);
    order.remove(pair);
    visits.remove(pair);
    if (this.#sessions.size === 0) this.#tools.emptied();
  }

  #received(datagram: Buffer, { address, port }: RemoteInfo): void {
    const { header } = this.#tools.lastAcceptor();
    const length = header === undefined ? 0 : header.read(datagram, clientAddressOf(address, port));
    if (length < 0) return this.dropped('header');
    const named = header?.client ?? '';
    const key = `${address} ${port}${named}`;
    const known = this.#byClient.get(key);
    const clientAddress = known?.clientAddress ?? (named === '' ? clientAddressOf(address, port) : named);
    const client = { clientAddress, clientIp: address, clientPort: port, key };
    this.#takeIn(length === 0 ? datagram : datagram.subarray(length), client);
  }

  #takeIn(datagram: Buffer, client: Client): void {
    const known = this.#byClient.get(client.key);
    if (known !== undefined && !known.isFull) {
      this.#touch(known);
      return known.carry(datagram);
    }
    const acceptor = this.#tools.acceptor();
    if (acceptor === undefined) return;
    const { oneWay } = acceptor;
    if (oneWay === undefined) this.#begin(datagram, client, acceptor);
    else this.#sendOneWay(datagram, client, oneWay);
  }

  #begin(datagram: Buffer, client: Client, acceptor: DatagramAcceptor): void {
    const { shared, visits, order, bounds } = this.#tools;
    if (order.size >= bounds.mostSessions) {
      if (!this.#evict()) return acceptor.dropped('full', 1);
      // There are more than a reload allows.
      if (order.size >= bounds.mostSessions) this.#evict();
    }
    const hasRoom = shared.descriptors.claim() || (this.#evict() && shared.descriptors.claim());
    if (!hasRoom) {
      acceptor.dropped('full', 1, 'EMFILE');
      return acceptor.noResources('EMFILE');
    }
    const pair = new NetDatagramPair(client, this, shared);
    this.#sessions.add(pair);
    this.#byClient.set(client.key, pair);
    this.#touch(pair);
    visits.add(pair);
    pair.carry(datagram);
    acceptor.accepted(pair);
  }

  #evict(): boolean {
    const { shared, order } = this.#tools;
    const idle = order.toEvict(shared.clock.now());
    if (idle === undefined) return false;
    order.remove(idle);
    idle.evict();
    return true;
  }

  #sendOneWay(datagram: Buffer, { clientAddress }: Pick<NetDatagramPair, 'clientAddress'>, oneWay: OneWay): void {
    this.#tools.oneWay.send(datagram, clientAddress, oneWay, () => this.dropped('unsent'));
  }

  #touch(pair: NetDatagramPair): void {
    const { order, shared } = this.#tools;
    order.touch(pair, shared.clock.now(), standingOf(pair.requests, pair.responses));
  }
}
