import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { SocketAddress } from '../../../src/core/address.ts';
import { errorCode } from '../../../src/core/errors.ts';
import { eventually } from '../../helpers/sockets/turns.ts';
import { echo, silent, datagramClient, datagramPeer } from '../../helpers/sockets/datagram-peer.ts';
import { ANY_UDP_PORT, udpLimits, type Check } from '../udp.ts';

/** Checks SO_RCVBUF of the socket that clients send to, of which the kernel tells twice what was asked. */
async function assertReceiveBuffer(t: TestContext, at: SocketAddress, bytes: number): Promise<void> {
  assert.ok('port' in at);
  const args = ['-Hunlm', `sport = :${at.port}`];
  const told = await promisify(execFile)('ss', args).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  if (told === undefined) t.diagnostic('the receive buffer was not looked at: there is no ss here');
  else assert.equal(/rb(\d+)/.exec(told.stdout)?.[1], String(2 * bytes));
}

/** Sessions over reloads. */
export function reload(check: Check): void {
  check('a reload keeps the sessions, and new ones go by what is new', async (t, start) => {
    const [old, fresh] = [await datagramPeer(t, echo), await datagramPeer(t, echo)];
    const plane = await start({ backends: [old.address, fresh.address] });
    await plane.offer([0]);
    const client = await datagramClient(t, plane.address);
    client.send('one');
    await client.got(1);
    await plane.offer([1]);
    await plane.reconfigure({ limits: udpLimits({ clientIdleMs: 60_000 }) });
    client.send('two');
    await client.got(2);
    assert.deepEqual([old.texts, fresh.texts], [['one', 'two'], []]);
    const other = await datagramClient(t, plane.address);
    other.send('three');
    await other.got(1);
    assert.deepEqual(fresh.texts, ['three']);
  });

  check(
    'more sessions and a larger buffer are there after a reload, and fewer end none that is in use',
    async (t, start) => {
      const backend = await datagramPeer(t, echo);
      const plane = await start({ backends: [backend.address], udp: { maxSessions: 1, receiveBufferBytes: 8_192 } });
      const [first, second, third] = [
        await datagramClient(t, plane.address),
        await datagramClient(t, plane.address),
        await datagramClient(t, plane.address),
      ];
      const timer = setInterval(() => first.send('on'), 100);
      t.after(() => clearInterval(timer));
      first.send('one');
      await first.got(1);
      second.send('too many');
      await eventually(() => plane.totals().drops.full === 1);
      await plane.reconfigure({ limits: udpLimits({}, { maxSessions: 2, receiveBufferBytes: 64 * 1024 }) });
      await assertReceiveBuffer(t, plane.address, 64 * 1024);
      second.send('two');
      await second.got(1);
      await plane.reconfigure({ limits: udpLimits({}, { maxSessions: 1 }) });
      second.send('still there');
      await second.got(2);
      third.send('too many');
      await eventually(() => plane.totals().drops.full === 2);
      assert.equal(backend.senders.length, 2);
    },
  );

  check('a server that is removed keeps its sessions, and begins none', async (t, start) => {
    const backend = await datagramPeer(t, echo);
    const plane = await start({ backends: [backend.address] });
    const client = await datagramClient(t, plane.address);
    client.send('one');
    await client.got(1);
    await plane.remove();
    const late = await datagramPeer(t, silent);
    late.send('too late', plane.address);
    client.send('two');
    assert.deepEqual(await client.got(2), ['one', 'two']);
    backend.send('three', backend.received[0]?.from);
    await client.got(3);
    assert.equal(backend.senders.length, 1);
    plane.plane.cut(1);
    await plane.plane.retired(1);
    assert.equal((await plane.finished(1))[0]?.cause, 'KD');
  });

  check('a server that is added again has its port at once, and loses no session', async (t, start) => {
    const backend = await datagramPeer(t, echo);
    const plane = await start({ backends: [backend.address], threads: 2 });
    assert.ok('port' in plane.address);
    const fixed = { ...plane.address, protocol: 'udp' } as const;
    await plane.remove();
    // A port that is free now, and that is named.
    const binds = [fixed];
    await plane.reconfigure({ binds });
    const client = await datagramClient(t, fixed);
    client.send('one');
    await client.got(1);
    for (let round = 0; round < 3; round++) {
      await plane.remove();
      client.send('between');
      await client.got(2 + 3 * round);
      await plane.reconfigure({ binds });
      client.send('two');
      await client.got(3 + 3 * round);
      const other = await datagramClient(t, fixed);
      other.send('new');
      await other.got(1);
      client.send('three');
      await client.got(4 + 3 * round);
    }
    assert.equal(backend.senders.length, 4);
  });

  check('TCP and UDP have the same port', async (t, start) => {
    const backend = await datagramPeer(t, echo);
    const plane = await start({ backends: [backend.address] });
    assert.ok('port' in plane.address);
    const { ip, port } = plane.address;
    const binds = [ANY_UDP_PORT, { ip, port }];
    // Somebody else may listen there.
    const opened = await plane.reconfigure({ binds }).catch(() => undefined);
    if (opened === undefined) {
      t.skip(`port ${port} is taken`);
      return;
    }
    assert.deepEqual(opened, [{ ip, port }]);
    const client = await datagramClient(t, plane.address);
    client.send('one');
    await client.got(1);
    const stream = await plane.client({ at: { ip, port } }).connected();
    assert.equal(stream.socket.remotePort, port);
  });

  check('a port that is taken is refused, and all stays as it was', async (t, start) => {
    const backend = await datagramPeer(t, echo);
    const taken = await datagramPeer(t);
    const plane = await start({ backends: [backend.address] });
    const binds = [
      { ip: '127.0.0.1', port: 0, protocol: 'udp' },
      { ...taken.address, protocol: 'udp' },
    ] as const;
    await assert.rejects(plane.reconfigure({ binds }), /already in use/);
    const client = await datagramClient(t, plane.address);
    client.send('one');
    await client.got(1);
  });
}
