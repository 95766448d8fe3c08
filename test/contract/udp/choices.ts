import assert from 'node:assert/strict';
import { ClientTable } from '../../../src/ledger/client-table.ts';
import { balancers, type BalanceKind } from '../../../src/balance/registry.ts';
import { answering, datagramClient, datagramPeer } from '../../helpers/sockets/datagram-peer.ts';
import type { Check } from '../udp.ts';

/** Which backend a session gets. */
export function choices(check: Check): void {
  for (const balance of Object.keys(balancers) as readonly BalanceKind[]) {
    check(`balance ${balance}: a session has one backend, and every session has one`, async (t, start) => {
      const backends = await Promise.all([1, 2].map((n) => datagramPeer(t, answering(1, `b${n} `))));
      const plane = await start({ backends: backends.map(({ address }) => address), balance });
      for (let n = 0; n < 6; n++) {
        const client = await datagramClient(t, plane.address);
        for (const text of ['one', 'two']) client.send(text);
        await client.got(2);
        assert.equal(new Set(client.texts.map((text) => text.slice(0, 2))).size, 1);
      }
      const counts = backends.map(({ senders }) => senders.length);
      assert.equal((counts[0] ?? 0) + (counts[1] ?? 0), 6);
      if (['weight', 'roundrobin', 'leastconn'].includes(balance)) assert.deepEqual(counts, [3, 3]);
      if (balance.startsWith('iphash')) assert.ok(counts.includes(6));
    });
  }

  check('a sticky client returns to its backend, from whatever port', async (t, start) => {
    const backends = await Promise.all([1, 2].map(() => datagramPeer(t, answering(1))));
    const plane = await start({
      backends: backends.map(({ address }) => address),
      balance: 'roundrobin',
      clients: new ClientTable(64),
      limits: { stickyMs: 60_000 },
    });
    for (let n = 0; n < 5; n++) {
      const client = await datagramClient(t, plane.address);
      client.send('x');
      await client.got(1);
    }
    assert.deepEqual(backends.map(({ received }) => received.length).sort(), [0, 5]);
  });
}
