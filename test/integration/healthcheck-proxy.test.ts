import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, test, type TestContext } from 'node:test';

import { checkHeader } from '../../src/control/healthcheck/check-header.ts';
import { checkLimit, HealthMonitor } from '../../src/control/healthcheck/monitor.ts';
import { healthcheckSchema } from '../../src/control/healthcheck/registry.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { ProxyOut } from '../../src/core/proxy-protocol.ts';
import { Dialer } from '../../src/io/dialer.ts';
import { clientAddressText } from '../../src/wire/client-address.ts';
import { decodeProxyHeader } from '../../src/wire/proxy-protocol/decode.ts';
import { checkBy } from '../helpers/rigs/checking.ts';
import { startBackend } from '../helpers/sockets/backends.ts';

const LOCAL = '0d0a0d0a000d0a515549540a20000000';

/** Checks one backend of these, until a check has ended; what came of it. */
async function checkOnce(
  t: TestContext,
  keys: Record<string, unknown>,
  { port, out, sendProxy }: { port: number; out?: ProxyOut; sendProxy?: 'none' | 'v1' | 'v2' },
): Promise<string> {
  const hold = setInterval(() => {}, 1_000);
  return new Promise<string>((resolve) => {
    const monitor = new HealthMonitor(healthcheckSchema.parse({ interval: '10s', ...keys }), {
      clock: systemClock,
      random: () => 0,
      dialer: new Dialer(systemClock),
      greeting: (backend) => checkHeader(out, backend),
      limit: checkLimit(),
      events: { changed: () => {}, checked: (_, { reason }) => resolve(reason) },
    });
    t.after(() => {
      monitor.stop();
      clearInterval(hold);
    });
    const target = { host: '127.0.0.1', port };
    const addresses = () => [{ ip: '127.0.0.1', port }];
    monitor.watch([{ key: 'one', target, addresses, sendProxy: () => sendProxy }]);
  });
}

describe('a check of a backend that gets the PROXY header', () => {
  for (const [version, pattern] of [
    ['v1', /^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 (\d+) (\d+)\r\n$/],
    ['v2', undefined],
  ] as const) {
    test(`${version}: a ping sends the one with its own two ends, and closes`, async (t) => {
      const backend = await startBackend(t);
      const out = { version, tlvs: [] };
      assert.equal(await checkOnce(t, { kind: 'ping' }, { port: backend.port, out }), 'passed');
      const peer = await backend.next();
      assert.equal((await peer.ended()).end, 'FIN');
      const [own, theirs] = [peer.socket.remotePort, backend.port];
      if (pattern !== undefined) assert.deepEqual(pattern.exec(peer.text)?.slice(1).map(Number), [own, theirs]);
      else assert.equal(peer.bytes, 28);
    });
  }

  test('sends the version of the backend, and none where that says so', async (t) => {
    for (const [sendProxy, bytes] of [
      ['v2', 28],
      ['none', 0],
    ] as const) {
      const backend = await startBackend(t);
      const out = { version: 'v1', tlvs: [] } as const;
      assert.equal(await checkOnce(t, { kind: 'ping' }, { port: backend.port, out, sendProxy }), 'passed');
      assert.equal((await (await backend.next()).ended()).bytes, bytes);
    }
  });

  test('names no client where that is wanted, and says nothing at a port of its own', async (t) => {
    const backend = await startBackend(t);
    const out = { version: 'v2', tlvs: [], check: 'local' } as const;
    assert.equal(await checkOnce(t, { kind: 'ping' }, { port: backend.port, out }), 'passed');
    const peer = await backend.next();
    await peer.ended();
    assert.equal(Buffer.from(peer.text, 'latin1').toString('hex'), LOCAL);
    const own = await startBackend(t);
    const keys = { kind: 'ping', port: own.port };
    assert.equal(await checkOnce(t, keys, { port: backend.port, out: { version: 'v2', tlvs: [] } }), 'passed');
    assert.equal((await (await own.next()).ended()).bytes, 0);
  });

  test('sends it before the request of http, and before a probe', async (t) => {
    const out = { version: 'v1', tlvs: [] } as const;
    const web = await startBackend(t, ({ socket }) => {
      socket.once('data', (bytes: Buffer) => {
        const isRight = /^PROXY TCP4 .*\r\nGET \/ HTTP\/1\.1\r\n/.test(bytes.toString()) || bytes.length < 60;
        socket.end(`HTTP/1.1 ${isRight ? 200 : 500} x\r\nContent-Length: 0\r\n\r\n`);
      });
    });
    assert.equal(await checkOnce(t, { kind: 'http' }, { port: web.port, out }), 'passed');
    const redis = await startBackend(t, (peer) => {
      void peer.until('a question', () => peer.text.endsWith('PING\r\n')).then(() => peer.send('+PONG\r\n'));
    });
    const keys = { kind: 'probe', probe_protocol: 'tcp', probe_send: 'PING\\r\\n', probe_recv: '+PONG' };
    assert.equal(await checkOnce(t, keys, { port: redis.port, out }), 'passed');
    assert.match((await redis.next()).text, /^PROXY TCP4 [^\r]*\r\nPING\r\n$/);
  });

  test('sends it before each datagram of a probe by UDP', async (t) => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    t.after(() => socket.close());
    await once(socket, 'listening');
    const seen: string[] = [];
    socket.on('message', (datagram, { port }) => {
      const decoded = decodeProxyHeader(datagram, 'datagram');
      if ('source' in decoded) {
        seen.push(clientAddressText(decoded.source), `127.0.0.1:${port}`, datagram.toString('latin1', decoded.length));
      }
      socket.send('PONG', port);
    });
    const keys = { kind: 'probe', probe_protocol: 'udp', probe_send: 'PING', probe_recv: 'PONG' };
    const { port } = socket.address();
    assert.equal(await checkOnce(t, keys, { port, out: { version: 'v2', tlvs: [] } }), 'passed');
    assert.equal(seen[0], seen[1]);
    assert.equal(seen[2], 'PING');
  });
});

test('a probe asks when the banner has come, however many lines it has', async (t) => {
  const keys = { kind: 'probe', probe_protocol: 'tcp', probe_send: 'EHLO tslb\\r\\n', probe_recv: '250' };
  const early: string[] = [];
  let banner = '220-first\r\n220 last\r\n';
  const mail = await startBackend(t, (peer) => {
    void peer.send(banner).then(() => early.push(peer.text));
    const asked = peer.until('EHLO', () => peer.text.endsWith('\r\n'));
    void asked.then(() => peer.send('250 hello\r\n')).catch(() => undefined);
  });
  assert.equal(await checkBy({ ...keys, probe_banner: '220' })(mail.address), 'passed');
  assert.deepEqual([early, (await mail.next()).text], [[''], 'EHLO tslb\r\n']);
  banner = '554 no\r\n';
  assert.equal(
    await checkBy({ ...keys, probe_banner: '220' })(mail.address),
    'the banner does not begin as probe_banner does: "554 no"',
  );
});
