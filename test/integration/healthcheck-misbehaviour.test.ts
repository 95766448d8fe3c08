import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';

import { checkBy, lateCheckBy } from '../helpers/rigs/checking.ts';
import { type Serve, startBackend } from '../helpers/sockets/backends.ts';

const KINDS = {
  ping: { kind: 'ping' },
  tcp: { kind: 'probe', probe_protocol: 'tcp', probe_send: 'PING', probe_recv: '+PONG' },
  pattern: {
    kind: 'probe',
    probe_protocol: 'tcp',
    probe_strategy: 'regexp',
    probe_recv: 'PONG$',
    probe_recv_len: 50_000,
  },
  tls: { kind: 'probe', probe_protocol: 'tls', probe_recv: 'x', probe_tls_ignore_verify: true },
  http: { kind: 'http' },
  body: { kind: 'http', http_expected_body: 'ok' },
  https: { kind: 'http', http_tls: true, http_tls_ignore_verify: true },
} as const;

type Name = keyof typeof KINDS;

/** What a check says that ends by its time alone. */
const LATE = 'incomplete answer';
const LATE_TLS = 'connected, but no TLS';
const NO_TLS = /wrong version number|packet length too long|record layer failure/i;
const CUT = /^(connection reset|closed without an answer)$/;
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n';

/** As long as somebody reads. */
function endless(start: string, chunk: string): Serve {
  return ({ socket }) => {
    const bytes = Buffer.from(chunk.repeat(Math.ceil(65_536 / chunk.length)));
    const write = (): void => {
      while (!socket.destroyed && socket.write(bytes));
    };
    socket.on('drain', write);
    socket.write(start);
    write();
  };
}

/** A byte at a time, and at the end the last one again and again. */
function drip(start: string, text: string): Serve {
  return ({ socket }) => {
    socket.write(start);
    let index = 0;
    const timer = setInterval(() => socket.write(text.charAt(Math.min(index++, text.length - 1))), 5);
    socket.on('close', () => clearInterval(timer));
  };
}

/** And closes its side once the other has; test backends leave that half open. */
function closing(serve: Serve): Serve {
  return (peer) => {
    peer.socket.once('end', () => peer.socket.end());
    serve(peer);
  };
}

/** Every byte there is, in an order of its own. */
const GARBAGE = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 167 + 13) & 0xff)).toString('latin1');

const MISBEHAVIOURS: readonly [name: string, serve: Serve, says: Readonly<Partial<Record<Name, string | RegExp>>>][] = [
  [
    'accepts and says nothing',
    () => {},
    { ping: 'passed', tcp: LATE, pattern: LATE, tls: LATE_TLS, http: LATE, body: LATE, https: LATE_TLS },
  ],
  [
    'resets at once',
    (peer) => peer.reset(),
    { tcp: CUT, pattern: CUT, tls: 'connection reset', http: CUT, body: CUT, https: 'connection reset' },
  ],
  [
    'ends at once',
    ({ socket }) => void socket.end(),
    {
      ping: 'passed',
      tcp: CUT,
      pattern: CUT,
      tls: 'connection reset',
      http: CUT,
      body: CUT,
      https: 'connection reset',
    },
  ],
  [
    'has an endless banner',
    endless('', 'x'),
    {
      ping: 'passed',
      tcp: /^the answer begins with "x+"$/,
      pattern: /^the answer "x{40}" does not match$/,
      tls: NO_TLS,
      http: 'the answer is not HTTP',
      body: 'the answer is not HTTP',
      https: NO_TLS,
    },
  ],
  [
    'answers garbage',
    ({ socket }) => void socket.end(GARBAGE, 'latin1'),
    {
      tcp: /^the answer begins with "\\r/,
      pattern: 'closed after 4096 of 50000 bytes',
      tls: NO_TLS,
      http: 'the answer is not HTTP',
      body: 'the answer is not HTTP',
      https: NO_TLS,
    },
  ],
  ['answers slowly, a byte at a time', drip('', '+PON'.padEnd(1_000, 'O')), { pattern: LATE }],
  ['has a slow head', drip('HTTP/1.1 200 OK\r\n', 'X-A: y'), { http: LATE, body: LATE }],
  [
    'has a head without end, in one line',
    endless('HTTP/1.1 200 OK\r\nX-A: ', 'x'),
    { http: 'the head of the answer is too large', body: 'the head of the answer is too large' },
  ],
  [
    'has a head without end, in many lines',
    endless('HTTP/1.1 200 OK\r\n', 'X-A: x\r\n'),
    { http: 'the head of the answer is too large', body: 'the head of the answer is too large' },
  ],
  ['has interim answers without end', endless('', 'HTTP/1.1 102 Processing\r\n\r\n'), { http: LATE, body: LATE }],
  ['has a slow body', drip(HEAD, 'n'), { http: 'passed', body: LATE }],
  ['has a body without end', endless(HEAD, 'n'), { http: 'passed', body: /^the body does not match \(65536 bytes/ }],
  [
    'has half a body',
    ({ socket }) => void socket.end(`${HEAD}ok`),
    { http: 'passed', body: 'closed within the answer' },
  ],
  [
    'changes the protocol',
    ({ socket }) => void socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    { http: 'the status is 101', body: 'the status is 101' },
  ],
];

describe('a backend that', () => {
  for (const [name, serve, says] of MISBEHAVIOURS) {
    test(name, async (t) => {
      const backend = await startBackend(t, closing(serve));
      for (const [kind, expected] of Object.entries(says)) {
        const keys = KINDS[kind as Name];
        const isLate = expected === LATE || expected === LATE_TLS;
        const said = await (isLate ? lateCheckBy(keys) : checkBy(keys))(backend.address);
        if (typeof expected === 'string') assert.equal(said, expected, kind);
        else assert.match(said, expected, kind);
      }
      await Promise.all(backend.peers.map((peer) => peer.closed()));
    });
  }
});

test('descriptors are as many after 200 checks as before', async (t) => {
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const backends = await Promise.all([
    startBackend(
      t,
      closing(() => {}),
    ),
    startBackend(
      t,
      closing(({ socket }) => void socket.end(`${HEAD}ok`)),
    ),
    startBackend(
      t,
      closing((peer) => peer.reset()),
    ),
  ]);
  const exec = { kind: 'exec', exec_command: ['sh', '-c', 'sleep 1000'], exec_expected_positive_output: '1' };
  const udp = { kind: 'probe', probe_protocol: 'udp', probe_send: 'x', probe_recv: 'y' };
  const checks = [...Object.values(KINDS), udp, exec].map(lateCheckBy);
  for (const check of checks) await check(backends[0].address);
  await Promise.all(backends[0].peers.map((peer) => peer.closed()));
  const before = descriptors();
  for (let round = 0; round < 8; round++)
    await Promise.all(backends.flatMap(({ address }) => checks.map((check) => check(address))));
  await Promise.all(backends.flatMap(({ peers }) => peers.map((peer) => peer.closed())));
  while (descriptors() > before) await new Promise((resolve) => setImmediate(resolve));
});
