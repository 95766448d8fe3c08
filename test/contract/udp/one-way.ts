import assert from 'node:assert/strict';
import { eventually } from '../../helpers/sockets/turns.ts';
import { datagramClient, datagramPeer, echo } from '../../helpers/sockets/datagram-peer.ts';
import type { Check } from '../udp.ts';

const ONE_WAY = { isOneWay: true, maxRequests: 1 };

/** Datagrams that are sent on one by one, and that nobody answers. */
export function oneWay(check: Check): void {
  check('each datagram is elected for, and counted exactly', async (t, start) => {
    const backends = await Promise.all([1, 2, 3].map(() => datagramPeer(t, echo)));
    const addresses = backends.map(({ address }) => address);
    const plane = await start({ backends: addresses, udp: ONE_WAY, balance: 'roundrobin' });
    const client = await datagramClient(t, plane.address);
    const sent = 60;
    for (let n = 1; n <= sent; n++) client.send('x'.repeat(n));
    for (const backend of backends) await backend.got(sent / 3);
    await eventually(() => plane.totals().txDatagrams === sent);
    const { tx, rx, rxDatagrams, accepted, active } = plane.totals();
    const bytes = (sent * (sent + 1)) / 2;
    assert.deepEqual(
      { tx, rx, rxDatagrams, accepted, active },
      { tx: bytes, rx: 0, rxDatagrams: 0, accepted: 0, active: 0 },
    );
    for (const [index, { received }] of backends.entries()) {
      const totals = plane.ledger.backendTotals(plane.slot(index));
      assert.deepEqual(
        [totals.txDatagrams, totals.tx],
        [received.length, received.reduce((sum, { bytes: { length } }) => sum + length, 0)],
      );
    }
    assert.equal(client.received.length, 0, 'answers are not carried');
  });

  check('one that is refused goes to another backend', async (t, start) => {
    const gone = await datagramPeer(t);
    const backend = await datagramPeer(t);
    await gone.close();
    const plane = await start({
      backends: [gone.address, backend.address],
      udp: ONE_WAY,
      priorities: [1, 2],
      maxFails: 1,
    });
    const client = await datagramClient(t, plane.address);
    let sent = 0;
    const timer = setInterval(() => client.send(`${++sent}`), 10);
    t.after(() => clearInterval(timer));
    await backend.got(3);
    await plane.until(() => plane.failures.length > 0);
    clearInterval(timer);
    assert.ok(plane.ledger.backendTotals(plane.slot(0)).refused >= 1);
  });

  check('access rules are asked for each one', async (t, start) => {
    const backend = await datagramPeer(t);
    const plane = await start({
      backends: [backend.address],
      udp: ONE_WAY,
      access: { defaultAllow: false, rules: [] },
    });
    const client = await datagramClient(t, plane.address);
    for (let n = 0; n < 5; n++) client.send('x');
    await eventually(() => plane.totals().denied === 5);
    assert.equal(backend.received.length, 0);
  });
}
