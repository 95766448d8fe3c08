import assert from 'node:assert/strict';
import type { AccessRules } from '../../../src/access/rules.ts';
import { parseIp } from '../../../src/wire/ip.ts';
import { backendName, type TestPlane } from '../../helpers/rigs/plane.ts';
import { banner, echo, startBackend } from '../../helpers/sockets/backends.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import type { Check } from '../engine.ts';

/** Who is let in, and how many. */
export function limits(check: Check): void {
  check('a client that the rules deny is closed and takes no place', async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await start({
      backends: [backend.address],
      access: denying('127.0.0.66'),
      limits: { maxConnections: 1 },
    });
    const denied = Array.from({ length: 50 }, () => plane.client({ from: '127.0.0.66' }));
    const client = await plane.client().received(2);
    for (const one of denied) assert.equal((await one.ended()).bytes, 0);
    client.socket.end();
    await client.closed();
    const lines = await plane.settled(51);
    assert.equal(lines.filter(({ cause }) => cause === 'PR').length, 50);
    assert.deepEqual([plane.totals().denied, plane.totals().noBackend], [50, 0]);
    assert.equal(backend.peers.length, 1);
  });

  check("the server's max_connections is exact", async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await start({ backends: [backend.address], limits: { maxConnections: 10 } });
    const inside = await admit(plane, 50, 10);
    assert.equal(backend.mostOpen, 10);
    assert.equal(plane.totals().active, 10);
    for (const client of inside) client.socket.end();
    const lines = await plane.settled(50);
    assert.equal(lines.filter(({ cause }) => cause === 'PC').length, 40);
    assert.equal(plane.totals().noBackend, 40);
    await admit(plane, 10, 10);
  });

  check("a burst never passes the backend's max_connections", async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await start({ backends: [backend.address], maxConnections: [10] });
    const inside = await admit(plane, 200, 10);
    assert.deepEqual([backend.mostOpen, backend.peers.length], [10, 10]);
    for (const client of inside) client.socket.end();
    const lines = await plane.settled(200);
    assert.equal(lines.filter(({ cause }) => cause === 'PC').length, 190);
    await admit(plane, 10, 10);
  });

  check("clients that come and go never pass the backend's max_connections", async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await start({ backends: [backend.address], maxConnections: [10] });
    let made = 0;
    const insist = async (): Promise<void> => {
      for (;;) {
        made += 1;
        const client = plane.client();
        await client.until('an answer', () => client.bytes > 0 || client.hasEnded);
        client.socket.end();
        await client.closed();
        if (client.bytes > 0) return;
      }
    };
    await Promise.all(Array.from({ length: 200 }, insist));
    assert(backend.mostOpen <= 10, `${backend.mostOpen} at once`);
    assert.equal(backend.peers.length, 200);
    const lines = await plane.settled(made);
    assert.equal(lines.filter(({ cause }) => cause === '--').length, 200);
  });

  check('two backends are filled each to its own limit', async (t, start) => {
    const backends = [await startBackend(t, banner('in')), await startBackend(t, banner('in'))];
    const plane = await start({ backends: backends.map(({ address }) => address), maxConnections: [3, 8] });
    const inside = await admit(plane, 40, 11);
    assert.deepEqual(
      backends.map(({ mostOpen }) => mostOpen),
      [3, 8],
    );
    for (const client of inside) client.socket.end();
    await plane.settled(40);
    await admit(plane, 11, 11);
    assert.deepEqual(
      backends.map(({ mostOpen }) => mostOpen),
      [3, 8],
    );
  });

  check('a place given back is taken by the next client at once', async (t, start) => {
    const backend = await startBackend(t, echo);
    const plane = await start({ backends: [backend.address], maxConnections: [1], limits: { maxConnections: 1 } });
    for (let n = 0; n < 50; n++) {
      const client = await plane.client().finish('x');
      assert.equal((await client.closed()).bytes, 1);
      await plane.untilActive(0);
    }
    assert.equal(backend.mostOpen, 1);
    await plane.settled(50);
  });

  check('a failed dial gives its place back', async (t, start) => {
    const backend = await startBackend(t, banner('in'));
    const plane = await start({ backends: [backend.address], maxConnections: [1] });
    backend.dispose();
    for (let n = 0; n < 5; n++) {
      await plane.client().ended();
      await plane.untilActive(0);
    }
    const lines = await plane.settled(5);
    assert.deepEqual(
      lines.map(({ cause, tried }) => [cause, tried]),
      Array(5).fill(['SC', [backendName(0)]]),
    );
  });
}

/** So many clients at once: waits until all were let in, with a first byte, or closed. @returns those let in */
async function admit(plane: TestPlane, count: number, room: number): Promise<readonly Peer[]> {
  const clients = Array.from({ length: count }, () => plane.client());
  await Promise.all(clients.map((one) => one.until('an answer', () => one.bytes > 0 || one.hasEnded)));
  const inside = clients.filter(({ bytes }) => bytes > 0);
  assert.equal(inside.length, room, 'clients let in');
  for (const client of clients) if (client.bytes === 0) client.socket.end();
  return inside;
}

function denying(ip: string): AccessRules {
  const base = new Uint8Array(16);
  base.set([0xff, 0xff], 10);
  assert.equal(parseIp(ip, base.subarray(12)), 4);
  return { defaultAllow: true, rules: [{ allow: false, base, bits: 128 }] };
}
