import assert from 'node:assert/strict';
import type { EngineKind } from '../../../src/data/engines/registry.ts';
import { startDatagrams } from '../../helpers/sockets/datagram-thread.ts';
import { openEcho, openUdp } from '../../helpers/sockets/udp-peer.ts';
import type { DatagramCheck } from '../datagrams.ts';

/** How datagrams go both ways. */
export function moving(check: DatagramCheck, kind: EngineKind): void {
  check('a client has its session, and another one has another', async (t) => {
    const echo = await openEcho(t, 're: ');
    const thread = await startDatagrams(t, kind, { backends: [echo.address] });
    const [one, other] = [await openUdp(t), await openUdp(t)];
    for (const text of ['a', 'b', 'c']) {
      await one.send(text, thread.address);
      await one.received(one.arrived.length + 1);
    }
    await other.send('d', thread.address);
    await other.received(1);
    assert.deepEqual([one.texts, other.texts], [['re: a', 're: b', 're: c'], ['re: d']]);
    assert.equal(thread.told('accepted').length, 2);
    assert.equal(new Set(echo.arrived.map(({ from }) => from.port)).size, 2);
    assert.deepEqual(one.arrived[0]?.from, thread.address);
    const { port } = one.address;
    assert.equal(thread.told('accepted')[0]?.client, `127.0.0.1:${port}`);
    assert.equal(thread.told('accepted')[0]?.asked, `127.0.0.1:${thread.address.port}`);
    assert.equal(thread.told('dialled')[0]?.from, `127.0.0.1:${echo.arrived[0]?.from.port}`);
    thread.order({ type: 'end', pair: 0 });
    assert.deepEqual(await thread.ended(0), { end: 'cut', moved: { rx: 3, tx: 3, rxBytes: 15, txBytes: 3 } });
  });

  check('a burst of one client arrives in order, and so do its answers', async (t) => {
    const echo = await openEcho(t);
    const thread = await startDatagrams(t, kind, { backends: [echo.address] });
    const client = await openUdp(t);
    const rounds = 6;
    const each = 24;
    for (let round = 0; round < rounds; round++) {
      const texts = Array.from({ length: each }, (_, n) => `${round} ${n} ${'x'.repeat(n % 7 === 6 ? 40 : 100)}`);
      await Promise.all(texts.map((text) => client.send(text, thread.address)));
      await client.received((round + 1) * each);
      assert.deepEqual(client.texts.slice(-each), texts);
    }
    assert.equal(thread.told('accepted').length, 1);
    thread.order({ type: 'end', pair: 0 });
    const { moved } = await thread.ended(0);
    assert.deepEqual([moved.rx, moved.tx], [rounds * each, rounds * each]);
    assert.equal(moved.rxBytes, moved.txBytes);
  });

  check('a preface stands before each datagram and is not counted', async (t) => {
    const backend = await openUdp(t);
    const thread = await startDatagrams(t, kind, { backends: [backend.address], preface: Buffer.from('PP ') });
    const client = await openUdp(t);
    await Promise.all(['a', 'b', ''].map((text) => client.send(text, thread.address)));
    await backend.received(3);
    assert.deepEqual(backend.texts, ['PP a', 'PP b', 'PP ']);
    thread.order({ type: 'end', pair: 0 });
    assert.deepEqual((await thread.ended(0)).moved, { rx: 0, tx: 3, rxBytes: 0, txBytes: 2 });
  });

  check('a header names the client, and clients behind one sender have sessions of their own', async (t) => {
    const echo = await openEcho(t);
    const thread = await startDatagrams(t, kind, { backends: [echo.address], hasHeader: true });
    const sender = await openUdp(t);
    const header = (ip: readonly number[]) => Buffer.from([6, ...ip, 0x12, 0x34]);
    const a = header([192, 0, 2, 1]);
    const b = header([192, 0, 2, 2]);
    for (const bytes of [Buffer.concat([a, Buffer.from('one')]), Buffer.concat([b, Buffer.from('two')])]) {
      await sender.send(bytes, thread.address);
      await sender.received(sender.arrived.length + 1);
    }
    await sender.send(Buffer.from([9, 1, 2]), thread.address);
    await sender.send(Buffer.concat([a, Buffer.from('three')]), thread.address);
    await sender.received(3);
    assert.deepEqual(sender.texts, ['one', 'two', 'three']);
    assert.deepEqual(
      thread.told('accepted').map(({ client }) => client),
      ['192.0.2.1:4660', '192.0.2.2:4660'],
    );
    assert.equal(thread.droppedFor('header'), 1);
  });

  // The net engine listens at the addresses that interfaces have, and not at all of 127.0.0.0/8.
  check('an answer leaves from the address that was asked', async (t) => {
    const echo = await openEcho(t);
    const thread = await startDatagrams(t, kind, { backends: [echo.address] }, { ip: '*', port: 0 });
    const { port } = thread.address;
    const client = await openUdp(t);
    const client6 = await openUdp(t, '::1');
    const asked = ['127.0.0.1', ...(kind === 'net' ? [] : ['127.0.0.2', '127.0.0.3'])];
    for (const ip of asked) {
      await client.send(ip, { ip, port });
      await client.received(client.arrived.length + 1);
    }
    await client6.send('six', { ip: '::1', port });
    await client6.received(1);
    assert.deepEqual(
      client.arrived.map(({ bytes, from }) => [bytes.toString(), from.ip, from.port]),
      asked.map((ip) => [ip, ip, port]),
    );
    assert.deepEqual(client6.arrived[0]?.from, { ip: '::1', port });
    assert.deepEqual(
      thread.told('accepted').map(({ asked }) => asked),
      [...asked.map((ip) => `${ip}:${port}`), `[::1]:${port}`],
    );
  });

  for (const ip of ['0.0.0.0', '::', '::1']) {
    check(`it listens at ${ip}`, async (t) => {
      const echo = await openEcho(t);
      const thread = await startDatagrams(t, kind, { backends: [echo.address] }, { ip, port: 0 });
      const asked = {
        ip: ip.includes(':') ? '::1' : kind === 'net' ? '127.0.0.1' : '127.0.0.9',
        port: thread.address.port,
      };
      const client = await openUdp(t, ip.includes(':') ? '::1' : '127.0.0.1');
      const burst = Array.from({ length: 12 }, (_, n) => `${n}`.padStart(9));
      await Promise.all(burst.map((text) => client.send(text, asked)));
      await client.received(burst.length);
      assert.deepEqual(client.texts, burst);
      assert(client.arrived.every(({ from }) => from.ip === asked.ip && from.port === asked.port));
    });
  }

  check('each datagram is sent on by itself, and counted when it is', async (t) => {
    const backends = [await openUdp(t), await openUdp(t), await openUdp(t)];
    const policy = { backends: backends.map(({ address }) => address), isOneWay: true };
    const thread = await startDatagrams(t, kind, policy);
    const client = await openUdp(t);
    for (let n = 0; n < 9; n++) await client.send(`${n}`, thread.address);
    await thread.tells('sent', 9);
    await Promise.all(backends.map((backend) => backend.received(3)));
    assert.deepEqual(backends.map(({ texts }) => texts.join('')).sort(), ['036', '147', '258']);
    assert.equal(thread.told('accepted').length, 0);
    assert(backends.every(({ arrived }) => new Set(arrived.map(({ from }) => from.port)).size === 1));
  });
}
