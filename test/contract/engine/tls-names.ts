import assert from 'node:assert/strict';
import type { ServerNameRules } from '../../../src/core/server-names.ts';
import { startBackend } from '../../helpers/sockets/backends.ts';
import { MIB, payload, sha256 } from '../../helpers/sockets/payload.ts';
import { helloBytes, helloFor, recut } from '../../helpers/texts/hellos.ts';
import type { TestContext } from 'node:test';
import type { Check, Start } from '../engine.ts';

const RULES: ServerNameRules = {
  matching: 'wildcard',
  unexpected: 'reject',
  readTimeoutMs: 10_000,
  silent: 'close',
  plain: 'default',
  mostBytes: 65_536,
};
const ALERT = Buffer.from('15030300020270', 'hex');

/** Backends by the name in the hello of a TLS client, which is passed on as it came. */
export function tlsNames(check: Check): void {
  for (const [what, bytes] of [
    ['of one segment', helloBytes('openssl-3.0')],
    ['with early data', helloBytes('openssl-3.0-early-data')],
    ['whose name comes late', helloBytes('chromium-156')],
    ['of 19 kB in two records', helloBytes('openssl-3.0-go-ticket-19k')],
    ['in records of 20 bytes', recut(helloBytes('openssl-3.6'), [20])],
  ] as const) {
    check(
      `a hello ${what} reaches the backend of its name byte for byte, and so does the end behind it`,
      async (t, start) => {
        const { plane, named, other } = await twoNames(t, start, '*.example.test');
        const client = plane.client();
        await client.finish(bytes);
        const server = await named.next();
        assert.equal((await server.ended()).sha256, sha256(bytes));
        await server.finish('answer');
        assert.equal((await client.closed()).bytes, 6);
        const line = await plane.only();
        assert.deepEqual([line.cause, line.hello, line.txBytes, line.rxBytes], ['--', 'named', bytes.length, 6]);
        assert.equal(other.peers.length, 0);
      },
    );
  }

  for (const [what, bytes] of [
    ['a hello', helloBytes('openssl-3.0')],
    ['a hello in records of one byte', recut(helloFor('x.example.test'), [1])],
  ] as const) {
    check(`${what} that comes byte by byte is read, and followed by bulk`, async (t, start) => {
      const { plane, named } = await twoNames(t, start, '*.example.test');
      const client = await plane.client().connected();
      client.socket.setNoDelay(true);
      for (const byte of bytes) await client.send(Buffer.from([byte]));
      const cargo = payload(MIB);
      const sending = client.finish(cargo);
      const server = await named.next();
      assert.equal((await server.ended()).sha256, sha256(Buffer.concat([bytes, cargo])));
      await sending;
      await server.finish();
      await client.closed();
      assert.equal((await plane.only()).txBytes, bytes.length + cargo.length);
    });
  }

  check('a client for whose name there is no backend is told so before the close', async (t, start) => {
    const { plane, named, other } = await twoNames(t, start, 'a.test');
    const client = plane.client();
    await client.send(helloBytes('firefox-153-resumed-early-data'));
    await client.until('the end', () => client.hasEnded);
    assert.equal(client.text, ALERT.toString());
    await client.finish();
    const line = await plane.only();
    assert.deepEqual([line.cause, line.hello, line.sni], ['PR', 'named', 'www.example.test']);
    assert.equal(plane.totals().hellos.named, 1);
    assert.equal(named.peers.length + other.peers.length, 0);
  });

  check('a client whose backend is gone is told so, at once or after a wait', async (t, start) => {
    const gone = await startBackend(t);
    await gone.close();
    for (const timeoutMs of [0, 50]) {
      const queue = { timeoutMs, size: 0, perClient: 0, whenDown: true };
      const plane = await start({
        backends: [gone.address],
        names: ['www.example.test'],
        limits: { serverNames: RULES, queue },
      });
      const client = plane.client();
      await client.send(helloBytes('openssl-3.0'));
      await client.until('the end', () => client.hasEnded);
      assert.equal(client.text, ALERT.toString());
      await client.finish();
      assert.match((await plane.only()).cause, /^(SC|sQ)$/);
    }
  });

  check('what is no hello reaches the backend without a name, at once', async (t, start) => {
    const { plane, other } = await twoNames(t, start, 'a.test', '');
    const client = plane.client();
    await client.finish('GET / HTTP/1.0\r\n\r\n');
    const server = await other.next();
    assert.equal((await server.ended()).bytes, 18);
    await server.finish('no');
    await client.closed();
    assert.equal((await plane.only()).hello, 'not_tls');
  });

  check('a silent client is closed after read_timeout, or served', async (t, start) => {
    const closed = await twoNames(t, start, 'a.test', '', { readTimeoutMs: 50 });
    const silent = closed.plane.client();
    await silent.ended();
    await silent.finish();
    assert.deepEqual([(await closed.plane.only()).cause], ['cR']);
    assert.equal(closed.plane.totals().hellos.timed_out, 1);
    const served = await twoNames(t, start, 'a.test', '', { readTimeoutMs: 50, silent: 'default' });
    const client = served.plane.client();
    const server = await served.other.next();
    await server.finish('220 ready');
    await client.received(9);
    await client.finish();
    assert.equal((await served.plane.only()).hello, 'timed_out');
  });

  check('a client that leaves before its hello is whole is closed as one that left', async (t, start) => {
    const { plane } = await twoNames(t, start, 'a.test');
    const client = await plane.client().connected();
    await client.send(helloFor('a.test').subarray(0, 30));
    await plane.untilActive(1);
    client.reset();
    await plane.client().finish();
    // A reset may be read as an end behind the bytes before it, and those are half a hello.
    for (const { cause } of await plane.finished(2)) assert.match(cause, /^(CR|PR)$/);
  });
}

async function twoNames(
  t: TestContext,
  start: Start,
  name: string,
  otherName = 'other.test',
  rules: Partial<ServerNameRules> = {},
) {
  const [named, other] = [await startBackend(t), await startBackend(t)];
  const plane = await start({
    backends: [named.address, other.address],
    names: [name, otherName],
    limits: { serverNames: { ...RULES, ...rules } },
  });
  return { plane, named, other };
}
