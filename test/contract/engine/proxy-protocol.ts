import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import type { UdpLimits } from '../../../src/core/limits.ts';
import type { ProxyIn, SendProxy } from '../../../src/core/proxy-protocol.ts';
import { clientAddressText } from '../../../src/wire/client-address.ts';
import { decodeProxyHeader } from '../../../src/wire/proxy-protocol/decode.ts';
import { temporaryFolder } from '../../helpers/processes/cli.ts';
import { banner, REFUSING, startBackend } from '../../helpers/sockets/backends.ts';
import { openUdp } from '../../helpers/sockets/udp-peer.ts';
import { MIB, payload, sha256 } from '../../helpers/sockets/payload.ts';
import { proxyVector, type ProxyVector } from '../../helpers/texts/proxy-vectors.ts';
import type { Check } from '../engine.ts';

const REQUIRE: ProxyIn = { isRequired: true, from: [], timeoutMs: 60_000 };

/** Headers of the PROXY protocol, towards backends and from clients. */
export function proxyProtocol(check: Check): void {
  for (const version of ['v1', 'v2'] as const) {
    check(`${version}: two in a row tell the backend who came to the first`, async (t, start) => {
      const backend = await startBackend(t);
      const second = await start({
        backends: [backend.address],
        limits: { proxyIn: REQUIRE, proxyOut: out('v1') },
      });
      const first = await start({ backends: [second.address], limits: { proxyOut: out(version) } });
      const client = await first.client().connected();
      const own = `127.0.0.1:${client.socket.localPort}`;
      const header = `PROXY TCP4 127.0.0.1 127.0.0.1 ${client.socket.localPort} ${client.socket.remotePort}\r\n`;
      const server = await backend.next();
      await server.received(header.length);
      assert.equal(server.text, header, 'also before a client says something');
      await client.finish('hello');
      await server.ended();
      assert.equal(server.text, `${header}hello`);
      await server.finish('bye');
      await client.closed();
      const line = await first.only();
      const through = await second.only();
      assert.deepEqual([line.client, through.client], [own, own]);
      assert.match(through.peer ?? '', /^127\.0\.0\.1:\d+$/);
      assert.notEqual(through.peer, own);
      assert.deepEqual([line.txBytes, through.txBytes, through.rxBytes], [5, 5, 3]);
    });
  }

  for (const [name, client] of [
    ['v1 TCP4', '203.0.113.7:51234'],
    ['v2 TCP6', '[2001:db8::7]:51234'],
    ['v2 LOCAL + CRC32C', undefined],
    ['v1 UNKNOWN', undefined],
  ] as const satisfies readonly (readonly [ProxyVector, string | undefined])[]) {
    check(`${name} from a client, byte by byte and glued to what follows`, async (t, start) => {
      const backend = await startBackend(t);
      const plane = await start({ backends: [backend.address], limits: { proxyIn: REQUIRE } });
      const header = proxyVector(name);
      for (const sends of ['bytes', 'glued'] as const) {
        const peer = await plane.client().connected();
        if (sends === 'bytes') for (const byte of header) await peer.send(Buffer.from([byte]));
        await peer.finish(sends === 'bytes' ? 'hello' : Buffer.concat([header, Buffer.from('hello')]));
        const server = await backend.next();
        await server.ended();
        assert.equal(server.text, 'hello');
        await server.finish();
        await peer.closed();
      }
      for (const line of await plane.settled(2)) {
        assert.equal(line.peer === undefined, client === undefined);
        assert.equal(line.client, client ?? line.client);
        assert.equal(line.txBytes, 5);
      }
    });
  }

  check('bulk goes both ways behind a header in, and a header out', async (t, start) => {
    const backend = await startBackend(t);
    const limits = { proxyIn: REQUIRE, proxyOut: out('v2') };
    const plane = await start({ backends: [backend.address], limits });
    const client = plane.client();
    const [up, down] = [payload(4 * MIB + 1), payload(4 * MIB + 2)];
    const header = proxyVector('v2 TCP4');
    const sending = client.finish(Buffer.concat([header, up]));
    const server = await backend.next();
    await server.finish(down);
    await sending;
    assert.equal((await server.ended()).sha256, sha256(Buffer.concat([header, up])));
    assert.equal((await client.closed()).sha256, sha256(down));
    const { rxBytes, txBytes, client: named } = await plane.only();
    assert.deepEqual([rxBytes, txBytes, named], [down.length, up.length, '203.0.113.7:51234']);
  });

  check('a header is sent anew to the next backend, and before a banner is heard', async (t, start) => {
    const backend = await startBackend(t, banner('220 ready'));
    const plane = await start({
      backends: [REFUSING, backend.address],
      priorities: [1, 2],
      limits: { proxyOut: out('v1') },
    });
    const client = await plane.client().connected();
    await client.received(9);
    const server = await backend.next();
    await server.received(10);
    assert.match(server.text, /^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+\r\n$/);
    await client.finish();
    await plane.only();
  });

  check(
    'what is no header is closed without an answer, and a look whether somebody listens is not logged',
    async (t, start) => {
      const backend = await startBackend(t);
      const plane = await start({ backends: [backend.address], limits: { proxyIn: REQUIRE } });
      const client = plane.client();
      await client.send('GET / HTTP/1.1\r\n\r\n');
      await client.until('an end', () => client.hasEnded);
      assert.equal(client.bytes, 0);
      const looking = await plane.client().connected();
      await looking.finish();
      await looking.ended();
      const lines = await plane.settled(2);
      assert.deepEqual(lines.map(({ cause }) => cause).sort(), ['CR', 'PR']);
      const said = plane.logs.filter(({ message }) => message === 'client without a PROXY header closed');
      assert.deepEqual(
        said.map(({ reason, firstBytes }) => [reason, firstBytes]),
        [['it begins with something else', 'GET / HTTP/1.1\\x0d\\x0a\\x0d\\x0a']],
      );
      assert.equal(backend.peers.length, 0);
    },
  );

  check('a client that is silent is closed in time', async (t, start) => {
    const backend = await startBackend(t);
    const plane = await start({ backends: [backend.address], limits: { proxyIn: { ...REQUIRE, timeoutMs: 20 } } });
    const client = plane.client();
    await client.until('an end', () => client.hasEnded);
    assert.equal((await plane.only()).cause, 'cR');
  });

  check('a client of a unix socket has the addresses of the connection to its backend', async (t, start) => {
    const backend = await startBackend(t);
    const path = join(temporaryFolder(t), 'x.sock');
    const plane = await start({ backends: [backend.address], binds: [{ path }], limits: { proxyOut: out('v1') } });
    const client = plane.client();
    await once(client.socket, 'connect');
    const server = await backend.next();
    await server.received(10);
    const { remotePort, localPort } = server.socket;
    assert.equal(server.text, `PROXY TCP4 127.0.0.1 127.0.0.1 ${remotePort} ${localPort}\r\n`);
    await client.finish();
    await server.finish();
    await plane.only();
  });

  check('each datagram has a header, to the backend and from the client', async (t, start) => {
    const backend = await openUdp(t);
    const binds = [{ ip: '127.0.0.1', port: 0, protocol: 'udp' }] as const;
    const second = await start({
      backends: [backend.address],
      binds,
      limits: { udp: UDP, proxyIn: REQUIRE, proxyOut: out('v2') },
    });
    const first = await start({ backends: [second.address], binds, limits: { udp: UDP, proxyOut: out('v2') } });
    const client = await openUdp(t);
    assert('ip' in first.address && 'ip' in second.address);
    for (const text of ['one', 'two']) await client.send(text, first.address);
    await backend.received(2);
    for (const [index, text] of ['one', 'two'].entries()) {
      const { bytes } = backend.arrived[index]!;
      const decoded = decodeProxyHeader(bytes, 'datagram');
      assert('source' in decoded);
      const ends = [decoded.source, decoded.destination].map(clientAddressText);
      assert.deepEqual(ends, [`127.0.0.1:${client.address.port}`, `127.0.0.1:${second.address.port}`]);
      assert.equal(bytes.toString('latin1', decoded.length), text);
    }
    const { from } = backend.arrived[0]!;
    await backend.send('answer', from);
    await client.received(1);
    assert.deepEqual(client.texts, ['answer']);
    const stranger = await openUdp(t);
    await stranger.send('without', second.address);
    await second.until(() => second.logs.some(({ message }) => message === 'datagrams dropped'));
    assert.equal(second.totals().accepted, 1);
  });
}

const UDP: UdpLimits = {
  isOneWay: false,
  maxRequests: 0,
  maxResponses: 0,
  isTransparent: false,
  maxSessions: 100,
  receiveBufferBytes: 65_536,
};

function out(version: SendProxy) {
  return { version, tlvs: [] };
}
