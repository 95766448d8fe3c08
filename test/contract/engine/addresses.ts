import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { SocketAddress } from '../../../src/core/address.ts';
import type { TestPlane } from '../../helpers/rigs/plane.ts';
import { banner, echo, startBackend } from '../../helpers/sockets/backends.ts';
import { payload, sha256, MIB } from '../../helpers/sockets/payload.ts';
import type { Check } from '../engine.ts';

const LOCALHOST_6: SocketAddress = { ip: '::1', port: 0 };

/** IPv4, IPv6, both at once, and unix sockets. */
export function addresses(check: Check): void {
  check('unix sockets on both sides', async (t, start) => {
    const folder = temporaryFolder(t);
    const backend = await startBackend(t, echo, { at: { path: join(folder, 'backend') } });
    const plane = await start({ backends: [backend.address], binds: [{ path: join(folder, 'bind') }] });
    await checkEcho(plane, plane.address);
    assert.equal((await plane.only()).client, 'unix:');
  });

  check('a client of a unix socket that writes and closes for good has been heard', async (t, start) => {
    const backend = await startBackend(t, ({ socket }) => socket.once('end', () => socket.end()));
    const plane = await start({ backends: [backend.address], binds: [{ path: join(temporaryFolder(t), 'bind') }] });
    const client = plane.client();
    client.socket.end('hello', () => client.socket.destroy());
    const peer = await backend.next();
    await peer.received(5);
    await peer.closed();
    assert.equal((await plane.only()).txBytes, 5);
  });

  check('the file of a unix bind has its mode, also after a change, and is gone at the end', async (t, start) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'bind');
    await leaveStaleSocket(folder, path);
    const backend = await startBackend(t, echo);
    const plane = await start({ backends: [backend.address], binds: [{ path, mode: 0o660 }] });
    assert.equal(statSync(path).mode & 0o777, 0o660);
    await checkEcho(plane, { path });
    for (const mode of [0o606, 0o600]) {
      await plane.reconfigure({ binds: [{ path, mode }] });
      assert.equal(statSync(path).mode & 0o777, mode);
    }
    await plane.reconfigure({ binds: [{ path }] });
    assert.equal(statSync(path).mode & 0o777, 0o600, 'without a mode it keeps what it has');
    await checkEcho(plane, { path });
    await plane.remove();
    await plane.plane.retired(1);
    assert.deepEqual(readdirSync(folder), []);
  });

  check('a unix bind with a mode that is in use is not taken', async (t, start) => {
    const path = join(temporaryFolder(t), 'bind');
    const taken = await startBackend(t, echo, { at: { path } });
    await assert.rejects(start({ backends: [taken.address], binds: [{ path, mode: 0o660 }] }), /already in use/);
    assert.equal(statSync(path).isSocket(), true);
  });

  check('the file that a dead process left at a unix bind is replaced', async (t, start) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'bind');
    await leaveStaleSocket(folder, path);
    const backend = await startBackend(t, echo);
    const plane = await start({ backends: [backend.address], binds: [{ path }] });
    await checkEcho(plane, plane.address);
  });

  check('a unix bind that is in use is not taken', async (t, start) => {
    const at = { path: join(temporaryFolder(t), 'bind') };
    const other = await startBackend(t, echo, { at });
    await assert.rejects(start({ backends: [], binds: [at] }), { code: 'TSLB_BIND' });
    assert.equal(other.peers.filter(({ bytes }) => bytes > 0).length, 0);
    await startBackend(t, echo, { at: { path: join(temporaryFolder(t), 'free') } });
  });

  check('IPv6 on both sides', async (t, start) => {
    const backend = await startBackend(t, echo, { at: LOCALHOST_6 });
    const plane = await start({ backends: [backend.address], binds: [LOCALHOST_6] });
    await checkEcho(plane, plane.address);
    assert.match((await plane.only()).client, /^\[::1\]:\d+$/);
  });

  check('a bind to every address takes IPv4 and IPv6 clients, each by its own name', async (t, start) => {
    const backend = await startBackend(t, echo);
    const plane = await start({ backends: [backend.address], binds: [{ ip: '*', port: 0 }] });
    for (const ip of ['127.0.0.1', '::1']) await checkEcho(plane, { ...plane.address, ip });
    const lines = await plane.settled(2);
    assert.deepEqual(lines.map(({ client }) => client.replace(/\d+$/, '')).sort(), ['127.0.0.1:', '[::1]:']);
  });

  check('a reset over IPv6 is a reset', async (t, start) => {
    const listener = await startBackend(t, undefined, { at: LOCALHOST_6 });
    const plane = await start({ backends: [listener.address], binds: [LOCALHOST_6] });
    const client = await plane.client().send('hello');
    const backend = await (await listener.next()).received(5);
    await backend.send('bye');
    backend.reset();
    const { bytes, end } = await client.closed();
    assert.deepEqual([bytes, end], [3, 'ECONNRESET']);
    assert.equal((await plane.only()).cause, 'SD');
  });

  for (const ip of ['127.0.0.1', '*']) {
    check(`iphash at ${ip}: a client keeps its backend, and not all have the same`, async (t, start) => {
      const names = ['a', 'b', 'c', 'd'];
      const backends = await Promise.all(names.map((name) => startBackend(t, banner(name))));
      const plane = await start({
        backends: backends.map(({ address }) => address),
        binds: [{ ip, port: 0 }],
        balance: 'iphash',
      });
      const at = { ...plane.address, ip: '127.0.0.1' } as SocketAddress;
      const served = new Map<string, Set<string>>();
      for (let host = 1; host <= 12; host++) {
        const from = `127.0.0.${host}`;
        const answers = await Promise.all(
          Array.from({ length: 3 }, async () => (await plane.client({ at, from }).received(1)).text),
        );
        served.set(from, new Set(answers));
      }
      assert([...served.values()].every(({ size }) => size === 1));
      assert(new Set([...served.values()].flatMap((answers) => [...answers])).size > 1);
    });
  }
}

async function checkEcho(plane: TestPlane, at: SocketAddress): Promise<void> {
  const sent = payload(MIB);
  const client = await plane.client({ at }).finish(sent);
  const { sha256: got, end } = await client.closed();
  assert.deepEqual({ got, end }, { got: sha256(sent), end: 'FIN' });
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tslb-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Node removes the file of a socket that it closes; moved meanwhile, it stays. */
async function leaveStaleSocket(folder: string, path: string): Promise<void> {
  const server = createServer().listen({ path: join(folder, 'gone') });
  await once(server, 'listening');
  renameSync(join(folder, 'gone'), path);
  server.close();
  await once(server, 'close');
}
