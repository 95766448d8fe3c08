import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { startNetwork } from '../../helpers/netns/network.ts';
import { whyNoNetns } from '../../helpers/netns/why-no-netns.ts';
import { socketsOf, type HostSockets } from '../../helpers/netns/sockets.ts';
import { serverToml } from '../../helpers/processes/cli.ts';
import { startDaemon } from '../../helpers/processes/daemon.ts';
import type { AccessLine } from '../../helpers/rigs/plane.ts';
import { Peer } from '../../helpers/sockets/peer.ts';
import type { Check, EngineUnderTest } from '../engine.ts';

const KEYS = {
  unacknowledged_timeout: '1s',
  keepalive_idle: '1s',
  keepalive_interval: '1s',
  keepalive_count: 2,
} as const;

const UNDER_WAY = 100;

/** Hosts that are gone without a word are noticed, with bytes under way to them and without. */
export function vanished(check: Check, { kind }: EngineUnderTest): void {
  const skip = whyNoNetns();
  check('clients and a backend whose hosts vanish', run, { skip });

  async function run(t: TestContext): Promise<void> {
    const { balancer, gone, living, host, hosts } = await startHosts(t);
    const server = await host.listen(hosts.backend.ip);
    t.after(() => void server.close());
    const { port } = server.address() as { port: number };
    const keys = { ...KEYS, bind: `${balancer.ip}:0`, engine: kind };
    const access: AccessLine[] = [];
    const daemon = await startDaemon(serverToml('web', [`${hosts.backend.ip}:${port}`], keys), 1, {
      onAccess: (line) => access.push(line),
      host: balancer,
    });
    t.after(() => daemon.kill());
    const pair = async (from: HostSockets): Promise<Pair> => {
      const accepted = once(server, 'connection') as Promise<[Socket]>;
      const client = new Peer(await from.connect(daemon.addresses[0]!));
      const backend = new Peer((await accepted)[0]);
      for (const { socket } of [client, backend]) t.after(() => void socket.destroy());
      await client.send('hello');
      await backend.received(5);
      return { client, backend };
    };
    const logged = async (count: number): Promise<void> => {
      while (access.length < count) await daemon.flush();
    };

    const [awaited, silent] = [await pair(gone), await pair(gone)];
    const [asked, quiet] = [await pair(living), await pair(living)];
    await hosts.gone.vanish();
    await awaited.backend.send(Buffer.alloc(UNDER_WAY));
    for (const { backend } of [awaited, silent]) assert.equal((await backend.closed()).end, 'ECONNRESET');
    await logged(2);
    assert.deepEqual(access.splice(0).map(seen).toSorted(byBytes), [
      { cause: 'cU', rxBytes: 0, unacknowledgedBytes: undefined },
      { cause: 'cU', rxBytes: UNDER_WAY, unacknowledgedBytes: UNDER_WAY },
    ]);

    // A cable that is pulled: the kernel finds no neighbour there, and gives up with EHOSTUNREACH.
    await hosts.backend.unplug();
    await asked.client.send(Buffer.alloc(UNDER_WAY));
    for (const { client } of [asked, quiet]) assert.equal((await client.closed()).end, 'ECONNRESET');
    await logged(2);
    assert.deepEqual(
      access.map(({ cause }) => cause),
      ['sU', 'sU'],
    );
    assert.equal((await daemon.state()).totals.active, 0);
  }
}

interface Pair {
  readonly client: Peer;
  readonly backend: Peer;
}

async function startHosts(t: TestContext) {
  const network = await startNetwork(t);
  const hosts = {
    gone: await network.host('gone'),
    living: await network.host('living'),
    backend: await network.host('backend'),
  };
  const balancer = await network.host('balancer');
  const [gone, living, host] = [socketsOf(t, hosts.gone), socketsOf(t, hosts.living), socketsOf(t, hosts.backend)];
  return { balancer, gone, living, host, hosts };
}

function seen({ cause, rxBytes, unacknowledgedBytes }: AccessLine) {
  return { cause, rxBytes, unacknowledgedBytes };
}

function byBytes(one: { readonly rxBytes: number }, other: { readonly rxBytes: number }): number {
  return one.rxBytes - other.rxBytes;
}
