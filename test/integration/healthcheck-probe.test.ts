import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';

import type { SocketAddress } from '../../src/core/address.ts';
import { temporaryFolder } from '../helpers/processes/cli.ts';
import { checkBy, lateCheckBy } from '../helpers/rigs/checking.ts';
import { banner, echo, REFUSING, startBackend, UNREACHABLE } from '../helpers/sockets/backends.ts';

const ping = checkBy({ kind: 'ping' });

describe('ping', () => {
  test('passes where a connection opens, and closes it at once', async (t) => {
    const backend = await startBackend(t);
    assert.equal(await ping(backend.address), 'passed');
    const peer = await backend.next();
    assert.deepEqual([(await peer.ended()).end, peer.bytes], ['FIN', 0]);
  });

  test('passes by IPv6, by a name and by a unix socket', async (t) => {
    const path = join(temporaryFolder(t), 'backend.sock');
    const [v6, v4] = [await startBackend(t, undefined, { at: { ip: '::1', port: 0 } }), await startBackend(t)];
    await startBackend(t, undefined, { at: { path } });
    assert.equal(await ping(v6.address), 'passed');
    assert.equal(await ping({ host: 'localhost', port: v4.port }), 'passed');
    assert.equal(await ping({ path }), 'passed');
  });

  test('says why it fails', async (t) => {
    assert.equal(await ping(REFUSING), 'connection refused');
    assert.equal(await ping({ host: 'localhost', port: 1 }), 'connection refused');
    assert.match(await ping(UNREACHABLE), /^(network unreachable|permission denied)$/);
    assert.equal(await ping({ path: join(temporaryFolder(t), 'none.sock') }), 'no such socket');
  });

  test('asks the port of the configuration', async (t) => {
    const backend = await startBackend(t);
    const check = checkBy({ kind: 'ping', port: backend.port });
    assert.equal(await check(REFUSING), 'passed');
    const path = join(temporaryFolder(t), 'backend.sock');
    await startBackend(t, undefined, { at: { path } });
    assert.equal(await checkBy({ kind: 'ping', port: 1 })({ path }), 'passed');
  });
});

function probe(keys: Record<string, unknown>) {
  return checkBy({ kind: 'probe', probe_protocol: 'tcp', ...keys });
}

describe('a probe by TCP', () => {
  test('sends, reads and compares the first bytes', async (t) => {
    const backend = await startBackend(t, echo);
    assert.equal(
      await probe({ probe_send: 'PING\\r\\n\\x00\\xff', probe_recv: 'PING\\r\\n\\x00\\xff' })(backend.address),
      'passed',
    );
    assert.equal(await probe({ probe_send: 'PING more', probe_recv: 'PING' })(backend.address), 'passed');
    assert.equal(await probe({ probe_send: 'é', probe_recv: '\\xc3\\xa9' })(backend.address), 'passed');
  });

  test('ends with the first wrong byte, while the backend keeps the connection', async (t) => {
    const backend = await startBackend(t, ({ socket }) => void socket.write('-E'));
    assert.equal(await probe({ probe_recv: '+PONG and more' })(backend.address), 'the answer begins with "-E"');
  });

  test('sends nothing where there is nothing to send', async (t) => {
    const backend = await startBackend(t, banner('220 mail.internal ESMTP\r\n'));
    assert.equal(await probe({ probe_recv: '220 ' })(backend.address), 'passed');
    assert.equal((await backend.next()).bytes, 0);
  });

  test('fails with an answer that ends too early', async (t) => {
    const silent = await startBackend(t, ({ socket }) => void socket.end());
    const short = await startBackend(t, ({ socket }) => void socket.end('+PO'));
    assert.equal(await probe({ probe_recv: '+PONG' })(silent.address), 'closed without an answer');
    assert.equal(await probe({ probe_recv: '+PONG' })(short.address), 'closed after 3 of 5 bytes');
  });

  test('looks for a pattern in as many bytes as it is told to read', async (t) => {
    const backend = await startBackend(t, banner('HTTP/1.0 200 OK\r\n'));
    const regexp = (pattern: string, length: number) =>
      probe({ probe_strategy: 'regexp', probe_recv: pattern, probe_recv_len: length })(backend.address);
    assert.equal(await regexp('^HTTP/1\\.\\d [23]\\d\\d ', 17), 'passed');
    assert.equal(await regexp('(?i)ok', 17), 'passed');
    assert.equal(await regexp('OK', 13), 'the answer "HTTP/1.0 200 " does not match');
    assert.equal(await regexp('404', 17), 'the answer "HTTP/1.0 200 OK\\r\\n" does not match');
    const short = await startBackend(t, ({ socket }) => void socket.end('OK'));
    const check = probe({ probe_strategy: 'regexp', probe_recv: 'OK', probe_recv_len: 3 });
    assert.equal(await check(short.address), 'closed after 2 of 3 bytes');
  });

  test('by a unix socket', async (t) => {
    const path = join(temporaryFolder(t), 'backend.sock');
    await startBackend(t, echo, { at: { path } });
    assert.equal(await probe({ probe_send: 'a', probe_recv: 'a' })({ path }), 'passed');
  });
});

/** Answers each datagram with those that the function makes of it. */
async function datagramServer(t: TestContext, answer: (text: string) => readonly string[], ip = '127.0.0.1') {
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
  t.after(() => socket.close());
  socket.on('message', (message, { port, address }) => {
    for (const text of answer(message.toString('latin1'))) socket.send(Buffer.from(text, 'latin1'), port, address);
  });
  socket.bind(0, ip);
  await once(socket, 'listening');
  return { ip, port: socket.address().port } satisfies SocketAddress;
}

describe('a probe by UDP', () => {
  const keys = { kind: 'probe', probe_protocol: 'udp', probe_send: 'PING', probe_recv: 'PONG!' };
  const udp = checkBy(keys);

  test('reads datagrams until it has enough', async (t) => {
    const whole = await datagramServer(t, (text) => (text === 'PING' ? ['PONG! and more'] : []));
    const parts = await datagramServer(t, () => ['PO', '', 'NG', '!']);
    const v6 = await datagramServer(t, () => ['PONG!'], '::1');
    for (const target of [whole, parts, v6]) assert.equal(await udp(target), 'passed');
    assert.equal(await udp({ host: 'localhost', port: whole.port }), 'passed');
  });

  test('says why it fails', async (t) => {
    const wrong = await datagramServer(t, () => ['NO']);
    const silent = await datagramServer(t, () => []);
    assert.equal(await udp(wrong), 'the answer begins with "NO"');
    assert.equal(await lateCheckBy(keys)(silent), 'incomplete answer');
    const gone = createSocket('udp4').bind(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address();
    gone.close();
    assert.equal(await udp({ ip: '127.0.0.1', port }), 'connection refused');
    assert.equal(await udp({ path: '/x' }), 'a unix socket cannot be probed over UDP');
  });
});
