import assert from 'node:assert/strict';
import type { EngineKind } from '../../../src/data/engines/registry.ts';
import { startDatagrams } from '../../helpers/sockets/datagram-thread.ts';
import { closedPort, openEcho, openUdp } from '../../helpers/sockets/udp-peer.ts';
import type { DatagramCheck } from '../datagrams.ts';

/** What goes wrong, and what becomes of the datagrams. */
export function errors(check: DatagramCheck, kind: EngineKind): void {
  check('a backend that is not there is told, and the request goes to the next one', async (t) => {
    const echo = await openEcho(t);
    const thread = await startDatagrams(t, kind, { backends: [await closedPort(t), echo.address] });
    const client = await openUdp(t);
    await client.send('hello', thread.address);
    await client.received(1);
    assert.deepEqual(client.texts, ['hello']);
    assert.deepEqual(
      thread.told('refused').map(({ pair, code }) => [pair, code]),
      [[0, 'ECONNREFUSED']],
    );
    thread.order({ type: 'end', pair: 0 });
    assert.deepEqual((await thread.ended(0)).moved, { rx: 1, tx: 1, rxBytes: 5, txBytes: 5 });
  });

  check('what comes while a session has no backend waits, but not without bound', async (t) => {
    const echo = await openEcho(t);
    const thread = await startDatagrams(t, kind, { backends: [echo.address], isWaiting: true });
    const client = await openUdp(t);
    for (let n = 0; n < 40; n++) await client.send(`${n}`, thread.address);
    await thread.tells('accepted');
    await thread.until(() => thread.droppedFor('queue') > 0);
    const last = await openUdp(t);
    await last.send('mark', thread.address); // all before it are read when it is
    await thread.tells('accepted', 2);
    const dropped = thread.droppedFor('queue');
    thread.order({ type: 'dial', pair: 0 });
    await client.received(40 - dropped);
    assert.deepEqual(
      client.texts,
      Array.from({ length: 40 - dropped }, (_, n) => `${n}`),
    );
  });

  check('a one-way datagram that meets the error of an earlier one is sent again', async (t) => {
    const backend = await openUdp(t);
    const gone = await closedPort(t);
    const thread = await startDatagrams(t, kind, { backends: [gone, gone, backend.address], isOneWay: true });
    const client = await openUdp(t);
    await client.send('a', thread.address);
    await thread.tells('sent', 1);
    await client.send('b', thread.address);
    await thread.tells('sent', 2);
    await backend.received(1);
    assert.deepEqual(backend.texts, ['b']);
    assert.deepEqual(
      thread.told('unsent').map(({ code }) => code),
      ['ECONNREFUSED'],
    );
  });

  check('a one-way datagram for a backend that cannot be connected to goes to the next one', async (t) => {
    const backend = await openUdp(t);
    const broadcast = { ip: '255.255.255.255', port: 9 };
    const backends = [broadcast, backend.address, broadcast, backend.address, broadcast, backend.address];
    const thread = await startDatagrams(t, kind, { backends, isOneWay: true });
    const client = await openUdp(t);
    for (const text of ['a', 'b', 'c']) {
      await client.send(text, thread.address);
      await backend.received(backend.arrived.length + 1);
    }
    assert.deepEqual(backend.texts, ['a', 'b', 'c']);
    assert.ok(thread.told('unsent').some(({ code }) => code === 'EACCES'));
  });

  check('a full table ends the session that is a stranger for longest, and none that is in use', async (t) => {
    const echo = (await openUdp(t)).answering((bytes) => (bytes.toString() === 'silent' ? undefined : bytes));
    const thread = await startDatagrams(t, kind, { backends: [echo.address], mostSessions: 3 });
    const [used, one, two, three] = [await openUdp(t), await openUdp(t), await openUdp(t), await openUdp(t)];
    await used.send('hello', thread.address);
    await used.received(1);
    for (const stranger of [one, two, three]) {
      await stranger.send('silent', thread.address);
      await echo.received(echo.arrived.length + 1);
    }
    assert.equal((await thread.ended(1)).end, 'client-idle');
    assert.equal(thread.told('ended').length, 1);
    for (const client of [used, two, three]) {
      await client.send('loud', thread.address);
      await client.received(client === used ? 2 : 1);
    }
    await one.send('again', thread.address);
    await thread.until(() => thread.droppedFor('full') === 1);
    assert.equal(thread.told('dropped').at(-1)?.shortage, '');
    await used.send('still there', thread.address);
    await used.received(3);
  });

  check('without descriptors the session of a stranger makes room, too', async (t) => {
    const echo = (await openUdp(t)).answering((bytes) => (bytes.toString() === 'silent' ? undefined : bytes));
    const thread = await startDatagrams(t, kind, { backends: [echo.address] });
    thread.pairs[1] = 1;
    const [stranger, client] = [await openUdp(t), await openUdp(t)];
    await stranger.send('silent', thread.address);
    await echo.received(1);
    await client.send('hello', thread.address);
    await client.received(1);
    assert.equal((await thread.ended(0)).end, 'client-idle');
    assert.deepEqual([thread.pairs[0], thread.droppedFor('full')], [1, 0]);
  });

  check('sessions beyond the descriptors are not begun', async (t) => {
    const echo = await openEcho(t);
    const thread = await startDatagrams(t, kind, { backends: [echo.address] });
    thread.pairs[1] = 1;
    const [one, other] = [await openUdp(t), await openUdp(t)];
    await one.send('a', thread.address);
    await one.received(1);
    await other.send('b', thread.address);
    await thread.until(() => thread.droppedFor('full') === 1);
    assert.deepEqual(
      thread.told('dropped').map(({ shortage }) => shortage),
      ['EMFILE'],
    );
    assert.equal(thread.pairs[0], 1);
    thread.order({ type: 'end', pair: 0 });
    await thread.ended(0);
    assert.equal(thread.pairs[0], 0);
    await other.send('c', thread.address);
    await other.received(1);
  });

  check('an address in use is no listener', async (t) => {
    const taken = await openUdp(t);
    const thread = await startDatagrams(t, kind, { backends: [] });
    thread.order({ type: 'listen', at: taken.address, policy: { backends: [] } });
    const [failed] = await thread.tells('failed');
    assert.equal(failed?.code, 'EADDRINUSE');
  });
}
