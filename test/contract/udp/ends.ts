import assert from 'node:assert/strict';
import { answering, echo, silent, datagramClient, datagramPeer } from '../../helpers/sockets/datagram-peer.ts';
import type { Check } from '../udp.ts';

/** When a session ends, and what is said of it. */
export function ends(check: Check): void {
  check('when its client is idle', async (t, start) => {
    const backend = await datagramPeer(t, echo);
    const plane = await start({ backends: [backend.address], limits: { clientIdleMs: 100 } });
    const client = await datagramClient(t, plane.address);
    client.send('hello');
    await client.got(1);
    const { cause, outcome, rxDatagrams, txDatagrams } = await plane.only();
    assert.deepEqual([cause, outcome, rxDatagrams, txDatagrams], ['--', 'answered', 1, 1]);
    client.send('again');
    await client.got(2);
    assert.equal(backend.senders.length, 2, 'a new session');
  });

  check('when its backend is idle, though its client goes on', async (t, start) => {
    const backend = await datagramPeer(t, silent);
    const plane = await start({ backends: [backend.address], limits: { backendIdleMs: 200 } });
    const client = await datagramClient(t, plane.address);
    const timer = setInterval(() => client.send('x'), 20);
    t.after(() => clearInterval(timer));
    await backend.until(() => backend.senders.length >= 2);
    clearInterval(timer);
    const [first] = await plane.finished(1);
    assert.deepEqual([first?.cause, first?.outcome], ['--', 'one-way']);
  });

  check('when all answers have come', async (t, start) => {
    const backend = await datagramPeer(t, answering(2));
    const plane = await start({ backends: [backend.address], udp: { maxResponses: 2 } });
    const client = await datagramClient(t, plane.address);
    client.send('A');
    await client.got(2);
    const { cause, outcome, rxDatagrams } = await plane.only();
    assert.deepEqual([cause, outcome, rxDatagrams], ['--', 'answered', 2]);
  });

  check('answers are counted for each request, as resolvers ask for two things at once', async (t, start) => {
    const backend = await datagramPeer(t, silent);
    const plane = await start({ backends: [backend.address], udp: { maxResponses: 1 } });
    const client = await datagramClient(t, plane.address);
    client.send('A');
    client.send('AAAA');
    await backend.got(2);
    const [, second] = backend.received;
    assert.equal(backend.senders.length, 1);
    backend.send('the first answer', second?.from);
    await client.got(1);
    backend.send('the second answer', second?.from);
    assert.deepEqual(await client.got(2), ['the first answer', 'the second answer']);
    assert.equal((await plane.only()).rxDatagrams, 2);
  });

  check('takes no more than so many datagrams, and awaits its answers still', async (t, start) => {
    const backend = await datagramPeer(t, silent);
    const plane = await start({ backends: [backend.address], udp: { maxRequests: 2, maxResponses: 1 } });
    const client = await datagramClient(t, plane.address);
    for (const text of ['1', '2', '3', '4', '5']) client.send(text);
    await backend.got(5);
    const bySender = backend.senders.map((port) =>
      backend.received.filter(({ from }) => from.port === port).map(({ bytes }) => bytes.toString()),
    );
    assert.deepEqual(bySender, [['1', '2'], ['3', '4'], ['5']]);
    for (const { bytes, from } of backend.received) backend.send(`re ${bytes.toString()}`, from);
    await client.got(5);
    const lines = await plane.settled(3);
    assert.deepEqual(lines.map(({ txDatagrams }) => txDatagrams).sort(), [1, 2, 2]);
  });

  check('each datagram may have a session of its own', async (t, start) => {
    const backends = await Promise.all([1, 2].map((n) => datagramPeer(t, answering(1, `b${n} `))));
    const udp = { maxRequests: 1, maxResponses: 1 };
    const plane = await start({ backends: backends.map(({ address }) => address), udp, balance: 'roundrobin' });
    const client = await datagramClient(t, plane.address);
    for (let n = 0; n < 10; n++) client.send(`${n}`);
    await client.got(10);
    assert.deepEqual(
      backends.map(({ received }) => received.length),
      [5, 5],
    );
    await plane.settled(10);
  });
}
