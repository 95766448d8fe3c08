import type { ProxyIn, ProxyOut } from './proxy-protocol.ts';
import type { ServerNameRules } from './server-names.ts';

/** What a server allows its clients, and its threads hold them to. Every 0 is no limit, unless it says otherwise. */
export interface Limits {
  /** Connections at once over all threads. */
  readonly maxConnections: number;
  /** Time for one dial, over all addresses of the backend; 0 leaves it to the system. */
  readonly connectTimeoutMs: number;
  readonly clientIdleMs: number;
  readonly backendIdleMs: number;
  readonly clientFinMs: number;
  readonly backendFinMs: number;
  /** How long a peer may acknowledge nothing of the bytes that are under way to it, and answer no probe. */
  readonly unacknowledgedMs: number;
  readonly keepAlive: KeepAlive;
  /** IP addresses of this host that backends are dialled from, in this order; none leaves it to the system. */
  readonly sourceAddresses: readonly string[];
  /** Further backends tried after a failed dial; 0 is none. */
  readonly retries: number;
  readonly queue: QueueLimits;
  readonly perClient: ClientLimits;
  /** For how long a client sticks to its backend after its last connection; 0 where it does not. */
  readonly stickyMs: number;
  /** Absent: as each backend says. */
  readonly proxyOut?: ProxyOut;
  /** Absent: no header is looked for. */
  readonly proxyIn?: ProxyIn;
  /** Of a server of UDP. */
  readonly udp?: UdpLimits;
  /** Absent: it does not look at the server name of TLS. */
  readonly serverNames?: ServerNameRules;
}

/** Its connections are sessions: the datagrams of one client's port. */
export interface UdpLimits {
  /** Each datagram is sent on by itself, without a session, and awaits no answer. */
  readonly isOneWay: boolean;
  /** Datagrams of the client in one session. */
  readonly maxRequests: number;
  /** Answers to each of them, after which a session ends. */
  readonly maxResponses: number;
  /** The backend sees the address of the client. */
  readonly isTransparent: boolean;
  /** On one bind at once; never 0. */
  readonly maxSessions: number;
  /** Wanted of SO_RCVBUF; never 0. */
  readonly receiveBufferBytes: number;
}

/** How the kernel probes peers that are silent: SO_KEEPALIVE of socket(7). It counts whole seconds. */
export interface KeepAlive {
  /** Silence before the first probe; 0 sends none. */
  readonly idleMs: number;
  /** Between two probes. */
  readonly intervalMs: number;
  /** After so many probes without an answer the peer is dead. */
  readonly count: number;
}

/** Clients that wait for a backend. */
export interface QueueLimits {
  /** How long one waits; 0 is no queue. */
  readonly timeoutMs: number;
  /** So many wait at once. */
  readonly size: number;
  /** So many of one address wait at once. */
  readonly perClient: number;
  /** Whether they wait while no backend is up, too. Not without a queue. */
  readonly whenDown: boolean;
}

export interface ClientLimits {
  /** Connections at once of one address. */
  readonly maxConnections: number;
  /** Connections that one address may open. */
  readonly rate: ConnectionRate;
  /** IPv6 addresses that agree in so many leading bits are one client, in the queue and for stickiness, too. */
  readonly prefixV6: number;
}

/** So many connections in such a time, and so many at once after a pause. */
export interface ConnectionRate {
  /** 0 is no limit. */
  readonly count: number;
  readonly withinMs: number;
}
