import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { serverToml } from '../../helpers/processes/cli.ts';
import { echo, startBackend } from '../../helpers/sockets/backends.ts';
import { taken } from '../../helpers/sockets/kernel.ts';
import { KIB, payload, sha256 } from '../../helpers/sockets/payload.ts';
import { connectTo, type Peer } from '../../helpers/sockets/peer.ts';
import { listed } from '../../helpers/sockets/traffic.ts';
import type { Check, EngineUnderTest } from '../engine.ts';
import { connectPair } from './pair.ts';
import { logged, startOne } from './stoppable.ts';

/** More than are accepted at once, in two goes. */
const WAITING = 40;

const GREETING = '!';

/** In one go it makes a direction bulk. */
const BULK = payload(256 * KIB);

/** Enough of a byte each to fill a pipe of 1 MiB, in which each has a page of its own. */
const SINGLE_BYTES = 600;

/** What Linux does with sockets and pipes that a balancer does not expect. */
export function kernelFacts(check: Check, { kind }: EngineUnderTest): void {
  check('bytes before a reset are delivered, also where a failed send has taken the error away', async (t) => {
    const sent = payload(100 * KIB);
    for (const [from, to] of [
      ['backend', 'client'],
      ['client', 'backend'],
    ] as const) {
      const { daemon, access, peers } = await startPair(t);
      process.kill(daemon.pid, 'SIGSTOP');
      // It comes first, and so is sent on first, to a side that has reset.
      await peers[to].send('answer me');
      await peers[from].send(sent);
      await taken(peers[from]);
      peers[from].reset();
      process.kill(daemon.pid, 'SIGCONT');
      const all = Buffer.concat([Buffer.from(GREETING), sent]);
      assert.deepEqual(await peers[to].closed(), { bytes: all.length, sha256: sha256(all), end: 'ECONNRESET' });
      await logged(daemon, access, 1);
      assert.equal(access[0]?.cause, from === 'backend' ? 'SD' : 'CD');
    }
  });

  check('a pipe that is full of single bytes holds up nothing and loses nothing', async (t, start) => {
    const pairs = [
      await connectPair(t, start, { client: 'paused' }),
      await connectPair(t, start, { client: 'paused' }),
    ] as const;
    const sent = pairs.map(() => BULK.length);
    for (const { backend } of pairs) await backend.send(BULK);
    for (const { backend } of pairs) backend.socket.setNoDelay(true);
    for (let n = 0; n < SINGLE_BYTES; n++) {
      for (const [index, { backend }] of pairs.entries()) {
        await backend.send('.');
        await new Promise(setImmediate);
        sent[index]! += 1;
      }
    }
    for (const [index, { client, backend, plane }] of pairs.entries()) {
      client.socket.resume();
      backend.socket.end();
      assert.equal((await client.ended()).bytes, sent[index]);
      client.socket.end();
      assert.equal((await plane.only()).cause, '--');
    }
  });

  check('clients in the backlog of a listener that is closed are let in before', async (t) => {
    const backend = await startBackend(t, echo);
    const { daemon, access } = await startOne(t, kind, [listed(backend)]);
    process.kill(daemon.pid, 'SIGSTOP');
    const clients: Peer[] = [];
    for (let n = 0; n < WAITING; n++) {
      clients.push(await (await connectTo(t, daemon.addresses[0]!).connected()).send('hello'));
    }
    const moved = daemon.apply(serverToml('web', [listed(backend)], { engine: kind, bind: '127.0.0.2:0' }));
    process.kill(daemon.pid, 'SIGCONT');
    await moved;
    for (const client of clients) {
      await client.received(5);
      client.socket.end();
    }
    await logged(daemon, access, WAITING);
    assert.deepEqual([...new Set(access.map(({ cause }) => cause))], ['--']);
  });

  async function startPair(t: TestContext) {
    const backend = await startBackend(t);
    const { daemon, access } = await startOne(t, kind, [listed(backend)]);
    const client = await connectTo(t, daemon.addresses[0]!).connected();
    const peers = { client, backend: await backend.next() };
    await client.send(GREETING);
    await peers.backend.received(1);
    await peers.backend.send(GREETING);
    await client.received(1);
    return { daemon, access, peers };
  }
}
