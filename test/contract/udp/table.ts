import assert from 'node:assert/strict';
import { eventually } from '../../helpers/sockets/turns.ts';
import { echo, datagramClient, datagramPeer, silent } from '../../helpers/sockets/datagram-peer.ts';
import type { Check } from '../udp.ts';

/** The table of sessions is bounded. */
export function table(check: Check): void {
  check('where all sessions are in use, a new client is dropped and counted', async (t, start) => {
    const backend = await datagramPeer(t, echo);
    const plane = await start({ backends: [backend.address], udp: { maxSessions: 2 } });
    const clients = await Promise.all([1, 2, 3].map(() => datagramClient(t, plane.address)));
    for (const client of clients.slice(0, 2)) {
      client.send('hello');
      await client.got(1);
    }
    clients[2]?.send('too many');
    await eventually(() => plane.totals().drops.full === 1);
    assert.equal(plane.ledger.serverActive(), 2);
  });

  check('a session that is done makes room, and one that is in use does not', async (t, start) => {
    const backend = await datagramPeer(t, echo);
    const plane = await start({ backends: [backend.address], udp: { maxSessions: 2 } });
    const [done, live, late] = [
      await datagramClient(t, plane.address),
      await datagramClient(t, plane.address),
      await datagramClient(t, plane.address),
    ];
    for (const client of [done, live]) {
      client.send('hello');
      await client.got(1);
    }
    const timer = setInterval(() => {
      live.send('on');
      late.send('hello?');
    }, 50);
    t.after(() => clearInterval(timer));
    await late.got(1);
    clearInterval(timer);
    const [line] = await plane.finished(1);
    assert.deepEqual([line?.cause, line?.outcome, line?.txDatagrams], ['--', 'answered', 1]);
    assert.equal(backend.senders.length, 3, 'the one in use has its session still');
  });

  check('a flood from forged addresses costs no session of a client that is there', async (t, start) => {
    const backend = await datagramPeer(t, (got, peer) => {
      if (got.bytes.toString() !== 'forged') echo(got, peer);
    });
    const plane = await start({ backends: [backend.address], udp: { maxSessions: 20 } });
    const client = await datagramClient(t, plane.address);
    for (let n = 1; n <= 3; n++) {
      client.send(`${n}`);
      await client.got(n);
    }
    const flood = async () => {
      const forged = await Promise.all(Array.from({ length: 60 }, () => datagramPeer(t, silent)));
      for (const peer of forged) peer.send('forged', plane.address);
    };
    await flood();
    await eventually(() => plane.totals().accepted >= 61);
    await eventually(() => plane.ledger.serverActive() <= 20);
    const other = await datagramClient(t, plane.address);
    other.send('new');
    await other.got(1);
    client.send('still there');
    await client.got(4);
    assert.equal(
      new Set(backend.received.filter(({ bytes }) => /^\d$|still/.test(bytes.toString())).map(({ from }) => from.port))
        .size,
      1,
    );
  });

  check('the server takes no more sessions than max_connections', async (t, start) => {
    const backend = await datagramPeer(t, echo);
    const plane = await start({ backends: [backend.address], limits: { maxConnections: 1 } });
    const [first, second] = await Promise.all([1, 2].map(() => datagramClient(t, plane.address)));
    first?.send('hello');
    await first?.got(1);
    second?.send('too many');
    const [line] = await plane.finished(1);
    assert.deepEqual([line?.cause, plane.ledger.serverActive(), backend.received.length], ['PC', 1, 1]);
  });
}
