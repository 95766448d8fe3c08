import assert from 'node:assert/strict';
import type { EngineKind } from '../../../src/data/engines/registry.ts';
import { startDatagrams } from '../../helpers/sockets/datagram-thread.ts';
import { openEcho, openUdp } from '../../helpers/sockets/udp-peer.ts';
import type { DatagramCheck } from '../datagrams.ts';

/** How sessions begin and end. */
export function lives(check: DatagramCheck, kind: EngineKind): void {
  check('a session ends once each request has had its answers', async (t) => {
    const echo = await openUdp(t);
    const thread = await startDatagrams(t, kind, { backends: [echo.address], maxResponses: 2 });
    const client = await openUdp(t);
    for (const text of ['a', 'b']) await client.send(text, thread.address);
    const { from } = (await echo.received(2))[0]!;
    for (let n = 0; n < 3; n++) await echo.send(`${n}`, from);
    await client.received(3);
    assert.equal(thread.told('ended').length, 0);
    await echo.send('3', from);
    await client.received(4);
    assert.deepEqual(await thread.ended(0), { end: 'finished', moved: { rx: 4, tx: 2, rxBytes: 4, txBytes: 2 } });
    await client.send('c', thread.address);
    await echo.received(3);
    assert.equal(thread.told('accepted').length, 2);
  });

  check('requests that waited for a backend beyond those of a session begin another', async (t) => {
    const backend = await openUdp(t);
    const policy = { backends: [backend.address], maxRequests: 2, isWaiting: true };
    const thread = await startDatagrams(t, kind, policy);
    const client = await openUdp(t);
    for (const text of ['a', 'b', 'c']) await client.send(text, thread.address);
    const mark = await openUdp(t);
    await mark.send('mark', thread.address);
    await thread.tells('accepted', 2);
    thread.order({ type: 'dial', pair: 0 });
    await thread.tells('accepted', 3);
    thread.order({ type: 'dial', pair: 2 });
    await backend.received(3);
    assert.deepEqual(backend.texts, ['a', 'b', 'c']);
    assert.equal(new Set(backend.arrived.map(({ from }) => from.port)).size, 2);
  });

  for (const [which, policy] of [
    ['client', { clientIdleMs: 60 }],
    ['backend', { backendIdleMs: 60 }],
  ] as const) {
    check(`a session ends when its ${which} is silent`, async (t) => {
      const backend = await openUdp(t);
      const thread = await startDatagrams(t, kind, { backends: [backend.address], ...policy });
      const client = await openUdp(t);
      await client.send('a', thread.address);
      assert.equal((await thread.ended(0)).end, `${which}-idle`);
      assert.equal(thread.pairs[0], 0);
    });
  }

  check('a listener that closes begins no session, and those that live go on', async (t) => {
    const echo = await openEcho(t);
    const thread = await startDatagrams(t, kind, { backends: [echo.address] });
    const { address } = thread;
    const [old, late] = [await openUdp(t), await openUdp(t)];
    await old.send('a', address);
    await old.received(1);
    thread.order({ type: 'close' });
    await thread.tells('closed');
    await late.send('nobody', address);
    await old.send('b', address);
    await old.received(2);
    assert.equal(thread.told('accepted').length, 1);
    await thread.listen({ backends: [echo.address] }, address);
    await old.send('c', address);
    await old.received(3);
    await late.send('d', address);
    await late.received(1);
    assert.deepEqual([old.texts, late.texts], [['a', 'b', 'c'], ['d']]);
    assert.equal(thread.told('accepted').length, 2, 'the sessions were taken over');
  });

  check('sessions whose listener has closed still go by the headers of their clients', async (t) => {
    const echo = await openEcho(t);
    const thread = await startDatagrams(t, kind, { backends: [echo.address], hasHeader: true });
    const client = await openUdp(t);
    const header = Buffer.from([6, 192, 0, 2, 1, 0x12, 0x34]);
    for (const text of ['a', 'b']) {
      await client.send(Buffer.concat([header, Buffer.from(text)]), thread.address);
      await client.received(client.arrived.length + 1);
      thread.order({ type: 'close' });
      await thread.tells('closed');
    }
    assert.deepEqual(client.texts, ['a', 'b']);
  });

  check('the socket is closed with the last session', async (t) => {
    const echo = await openEcho(t);
    const thread = await startDatagrams(t, kind, { backends: [echo.address] });
    const { address } = thread;
    const client = await openUdp(t);
    await client.send('a', address);
    await client.received(1);
    thread.order({ type: 'close' });
    await thread.tells('closed');
    await assert.rejects(openUdp(t, address.ip, address.port), { code: 'EADDRINUSE' });
    thread.order({ type: 'end', pair: 0 });
    await thread.ended(0);
    await openUdp(t, address.ip, address.port);
  });
}
