import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';

import { FakeClock, turn } from '../../test/helpers/fakes/fake-clock.ts';
import { deafAddress } from '../../test/helpers/sockets/silent-listener.ts';
import type { IpAddress } from '../core/address.ts';
import { systemClock } from '../core/clock.ts';
import { Dialer } from './dialer.ts';

const [a, b, c] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((ip) => ({ ip, port: 80 })) as [
  IpAddress,
  IpAddress,
  IpAddress,
];

/** Attempts that the test ends, and what came of the race. */
function racing() {
  const clock = new FakeClock();
  const dialer = new Dialer(clock);
  const begun: string[] = [];
  const ended: string[] = [];
  const discarded: string[] = [];
  const open = new Map<string, { pass: () => void; fail: () => void }>();
  const attempt = ({ ip }: IpAddress, signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      begun.push(ip);
      open.set(ip, { pass: () => resolve(ip), fail: () => reject(new Error(`${ip} refused`)) });
      signal.addEventListener('abort', () => ended.push(ip));
    });
  const discard = (ip: string): void => void discarded.push(ip);
  const race = (addresses: readonly IpAddress[], timeoutMs = 5_000, signal = new AbortController().signal) =>
    dialer.race({ addresses, timeoutMs, attempt, discard, unfinished: 'not connected' }, signal);
  return { clock, race, begun, ended, discarded, open };
}

test('the next address is tried after 250 ms while the first goes on, and the first that answers wins', async () => {
  const { clock, race, begun, ended, open } = racing();
  const winner = race([a, b, c]);
  clock.advance(249);
  assert.deepEqual(begun, [a.ip]);
  clock.advance(1);
  assert.deepEqual(begun, [a.ip, b.ip]);
  open.get(a.ip)?.pass();
  assert.equal(await winner, a.ip);
  assert.deepEqual([ended, clock.timers], [[b.ip], 0]);
});

test('an address that refuses is followed at once, and the last refusal is the reason', async () => {
  const { race, begun, open, clock } = racing();
  const failing = assert.rejects(race([a, b]), /192\.0\.2\.2 refused/);
  open.get(a.ip)?.fail();
  await turn();
  assert.deepEqual(begun, [a.ip, b.ip]);
  open.get(b.ip)?.fail();
  await failing;
  assert.equal(clock.timers, 0);
});

test('a silent address costs the next one nothing for a minute', async () => {
  const { clock, race, begun, open } = racing();
  const winner = race([a, b]);
  clock.advance(250);
  open.get(b.ip)?.pass();
  await winner;
  begun.length = 0;
  const again = race([a, b]);
  assert.deepEqual(begun, [b.ip]);
  open.get(b.ip)?.pass();
  await again;
  clock.advance(60_000);
  begun.length = 0;
  const later = race([a, b]);
  assert.deepEqual(begun, [a.ip]);
  open.get(a.ip)?.pass();
  await later;
});

test('a short time is shared, and an abort ends all attempts', async () => {
  const { clock, race, begun, ended } = racing();
  const late = new AbortController();
  const failing = assert.rejects(race([a, b], 100, late.signal), /not connected/);
  clock.advance(34);
  assert.deepEqual(begun, [a.ip, b.ip]);
  late.abort();
  await failing;
  assert.deepEqual([ended, clock.timers], [[a.ip, b.ip], 0]);
});

test('of two that connect at the same time one is discarded', async () => {
  const { clock, race, discarded, open } = racing();
  const winner = race([a, b]);
  clock.advance(250);
  open.get(a.ip)?.pass();
  open.get(b.ip)?.pass();
  assert.equal(await winner, a.ip);
  await turn();
  assert.deepEqual(discarded, [b.ip]);
});

test('a silent first address and a good second one connect', async (t) => {
  const server = createServer((socket: Socket) => socket.destroy()).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const good = { ip: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const silent = (await deafAddress(t)) as IpAddress;
  const socket = await new Dialer(systemClock).connect(
    { addresses: [silent, good] },
    10_000,
    AbortSignal.timeout(10_000),
  );
  assert.equal(socket.remotePort, good.port);
  socket.destroy();
});

test('connections come from an address of this host that has a port, whichever is listed first', async (t) => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  t.after(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const dialer = new Dialer(systemClock).from(() => ['::1', '192.0.2.7', '127.0.0.2']);
  const { signal } = new AbortController();
  const socket = await dialer.connect({ addresses: [{ ip: '127.0.0.1', port }] }, 0, signal);
  assert.equal(socket.localAddress, '127.0.0.2');
  socket.destroy();
  const stranger = new Dialer(systemClock).from(() => ['192.0.2.7']);
  await assert.rejects(stranger.connect({ addresses: [{ ip: '127.0.0.1', port }] }, 0, signal), {
    syscall: 'bind',
    code: 'EADDRNOTAVAIL',
  });
});

test('of several failures one for want of something of this host is told', async () => {
  const dialer = new Dialer(new FakeClock());
  const attempt = ({ ip, port }: IpAddress) => {
    const code = ip === a.ip ? 'EADDRNOTAVAIL' : 'ECONNREFUSED';
    return Promise.reject(Object.assign(new Error(code), { code, syscall: 'connect', address: ip, port }));
  };
  const race = { addresses: [a, b], timeoutMs: 0, attempt, discard: () => undefined, unfinished: 'not connected' };
  await assert.rejects(dialer.race(race, new AbortController().signal), { code: 'EADDRNOTAVAIL' });
});
