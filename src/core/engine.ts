import type { IpAddress, SocketAddress } from './address.ts';
import type { KeepAlive } from './limits.ts';

/**
 * The contract between policy (data/session) and what moves bytes. An engine knows no limits, weights or rules.
 * Everything here is synchronous or a call back, because an engine may own its thread and never return to Node's event
 * loop. An engine never calls back from within a call made to it.
 */
export interface Engine {
  /** As the registry of engines names it. */
  readonly kind: string;
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Calls every `ms` until cancelled; nothing runs while there is nothing to do. */
  every(ms: number, run: () => void): { cancel(): void };
  listen(options: ListenOptions): Listener;
  readonly calls: Calls;
  /** Present where the engine takes its thread over; absent where it runs under Node's event loop. */
  readonly takeover?: Takeover;
}

export interface ListenOptions {
  readonly address: SocketAddress;
  readonly acceptor: Acceptor;
  /** One that the main thread has opened and all threads of the engine accept from: it listens already. */
  readonly socket?: SharedSocket | undefined;
  /** One that listens at the address already, for this listener alone. */
  readonly descriptor?: number | undefined;
}

/** How the threads of an engine call each other, without the main thread. */
export interface Calls {
  /** Of this thread, among those of its engine that live: 0 and up. */
  readonly workerIndex: number;
  /**
   * Has another thread answer soon; many calls may get one answer. Where there is none, nothing happens, but the
   * next thread with that index may answer.
   */
  call(workerIndex: number): void;
  /** @param answer run when other threads have called this one; now and then also when none has */
  onCall(answer: () => void): void;
}

/** How an engine that owns its thread runs, and hears of what is no descriptor of its own. */
export interface Takeover {
  /** Runs until `stop` is called. @param woken called when the main thread has woken this one */
  run(woken: () => void): void;
  /** Has `run` return at the end of its turn. */
  stop(): void;
}

/** A listening socket as one of the threads that accept from it holds it. Plain data, to be sent to that thread. */
export interface SharedSocket {
  readonly fd: number;
  /** In use, with the port that the kernel chose where 0 was asked. */
  readonly at: SocketAddress;
  /** Which threads hold it, in the engine's own format. */
  readonly holders: SharedArrayBuffer;
  /** Of this thread, among the holders. */
  readonly holder: number;
}

export interface Listener {
  /**
   * Lets in the clients that wait already, then stops accepting. Pairs that were accepted live on.
   * @param closed called once, after the last client was let in
   */
  close(closed: () => void): void;
}

export interface Acceptor {
  /** Not said of a shared socket. @param at the address in use, with the port that the kernel chose where 0 was asked */
  listening(at: SocketAddress): void;
  /** The listener could not be opened; it is closed. */
  listenFailed(error: Error): void;
  /** A client came. From here on the acceptor owns the pair and has to end it. */
  accepted(pair: ProxiedPair): void;
  /** A client came and had reset its connection before it was accepted: where the system has forgotten its address. */
  acceptedReset(): void;
  /** No client is accepted for want of a resource (`EMFILE`); clients wait in the backlog. Said once while it lasts. */
  paused(reason: string): void;
  /** A client came, could not be kept for want of a resource (`EMFILE`), and was closed. */
  noResources(reason: string): void;
}

/**
 * The address of a client, or of another end, in as little memory as there is: a character for each byte, the 4 or 16 of
 * its IP address as in ElectionContext, then the 2 of its port, all in network order. '' of a unix socket, which has none.
 * wire/client-address.ts reads and writes it.
 */
export type ClientAddress = string;

/** One client and, once dialled, its backend. The engine drops it when `ended` was called. */
export interface ProxiedPair {
  /** Is told what happens. Set in `accepted`, before anything else. */
  owner: PairOwner;
  /** Where the client's socket is connected from. The owner reads it once, and keeps it. */
  readonly clientAddress: ClientAddress;
  /**
   * To be read in `ended`: whether the client had sent something, and had neither finished nor reset when the backend
   * ended its side by its last byte, by a reset, or because it was dead. False where the backend did not end it.
   */
  readonly wasAwaited: boolean;
  /**
   * Looks at the first bytes of the client without taking them: the relay delivers them all the same. Answered once, by
   * `peeked`; for more bytes it is called again. Called before `dial`. A peek that is under way is given up by another
   * one, by `wait` and `dial`, and when the pair ends, which a client that resets is told by alone.
   */
  peek(wanted: PeekOptions, peeker: Peeker): void;
  /**
   * Drops the first bytes of the client: neither a peek nor the relay has them any more, and `moved` does not count them.
   * Called before `dial`. @param length at most as many as a peek has shown
   */
  take(length: number): void;
  /** The address of this host that the client is connected to; '' on a unix socket. The kernel is asked with each call. */
  localAddress(): ClientAddress;
  /** The own address of the socket to the backend; '' of a unix socket. Between `dialled` and `relay`. */
  backendLocalAddress(): ClientAddress;
  /**
   * Nothing is done for the client until `dial`. If it leaves meanwhile, be it by a reset or because it finishes and has
   * sent nothing, that is answered by `ended` with `client-reset`; one that has sent something may wait for its answer.
   * @param keepAlive so that a client that vanishes is noticed meanwhile, too
   */
  wait(keepAlive: KeepAlive): void;
  /**
   * Connects to a backend; answered by `dialled` or `dialFailed`. Called again while a dial is under way it adds another:
   * the first that connects is the backend, and the others are given up without a word. A socket that the kernel has
   * connected to itself, because nobody listens there, is a refused one.
   * @param to kept by the engine, which encodes it once @param timeoutMs 0 leaves it to the system
   * @param from address of this host to connect from, with port 0 and of the same family; absent: the system's choice
   */
  dial(to: SocketAddress, timeoutMs: number, from?: IpAddress): void;
  /**
   * Has the backend get these bytes before those that the client sends from now on: first our own, in a write of their
   * own, then bytes of the client that were taken. Called between `dialled` and `relay`, once at most for either. A backend
   * that is gone before it has taken them is answered by `ended` with `backend-reset`.
   * @param bytes copied where they are kept; the caller may use the memory again
   * @param areClients whether `moved` counts them
   */
  preface(bytes: Uint8Array, areClients?: boolean): void;
  /** Moves bytes both ways until both sides are done, or one is silent for too long; answered by `ended`. */
  relay(limits: RelayLimits): void;
  /**
   * Closes both sides, in order where nothing is unread; answered by `ended` with `cut`.
   * @param lastWords while no dial is under way: sent to the client before its side is closed, so that they arrive. What it has sent and
   * sends meanwhile is read and dropped, until it has finished, or for a second.
   */
  close(lastWords?: Uint8Array): void;
  /** Resets both sides, so that neither takes the end for a regular one; answered by `ended` with `cut`. */
  reset(): void;
}

/**
 * How long the two sides of a relay may be silent: one object for all connections of a server. A limit that is reached
 * resets both sides at once. Every 0 is no limit.
 */
export interface RelayLimits {
  readonly client: SideLimits;
  readonly backend: SideLimits;
  /**
   * A peer is dead that, for so long, has acknowledged nothing of the bytes under way to it, while the kernel's
   * retransmissions and probes stayed without an answer. One that lives and does not read answers them. TCP alone.
   */
  readonly unacknowledgedMs: number;
  /** Set on both sockets, within a second. Not on unix sockets, whose peers do not vanish. */
  readonly keepAlive: KeepAlive;
  /** Of UDP alone. */
  readonly datagrams?: DatagramLimits;
}

/** When a session of UDP ends by itself. Every 0 is no limit. */
export interface DatagramLimits {
  /** Once it has taken so many datagrams of its client, the next one begins another session; this one awaits its answers. */
  readonly maxRequests: number;
  /** It ends once so many answers have come for each request. */
  readonly maxResponses: number;
}

/**
 * A side is silent while its peer sends nothing and acknowledges nothing: that the kernel takes bytes for it is no sign of
 * its life. Where the kernel does not tell what was acknowledged, bytes that it took count. A side is not silent while
 * what it sent is still being acknowledged by the other, nor while its bytes are not read because the other takes none.
 */
export interface SideLimits {
  readonly idleMs: number;
  /**
   * Once one direction has ended. A side that has finished and acknowledged all waits for the other one, and is not silent.
   */
  readonly finMs: number;
}

export interface PairOwner {
  dialled(to: SocketAddress): void;
  /** A dial failed and gave back what it had. The owner may dial again or close. */
  dialFailed(failed: FailedDial): void;
  /** Bytes delivered since the last call: rx from the backend, tx to the backend. About once a second, and at the end. */
  moved(rxBytes: number, txBytes: number): void;
  /**
   * Exactly once; both sockets are closed, their descriptors given back, and every byte reported by `moved`.
   * @param unacknowledgedBytes under way to the side that was silent for too long, where that was the end
   */
  ended(end: PairEnd, backendHadFinished: boolean, unacknowledgedBytes?: number): void;
}

export interface PeekOptions {
  /** Bytes. */
  readonly atLeast: number;
  /** By which they have to be there, in milliseconds of the engine's clock. */
  readonly deadline: number;
}

export interface Peeker {
  /** What the client has sent so far. @param bytes in memory that is used again after this call */
  peeked(bytes: Uint8Array, result: PeekResult): void;
}

/**
 * `enough`: at least as many as were asked for. `finished`: the client has sent its last byte, and these are all.
 * `timeout`: the deadline came. `too-many`: more were asked for than MOST_PEEKED_BYTES.
 */
export type PeekResult = 'enough' | 'finished' | 'timeout' | 'too-many';

/** As many as a peek may ask for. */
export const MOST_PEEKED_BYTES = 32 * 1024;

/** `exhausted`: it failed for want of something of this host (core/shortage.ts) and says nothing about the backend. */
export type DialFailure = 'refused' | 'unreachable' | 'timeout' | 'exhausted';

export interface FailedDial {
  readonly failure: DialFailure;
  /** The system's: `ECONNREFUSED`, …; NO_SUCH_SOURCE of core/shortage.ts where `from` is no address of this host. */
  readonly code: string;
  readonly to: SocketAddress;
  readonly from: IpAddress | undefined;
}

/**
 * `idle` and `fin`: that side was silent for as long as its limit; `fin` after one of its directions had ended. `dead`: its
 * peer did not answer for `unacknowledgedMs`, or no probe, or the kernel gave it up (ETIMEDOUT, EHOSTUNREACH).
 */
export type PairEnd = 'finished' | 'cut' | `${'client' | 'backend'}-${'reset' | 'idle' | 'fin' | 'dead'}`;
