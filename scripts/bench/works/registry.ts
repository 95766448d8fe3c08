import { body } from './body.ts';
import { connections, poolConnections } from './connections.ts';
import { bursts, newSessions, requests } from './datagrams.ts';
import { helloByName, helloPlain, helloProxyV1, helloProxyV2 } from './hello.ts';
import { idle } from './idle.ts';
import { keepAlive, poolKeepAlive } from './keep-alive.ts';
import { pausedReader } from './paused-reader.ts';
import { pingPong } from './ping-pong.ts';
import type { Work } from './work.ts';

/** In the order in which they run and are shown. */
export const WORKS = {
  'keep-alive': keepAlive,
  connections,
  'body-1k': body('1k', 'bodies of 1 KiB', 50),
  'body-16k': body('16k', 'bodies of 16 KiB', 50),
  'body-64k': body('64k', 'bodies of 64 KiB', 50),
  'body-10m': body('10m', 'bodies of 10 MB', 10),
  'ping-1b-2000': pingPong('ping-pong, 1 byte, 2,000/s', { messageBytes: 1, perSecond: 2000 }),
  'ping-1b-10000': pingPong('ping-pong, 1 byte, 10,000/s', { messageBytes: 1, perSecond: 10_000 }),
  'ping-1k-2000': pingPong('ping-pong, 1 KiB, 2,000/s', { messageBytes: 1024, perSecond: 2000 }),
  'ping-1k-10000': pingPong('ping-pong, 1 KiB, 10,000/s', { messageBytes: 1024, perSecond: 10_000 }),
  idle,
  'pool-keep-alive': poolKeepAlive,
  'pool-connections': poolConnections,
  'paused-reader': pausedReader,
  'hello-plain': helloPlain,
  'hello-name': helloByName,
  'hello-proxy-v1': helloProxyV1,
  'hello-proxy-v2': helloProxyV2,
  'udp-64b': requests('UDP requests of 64 bytes', 64),
  'udp-1200b': requests('UDP requests of 1,200 bytes', 1200),
  'udp-bursts': bursts,
  'udp-new': newSessions,
} as const satisfies Readonly<Record<string, Work>>;

export type WorkName = keyof typeof WORKS;

export const WORK_NAMES = Object.keys(WORKS) as readonly WorkName[];
