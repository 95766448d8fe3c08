import type { IpAddress, SocketAddress } from './address.ts';
import type { Acceptor, ClientAddress, Engine, Listener, PairOwner, ProxiedPair } from './engine.ts';

/** An engine that carries UDP, too. */
export interface DatagramEngine extends Engine {
  readonly datagrams?: DatagramSockets;
}

/**
 * The part of an engine that carries UDP. A session is a ProxiedPair: the datagrams of one client that came to one
 * address of this host, and a connected socket to the backend that it was given. Policy sees the first datagram alone;
 * those that follow are the engine's.
 *
 * What a pair does otherwise than with TCP:
 *
 * - `dial` opens a connected socket, so it answers at once; `from` with a port is the client's own address, which the
 *   backend is to see (IP_TRANSPARENT); never with SO_REUSEADDR, which gives two clients one port.
 * - `preface` stands before each datagram to the backend, and not before the first alone.
 * - `relay` may follow upon a second `dial`, see `DatagramOwner.refused`.
 * - `ended` says `finished` once every answer that RelayLimits.datagrams asks for has come; `client-idle` or
 *   `backend-idle` where no datagram came from there for so long, be any awaited or not; and `client-idle` where the
 *   table of sessions is full and this one was idle.
 * - There is no peek, no half-close and no reset: `close` and `reset` are the same.
 */
export interface DatagramSockets {
  /** Whether `dial` may speak from the address of a client: IP_TRANSPARENT takes a capability. Asked of the kernel. */
  maySpeakAsClient(): boolean;
  listen(options: DatagramListenOptions): DatagramListener;
}

export interface DatagramListenOptions extends DatagramBounds {
  readonly address: IpAddress;
  readonly acceptor: DatagramAcceptor;
}

/** What may change while a listener is open. */
export interface DatagramBounds {
  /** Wanted of SO_RCVBUF, in bytes. */
  readonly receiveBufferBytes: number;
  /** Sessions that one listener holds at most. */
  readonly mostSessions: number;
}

export interface DatagramListener extends Listener {
  /**
   * Holds to these from now on. No session ends at once where there are more than allowed; new ones make room of two.
   * @returns bytes of SO_RCVBUF that the kernel gave; undefined where it was not asked
   */
  adjust(bounds: DatagramBounds): number | undefined;
  /**
   * Begins no session any more. The socket stays open for the sessions that live, and is closed with the last one; where
   * the engine listens at the address again before, the new listener takes the socket and the sessions over.
   * @param closed called soon: once no session begins any more, however many live
   */
  close(closed: () => void): void;
}

/** Why a datagram went no further. */
export const DATAGRAM_DROPS = ['truncated', 'overflow', 'full', 'queue', 'header', 'unsent'] as const;
/**
 * `truncated`: it was longer than the buffer. `overflow`: it came while the kernel's buffer was full of others that were not
 * read yet; an engine counts these where the kernel tells. `full`: all sessions are in use, or all descriptors. `queue`:
 * its session waits for a backend and holds as much as it may. `header`: a PROXY header was asked for and is none.
 * `unsent`: the kernel took it not, also not the second time.
 */
export type DatagramDrop = (typeof DATAGRAM_DROPS)[number];

export interface DatagramAcceptor extends Pick<Acceptor, 'listenFailed' | 'noResources'> {
  /** @param at as with TCP @param receiveBufferBytes what the kernel gave; undefined where it was not asked */
  listening(at: SocketAddress, receiveBufferBytes?: number): void;
  /** The first datagram of a client without a session. From here on the acceptor owns the pair and has to end it. */
  accepted(pair: DatagramPair): void;
  /** Asked for each datagram: present while the server sends each one on by itself, and awaits no answer. */
  readonly oneWay: OneWay | undefined;
  /** What stands before the payload of each datagram of a client. Present while the server asks for it. */
  readonly header: DatagramHeader | undefined;
  /** @param shortage the system's code, where this host lacks something: `noResources` says it then */
  dropped(why: DatagramDrop, datagrams: number, shortage?: string): void;
}

/** Datagrams that are sent on one by one, without sessions. */
export interface OneWay {
  /** Elects a backend for a datagram: exactly one of `sent` and `failed` follows. @returns undefined drops it */
  elect(client: ClientAddress): SocketAddress | undefined;
  /** The kernel has taken it. Of the datagram that was elected for last. */
  sent(bytes: number): void;
  /** It has not been sent. The engine elects once more, and drops it after that. @param code the system's */
  failed(code: string): void;
}

export interface DatagramHeader {
  /**
   * Reads what stands before the payload. @param peer who has sent the datagram
   * @returns bytes of the header; -1 where there is none, and the datagram is to be dropped
   */
  read(datagram: Uint8Array, peer: ClientAddress): number;
  /** Of the header that was read last: the client that it names, '' where it names none. */
  readonly client: ClientAddress;
}

export interface DatagramPair extends ProxiedPair {
  owner: DatagramOwner;
}

export interface DatagramOwner extends PairOwner {
  /**
   * The host of the backend says that nobody listens there (ICMP port unreachable): what was not answered is kept. The
   * owner dials anew, and relays, or closes. What was delivered before was told before.
   */
  refused(code: string): void;
  /** Datagrams delivered since the last call, told beside `moved`: rx from the backend, tx to the backend. */
  movedDatagrams(rx: number, tx: number): void;
}
