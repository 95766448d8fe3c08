import * as z from 'zod';

import { count } from '../../config/values/values.ts';
import type { UdpLimits } from '../../core/limits.ts';

/** What a datagram, or all datagrams of a session, may be balanced by. */
const BALANCE_PER_CHOICES = ['session', 'datagram'] as const;

const NOT_IN_GOBETWEEN = 'Not in gobetween.';

/** The `udp` table of a server. */
export const udpSchema = z
  .object({
    max_requests: count()
      .default(0)
      .meta({
        description:
          'After this many datagrams of the client a session takes no more, and the next one begins another session. 1' +
          ' without `max_responses` sends each datagram on by itself, elects a backend for each, and expects no answer. 0' +
          ' means no limit.',
        gobetween: 'Above 1 it is not enforced.',
      }),
    max_responses: count()
      .default(0)
      .meta({
        description:
          'A session ends when the backend has sent this many answers for each datagram of the client. A session that' +
          ' falls idle without them has failed. 0 means that nobody knows how many come.',
        gobetween:
          'Ends the session after so many answers in all: a client that asks twice from one port loses the second answer.',
      }),
    balance_per: z
      .enum(BALANCE_PER_CHOICES)
      .default('session')
      .meta({
        title: 'word',
        description:
          'What a backend is elected for: a `session`, whose datagrams all go to it, or each `datagram`, where clients' +
          ' keep one port for all that they send.',
        gobetween: NOT_IN_GOBETWEEN,
      }),
    transparent: z
      .boolean()
      .default(false)
      .meta({
        title: 'boolean',
        description:
          'Whether backends see the address and port of the client instead of ours. Their answers have to be routed' +
          ' back through this host (see udp.md). It needs CAP_NET_ADMIN or CAP_NET_RAW, and the engine `epoll`. Each' +
          ' client has a session, also where `max_requests` is 1.',
        gobetween: 'IPv4 only, and answers are never read.',
      }),
    max_sessions: count({ least: 1, most: 1_000_000 })
      .default(20_000)
      .meta({
        description:
          'The most sessions of one address of `bind` at a time. For a further one a session is ended whose client has' +
          ' had no answer, or that was idle for a second; where there is none, the datagram is dropped. A reload that lowers' +
          ' it ends no session that is in use.',
        gobetween: 'Has no limit.',
      }),
    receive_buffer: count({ least: 4_096, most: 1_073_741_824 })
      .default(4_194_304)
      .meta({
        description:
          'The size in bytes that is asked of the kernel for what has come and is not read yet. The kernel allows' +
          ' `net.core.rmem_max`, unless tslb has CAP_NET_ADMIN. A reload changes it, too.',
        gobetween: NOT_IN_GOBETWEEN,
      }),
  })
  .meta({ description: 'How a server of UDP keeps its sessions (see udp.md).' });

export function udpLimitsOf(udp: z.output<typeof udpSchema>): UdpLimits {
  const awaitsNone = udp.max_requests === 1 && udp.max_responses === 0;
  return {
    isOneWay: awaitsNone && !udp.transparent,
    maxRequests: awaitsNone && udp.transparent ? 0 : udp.balance_per === 'datagram' ? 1 : udp.max_requests,
    maxResponses: udp.max_responses,
    isTransparent: udp.transparent,
    maxSessions: udp.max_sessions,
    receiveBufferBytes: udp.receive_buffer,
  };
}
