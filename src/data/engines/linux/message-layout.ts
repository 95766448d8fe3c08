/**
 * struct mmsghdr, iovec and cmsghdr of recvmmsg(2), sendmmsg(2) and cmsg(3) in words of 32 bits, as every 64-bit Linux
 * has them. A length takes two words, of which the second stays 0.
 */
export const HEADER_WORDS = 16;
export const HEADER_BYTES = 64;
export const NAME = 0;
export const NAME_LENGTH = 2;
export const PIECES = 4;
export const PIECE_COUNT = 6;
export const CONTROL = 8;
export const CONTROL_LENGTH = 10;
export const FLAGS = 12;
/** Of the datagram that came. */
export const LENGTH = 14;

/** struct iovec: an address and a length. */
export const PIECE_WORDS = 4;
export const PIECE_BYTES = 16;
export const PIECE_LENGTH = 2;

/** Room for a struct sockaddr of IPv4 or IPv6. */
export const NAME_WORDS = 8;
export const NAME_BYTES = 32;

/** struct cmsghdr: length, level, type; then its data. */
export const CMSG_LEVEL = 2;
export const CMSG_TYPE = 3;
export const CMSG_DATA = 4;
/** Level and type in one number, see kindOf. */
export const PACKET_INFO = 0x0000_0008;
export const PACKET_INFO6 = 0x0029_0032;
export const JOINED = 0x0011_0068;
/** What a control message is. @param at its first word */
export function kindOf(words: Uint32Array, at: number): number {
  return (words[at + CMSG_LEVEL]! << 16) | words[at + CMSG_TYPE]!;
}

export const SEGMENT_LEVEL = 17;
export const SEGMENT_TYPE = 103;
/** With two bytes of data, and as it takes room. */
export const SEGMENT_LENGTH = 18;
export const SEGMENT_BYTES = 24;

/** Room for what comes beside one datagram, and what goes. */
export const CONTROL_WORDS = 32;
export const CONTROL_BYTES = 128;

export const IPV4_FAMILY = 2;
export const IPV4_NAME_BYTES = 16;
export const IPV6_NAME_BYTES = 28;

/** The largest payload of a datagram over IPv4, and of datagrams that are sent as one. */
export const MOST_PAYLOAD_BYTES = 65_507;
/** Datagrams that every kernel with UDP_SEGMENT sends as one. */
export const MOST_SEGMENTS = 64;

/** Room for any datagram, joined ones too. */
export const BUFFER_BYTES = 65_536;
/** Apart so much that they do not all share the same lines of the processor's caches. */
export const BUFFER_STRIDE = BUFFER_BYTES + 3 * 64;
