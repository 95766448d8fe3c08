import assert from 'node:assert/strict';
import { echo, silent, datagramClient, datagramPeer } from '../../helpers/sockets/datagram-peer.ts';
import { payload } from '../../helpers/sockets/payload.ts';
import type { Check } from '../udp.ts';

/** Who gets what, and from where. */
export function sessions(check: Check): void {
  check('carries datagrams both ways, each client by a port of its own', async (t, start) => {
    const backend = await datagramPeer(t, echo);
    const plane = await start({ backends: [backend.address] });
    const clients = await Promise.all([1, 2, 3].map(() => datagramClient(t, plane.address)));
    for (const [index, client] of clients.entries()) {
      for (const text of ['one', '', 'three']) {
        client.send(`${index}${text}`);
        await client.until(() => client.texts.at(-1) === `${index}${text}`);
      }
    }
    assert.equal(backend.received.length, 9);
    assert.equal(backend.senders.length, 3);
    assert.equal(plane.ledger.serverActive(), 3);
  });

  check('keeps datagrams whole, empty ones and the largest too', async (t, start) => {
    const backend = await datagramPeer(t, echo);
    const plane = await start({ backends: [backend.address] });
    const client = await datagramClient(t, plane.address);
    const sizes = [0, 1, 511, 512, 1_472, 1_473, 9_000, 16_384, 16_385, 32_768, 65_506, 65_507, 0, 2];
    for (const [index, size] of sizes.entries()) {
      const sent = payload(size);
      client.send(sent);
      await client.got(index + 1);
      assert.ok(client.received[index]?.bytes.equals(sent), `${size} bytes`);
      assert.ok(backend.received[index]?.bytes.equals(sent), `${size} bytes at the backend`);
    }
    await plane.remove();
    plane.plane.cut(1);
    const { rxBytes, txBytes, rxDatagrams, txDatagrams } = await plane.only();
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    assert.deepEqual([rxBytes, txBytes, rxDatagrams, txDatagrams], [bytes, bytes, sizes.length, sizes.length]);
    const totals = plane.totals();
    assert.deepEqual([totals.rxDatagrams, totals.txDatagrams], [sizes.length, sizes.length]);
  });

  for (const ip of ['*', '0.0.0.0']) {
    check(`answers from the address that was asked, on ${ip}`, async (t, start) => {
      const backend = await datagramPeer(t, echo);
      const plane = await start({ backends: [backend.address], binds: [{ ip, port: 0, protocol: 'udp' }] });
      assert.ok('port' in plane.address && plane.address.port > 0);
      const { port } = plane.address;
      // Connected, so it would not hear answers from elsewhere.
      const asked = await datagramClient(t, { ip: '127.0.0.1', port });
      asked.send('asked');
      assert.deepEqual(await asked.got(1), ['asked']);
      if (ip !== '*') return;
      const six = await datagramClient(t, { ip: '::1', port });
      six.send('six');
      assert.deepEqual(await six.got(1), ['six']);
    });
  }

  check('one client at two addresses has two sessions', async (t, start) => {
    const backend = await datagramPeer(t, echo);
    const binds = ['127.0.0.1', '127.0.0.2'].map((ip) => ({ ip, port: 0, protocol: 'udp' }) as const);
    const plane = await start({ backends: [backend.address], binds });
    const client = await datagramPeer(t, silent, '0.0.0.0');
    for (const at of plane.addresses) client.send('x', at);
    await client.got(2);
    assert.equal(backend.senders.length, 2);
    const from = client.received.map(({ from: { ip, port } }) => `${ip}:${port}/udp`).sort();
    const asked = plane.addresses.map((at) => ('ip' in at ? `${at.ip}:${at.port}/udp` : '')).sort();
    assert.deepEqual(from, asked);
  });

  check('the backend may speak first again, and as often as it likes', async (t, start) => {
    const backend = await datagramPeer(t, silent);
    const plane = await start({ backends: [backend.address] });
    const client = await datagramClient(t, plane.address);
    client.send('hello');
    await backend.got(1);
    for (let n = 1; n <= 20; n++) backend.send(`${n}`, backend.received[0]?.from);
    await client.got(20);
    assert.deepEqual(
      client.texts.map(Number).sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, n) => n + 1),
    );
  });

  check('what others send to the port of a session is no answer', async (t, start) => {
    const backend = await datagramPeer(t, echo);
    const stranger = await datagramPeer(t);
    const plane = await start({ backends: [backend.address] });
    const client = await datagramClient(t, plane.address);
    client.send('hello');
    await client.got(1);
    stranger.send('forged', backend.received[0]?.from);
    client.send('again');
    assert.deepEqual(await client.got(2), ['hello', 'again']);
  });

  check('backends of IPv6, for clients of IPv4', async (t, start) => {
    const backend = await datagramPeer(t, echo, '::1');
    const plane = await start({ backends: [backend.address] });
    const client = await datagramClient(t, plane.address);
    client.send('hello');
    assert.deepEqual(await client.got(1), ['hello']);
  });
}
