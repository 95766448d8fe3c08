import assert from 'node:assert/strict';
import { join } from 'node:path';
import { temporaryFolder } from '../../helpers/processes/cli.ts';
import { startBackend } from '../../helpers/sockets/backends.ts';
import { startPairs } from '../../helpers/sockets/pairs.ts';
import { MIB, payload, sha256 } from '../../helpers/sockets/payload.ts';
import type { Check, EngineUnderTest } from '../engine.ts';

const NEVER_MS = 60_000;
const PREFACE = Buffer.from('PREFACE ');

/** First bytes of a client that are taken from it, and the own addresses of a pair. */
export function taken(check: Check, { kind }: EngineUnderTest): void {
  for (const [what, first, rest] of [
    ['glued to the next', 'HEADhello', ', world'],
    ['alone', 'HEAD', 'hello, world'],
    ['alone, before bulk', 'HEAD', payload(16 * MIB + 1)],
  ] as const) {
    check(`bytes that are taken, ${what}, are neither delivered nor counted`, async (t) => {
      const backend = await startBackend(t);
      const pairs = await startPairs(t, kind);
      const client = await pairs.accept();
      pairs.peek({ pair: 0, atLeast: 4, ms: NEVER_MS });
      await client.send(first);
      await pairs.seen(0);
      pairs.order({ type: 'take', pair: 0, length: 4 });
      await pairs.relay(0, backend.address, PREFACE);
      const server = await backend.next();
      const sending = client.finish(rest);
      await server.finish('answer');
      await sending;
      const expected = Buffer.concat([Buffer.from(first.slice(4)), Buffer.from(rest)]);
      assert.equal((await server.ended()).sha256, sha256(Buffer.concat([PREFACE, expected])));
      assert.equal(await pairs.ended(0), 'finished');
      assert.deepEqual(pairs.moved(0), { rxBytes: 6, txBytes: expected.length });
    });
  }

  check('a peek after a take shows what is left, be it there already or yet to come', async (t) => {
    const backend = await startBackend(t);
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.peek({ pair: 0, atLeast: 4, ms: NEVER_MS });
    await client.send('HEADhel');
    await pairs.seen(0);
    pairs.order({ type: 'take', pair: 0, length: 4 });
    pairs.peek({ pair: 0, atLeast: 3, ms: NEVER_MS });
    assert.equal((await pairs.seen(0, 2)).bytes.toString(), 'hel');
    pairs.order({ type: 'take', pair: 0, length: 1 });
    pairs.peek({ pair: 0, atLeast: 4, ms: NEVER_MS });
    await client.finish('lo');
    assert.equal((await pairs.seen(0, 3)).bytes.toString(), 'ello');
    await pairs.relay(0, backend.address);
    const server = await backend.next();
    await server.ended();
    assert.equal(server.text, 'ello');
    await server.finish();
    assert.equal(await pairs.ended(0), 'finished');
    assert.deepEqual(pairs.moved(0), { rxBytes: 0, txBytes: 4 });
  });

  check('bytes that were taken and are kept come after a preface, and are counted', async (t) => {
    const backend = await startBackend(t);
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.peek({ pair: 0, atLeast: 6, ms: NEVER_MS });
    await client.send('HELLO ');
    await pairs.seen(0);
    pairs.order({ type: 'take', pair: 0, length: 6 });
    await pairs.relay(0, backend.address, PREFACE, Buffer.from('HELLO '));
    const server = await backend.next();
    await server.received(PREFACE.length + 6);
    await client.finish('world');
    await server.ended();
    assert.equal(server.text, 'PREFACE HELLO world');
    await server.finish();
    assert.equal(await pairs.ended(0), 'finished');
    assert.deepEqual(pairs.moved(0), { rxBytes: 0, txBytes: 11 });
  });

  for (const [rest, wasAwaited] of [
    ['', false],
    ['hello', true],
  ] as const) {
    check(
      `a client that sent ${rest.length} bytes behind those that were taken awaits the backend or not`,
      async (t) => {
        const backend = await startBackend(t);
        const pairs = await startPairs(t, kind);
        const client = await pairs.accept();
        pairs.peek({ pair: 0, atLeast: 4 + rest.length, ms: NEVER_MS });
        await client.send(`HEAD${rest}`);
        await pairs.seen(0);
        pairs.order({ type: 'take', pair: 0, length: 4 });
        await pairs.relay(0, backend.address);
        const server = await backend.next();
        await pairs.accept(); // by now it relays
        await server.received(rest.length);
        server.reset();
        assert.equal(await pairs.ended(0), 'backend-reset');
        assert.equal(pairs.wasAwaited(0), wasAwaited);
      },
    );
  }

  check('a client of which all was taken has left when it finishes', async (t) => {
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.peek({ pair: 0, atLeast: 4, ms: NEVER_MS });
    await client.send('HEAD');
    await pairs.seen(0);
    pairs.order({ type: 'take', pair: 0, length: 4 });
    pairs.order({ type: 'wait', pair: 0 });
    client.socket.end();
    assert.equal(await pairs.ended(0), 'client-reset');
  });

  for (const [family, ip, at] of [
    ['IPv4', '127.0.0.1', '127.0.0.1'],
    ['IPv6', '::1', '::1'],
    ['IPv4 to a dual-stack listener', '127.0.0.1', '*'],
  ] as const) {
    check(`the own addresses of a pair are told: ${family}`, async (t) => {
      const backend = await startBackend(t);
      const pairs = await startPairs(t, kind, { ip: at, port: 0 });
      const client = await pairs.accept();
      const own = ip.includes(':') ? `[${ip}]` : ip;
      pairs.order({ type: 'dial', pair: 0, to: backend.address });
      await pairs.told('dialled', 0);
      const server = await backend.next();
      assert.deepEqual(await pairs.localAddresses(0), {
        client: `${own}:${client.socket.remotePort}`,
        backend: `127.0.0.1:${server.socket.remotePort}`,
      });
    });
  }

  check('there are no own addresses of unix sockets', async (t) => {
    const path = join(temporaryFolder(t), 'x.sock');
    const pairs = await startPairs(t, kind, { path });
    await pairs.accept();
    pairs.order({ type: 'dial', pair: 0, to: { path } });
    await pairs.told('dialled', 0);
    assert.deepEqual(await pairs.localAddresses(0), { client: 'unix:', backend: 'unix:' });
  });
}
