import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import type { TestContext } from 'node:test';
import type { PairEnd, RelayLimits } from '../../../src/core/engine.ts';
import { Endpoint, EVERYTHING } from '../../../src/data/engines/epoll/endpoint.ts';
import type { Loop } from '../../../src/data/engines/linux/loop.ts';
import { Relay } from '../../../src/data/engines/epoll/relay.ts';
import type { EventList } from '../../../src/data/engines/linux/event-list.ts';
import { WOULD_BLOCK } from '../../../src/data/engines/linux/libc-descriptors.ts';
import { loadLibc } from '../../../src/data/engines/linux/libc.ts';
import { encodeAddress, LARGEST_BYTES, portOf } from '../../../src/data/engines/linux/socket-address.ts';

const PATIENCE_MS = 2000;

const NO_LIMITS: RelayLimits = {
  client: { idleMs: 0, finMs: 0 },
  backend: { idleMs: 0, finMs: 0 },
  unacknowledgedMs: 0,
  keepAlive: { idleMs: 0, intervalMs: 1_000, count: 9 },
};

/** A pair that the epoll engine relays in a loop that the test runs itself, seen from its two far ends. */
export interface Relayed {
  readonly client: number;
  readonly backend: number;
  /** The near endpoints. */
  readonly endpoints: { readonly client: Endpoint; readonly backend: Endpoint };
  readonly relay: Relay;
  /** What the relay has told. */
  readonly said: { rxBytes: number; txBytes: number; end: PairEnd | undefined };
}

/** Two ends of a TCP connection; over loopback a connect is done as soon as it is asked for. */
export function connected(): readonly [one: number, other: number] {
  const libc = loadLibc();
  const listener = libc.socket('ipv4');
  libc.bind(listener, encodeAddress({ ip: '127.0.0.1', port: 0 }));
  libc.listen(listener, 16);
  const bound = new Uint8Array(LARGEST_BYTES);
  libc.localAddress(listener, bound);
  const one = libc.socket('ipv4');
  assert.equal(libc.connect(one, encodeAddress({ ip: '127.0.0.1', port: portOf(bound) })), WOULD_BLOCK);
  const other = libc.accept(listener, bound);
  assert(other >= 0);
  libc.close(listener);
  return [one, other];
}

export function relayed(loop: Loop): Relayed {
  const [client, ours] = connected();
  const [theirs, backend] = connected();
  const nobody = { happened: () => {}, resume: () => {} };
  const endpoints = { client: new Endpoint(ours, 'client', nobody), backend: new Endpoint(theirs, 'backend', nobody) };
  const said: Relayed['said'] = { rxBytes: 0, txBytes: 0, end: undefined };
  const relay = new Relay(loop, endpoints.client, endpoints.backend, NO_LIMITS, {
    moved(rxBytes, txBytes) {
      said.rxBytes += rxBytes;
      said.txBytes += txBytes;
    },
    over: (end) => (said.end = end),
  });
  for (const endpoint of Object.values(endpoints)) loop.watch(endpoint.fd, EVERYTHING, endpoint);
  loop.defer(() => relay.begin());
  iterate(loop);
  return { client, backend, endpoints, relay, said };
}

/** Cuts it, and closes the far ends. */
export function dispose(loop: Loop, ...pairs: readonly Relayed[]): void {
  for (const { relay } of pairs) relay.cut();
  iterate(loop);
  for (const { client, backend } of pairs) for (const fd of [client, backend]) loop.libc.close(fd);
}

/** Has nobody wait for ever for an event that does not come, so that a test fails instead of hanging. */
export function impatient(t: TestContext): void {
  const libc = loadLibc();
  const wait = libc.wait.bind(libc);
  t.mock.method(libc, 'wait', (poller: number, list: EventList, timeoutMs: number) =>
    wait(poller, list, timeoutMs < 0 ? PATIENCE_MS : timeoutMs),
  );
}

interface Koffi {
  load(path: null): { func(signature: string): LibcFunction };
}

type LibcFunction = (...args: readonly (number | Uint8Array)[]) => number;

/** What the engine has no use for. @param signature as koffi reads it */
export function libcFunction(signature: string): LibcFunction {
  return (createRequire(import.meta.url)('koffi') as Koffi).load(null).func(signature);
}

/** Runs the loop without letting it wait. */
export function iterate(loop: Loop, times = 1): void {
  for (let n = 0; n < times; n++) {
    loop.defer(() => {});
    loop.iterate();
  }
}

const buffer = Buffer.alloc(8 * 1024 * 1024);

/** Everything that waits at a socket, and the word that ended it. */
export function receiveAll(fd: number): { readonly bytes: Buffer; readonly word: number } {
  const chunks: Buffer[] = [];
  for (;;) {
    const length = loadLibc().receive(fd, buffer);
    if (length <= 0) return { bytes: Buffer.concat(chunks), word: length };
    chunks.push(Buffer.from(buffer.subarray(0, length)));
  }
}

/** Sends from the beginning of these bytes as many as the socket takes. @returns how many */
export function sendMost(fd: number, bytes: Uint8Array): number {
  let sent = 0;
  for (let length = 1; length > 0 && sent < bytes.length; sent += Math.max(0, length)) {
    const left = bytes.subarray(sent);
    length = loadLibc().send(fd, left, left.length);
  }
  return sent;
}
