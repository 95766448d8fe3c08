/** Numbers of the kernel's that libc.ts alone needs: the same on every architecture that we know. */

export const EXCLUSIVE = 0x1000_0000;
export const EDGE_TRIGGERED = 0x8000_0000;

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const STREAM_NONBLOCK_CLOEXEC = 0x1 | 0x800 | 0x8_0000;
export const DATAGRAM_NONBLOCK_CLOEXEC = 0x2 | 0x800 | 0x8_0000;
export const NONBLOCK_CLOEXEC = 0x800 | 0x8_0000;
export const CLOEXEC = 0x8_0000;
export const PEEK = 0x2;
/** recv(2) then tells the length that a cut datagram had; in msg_flags it tells of one. */
export const TRUNCATED = 0x20;
export const DO_NOT_WAIT = 0x40;
export const NO_SIGNAL = 0x4000;
export const MORE_FOLLOWS = 0x8000;
export const SPLICE_MOVE_NONBLOCK = 3;
export const CTL_ADD = 1;
export const CTL_DEL = 2;
export const SIOCINQ = 0x541b;
export const SIOCOUTQ = 0x5411;
export const SET_PIPE_SIZE = 1031;
export const GET_PIPE_SIZE = 1032;
export const SHUT_WR = 1;

/** level, name: socket(7), tcp(7), ipv6(7). */
export const OPTIONS = {
  reuseAddress: [1, 2],
  error: [1, 4],
  sendBuffer: [1, 7],
  sendBufferForce: [1, 32],
  receiveBuffer: [1, 8],
  receiveBufferForce: [1, 33],
  reusePort: [1, 15],
  acceptsConnections: [1, 30],
  boundInterface: [1, 62],
  keepAlive: [1, 9],
  noDelay: [6, 1],
  keepIdle: [6, 4],
  keepInterval: [6, 5],
  keepCount: [6, 6],
  userTimeout: [6, 18],
  onlyIpv6: [41, 26],
  bindWithoutPort: [0, 24],
  transparent: [0, 19],
  transparent6: [41, 75],
  packetInfo: [0, 8],
  packetInfo6: [41, 49],
  segmentBytes: [17, 103],
  joinDatagrams: [17, 104],
} as const;
export const LINGER = [1, 13] as const;
export const TCP_INFO = [6, 11] as const;
export const SOCKET_MEMORY = [1, 55] as const;

export const AGAIN = 11;
export const INTERRUPTED = 4;
export const IN_PROGRESS = 115;
export const OUT_OF = new Set([23, 24, 12, 105]); // ENFILE, EMFILE, ENOMEM, ENOBUFS
/** The peer did not answer, or nothing leads to it: ETIMEDOUT, EHOSTUNREACH, EHOSTDOWN, ENETUNREACH, ENETDOWN. */
export const NO_ANSWER = new Set([110, 113, 112, 101, 100]);
