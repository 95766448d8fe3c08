import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { IpAddress } from '../../../src/core/address.ts';
import { eventually } from '../../helpers/sockets/turns.ts';
import { answering, echo, silent, datagramClient, datagramPeer } from '../../helpers/sockets/datagram-peer.ts';
import type { Check } from '../udp.ts';

/** A port of UDP that nobody listens at. */
async function closedPort(t: TestContext): Promise<IpAddress> {
  const peer = await datagramPeer(t);
  await peer.close();
  return peer.address;
}

/** Backends that are gone or silent. */
export function failures(check: Check): void {
  check('a refused session goes on at another backend, with what was not answered', async (t, start) => {
    const gone = await closedPort(t);
    const backend = await datagramPeer(t, echo);
    const plane = await start({ backends: [gone, backend.address], priorities: [1, 2], maxFails: 1 });
    const client = await datagramClient(t, plane.address);
    client.send('hello');
    assert.deepEqual(await client.got(1), ['hello']);
    await plane.until(() => plane.failures.length > 0);
    assert.equal(plane.ledger.backendTotals(plane.slot(0)).refused, 1);
    assert.deepEqual([plane.ledger.active(plane.slot(0)), plane.ledger.active(plane.slot(1))], [0, 1]);
    assert.equal(plane.failures[0]?.code, 'ECONNREFUSED');
    assert.deepEqual(client.errors, [], 'the client hears nothing of it');
    client.send('again');
    assert.deepEqual(await client.got(2), ['hello', 'again']);
    assert.equal(
      client.received.some(({ bytes }) => bytes.length === 0),
      false,
    );
  });

  check('a backend that goes away in the middle of a session', async (t, start) => {
    const first = await datagramPeer(t, echo);
    const second = await datagramPeer(t, echo);
    const plane = await start({ backends: [first.address, second.address], priorities: [1, 2] });
    const client = await datagramClient(t, plane.address);
    client.send('one');
    await client.got(1);
    await first.close();
    client.send('two');
    assert.deepEqual(await client.got(2), ['one', 'two']);
    assert.deepEqual(second.texts, ['two']);
    assert.equal(plane.ledger.serverActive(), 1);
  });

  check('without another backend the session is over, and the next datagram begins one', async (t, start) => {
    const gone = await closedPort(t);
    const plane = await start({ backends: [gone] });
    const client = await datagramClient(t, plane.address);
    client.send('lost');
    const [line] = await plane.finished(1);
    assert.deepEqual([line?.cause, line?.outcome], ['SC', 'refused']);
    assert.equal(client.received.length, 0);
    const backend = await datagramPeer(t, echo, gone.ip, gone.port);
    client.send('hello');
    assert.deepEqual(await client.got(1), ['hello']);
    assert.equal(backend.received.length, 1);
  });

  check('silence is a failure where answers are awaited', async (t, start) => {
    const backend = await datagramPeer(t, silent);
    const limits = { clientIdleMs: 100 };
    const plane = await start({ backends: [backend.address], maxFails: 1, limits, udp: { maxResponses: 1 } });
    const client = await datagramClient(t, plane.address);
    client.send('hello');
    const { cause, outcome } = await plane.only();
    assert.deepEqual([cause, outcome], ['sD', 'silent']);
    await plane.until(() => plane.failures.length > 0);
  });

  check('and none where nobody knows', async (t, start) => {
    const backend = await datagramPeer(t, silent);
    const plane = await start({ backends: [backend.address], maxFails: 1, limits: { clientIdleMs: 100 } });
    const client = await datagramClient(t, plane.address);
    client.send('hello');
    const { cause, outcome } = await plane.only();
    assert.deepEqual([cause, outcome, plane.failures.length], ['--', 'one-way', 0]);
  });

  check('a server without backends closes its sessions', async (t, start) => {
    const plane = await start({ backends: [] });
    const client = await datagramClient(t, plane.address);
    client.send('hello');
    assert.equal((await plane.only()).cause, 'SC');
  });

  check('clients whose rules forbid it get nothing', async (t, start) => {
    const backend = await datagramPeer(t, echo);
    const plane = await start({ backends: [backend.address], access: { defaultAllow: false, rules: [] } });
    const client = await datagramClient(t, plane.address);
    client.send('hello');
    assert.equal((await plane.only()).cause, 'PR');
    assert.equal(backend.received.length, 0);
  });

  check('datagrams wait in the queue, and arrive in order', async (t, start) => {
    const backend = await datagramPeer(t, answering(1));
    const limits = { queue: { timeoutMs: 20_000, size: 0, perClient: 0, whenDown: false } };
    const plane = await start({ backends: [backend.address], maxConnections: [1], limits, udp: { maxResponses: 2 } });
    const holder = await datagramClient(t, plane.address);
    holder.send('hold');
    await holder.got(1);
    const waiting = await datagramClient(t, plane.address);
    for (const text of ['a', 'b', 'c']) waiting.send(text);
    await plane.untilActive(2);
    const flood = await datagramClient(t, plane.address);
    for (let n = 0; n < 200; n++) flood.send(Buffer.alloc(1_200));
    await eventually(() => plane.totals().drops.queue > 0);
    backend.send('the last', backend.received[0]?.from);
    await waiting.got(3);
    assert.deepEqual(waiting.texts, ['1 a', '1 b', '1 c']);
  });
}
