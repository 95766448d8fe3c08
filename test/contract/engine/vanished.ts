import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { Host } from '../../helpers/netns/host.ts';
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
    const { balancer, gone, living, hosts, steady, unplugged } = await startHosts(t);
    // Both troubles at a time: an engine may take long over each.
    const [one, other] = await Promise.all([relayTo(t, balancer, steady), relayTo(t, balancer, unplugged)]);
    const [awaited, silent] = [await one.pair(gone), await one.pair(gone)];
    const [asked, quiet] = [await other.pair(living), await other.pair(living)];
    await hosts.gone.vanish();
    // A cable that is pulled: the kernel finds no neighbour there, and gives up with EHOSTUNREACH.
    await hosts.unplugged.unplug();
    await awaited.backend.send(Buffer.alloc(UNDER_WAY));
    await asked.client.send(Buffer.alloc(UNDER_WAY));
    for (const { backend } of [awaited, silent]) assert.equal((await backend.closed()).end, 'ECONNRESET');
    for (const { client } of [asked, quiet]) assert.equal((await client.closed()).end, 'ECONNRESET');

    assert.deepEqual((await one.logged(2)).map(seen).toSorted(byBytes), [
      { cause: 'cU', rxBytes: 0, unacknowledgedBytes: undefined },
      { cause: 'cU', rxBytes: UNDER_WAY, unacknowledgedBytes: UNDER_WAY },
    ]);
    assert.deepEqual(
      (await other.logged(2)).map(({ cause }) => cause),
      ['sU', 'sU'],
    );
    for (const { daemon } of [one, other]) assert.equal((await daemon.state()).totals.active, 0);
  }

  /** A balancer on its host, in front of a backend on another. */
  async function relayTo(t: TestContext, balancer: Host, { ip, sockets }: BackendHost) {
    const server = await sockets.listen(ip);
    t.after(() => void server.close());
    const { port } = server.address() as { port: number };
    const keys = { ...KEYS, bind: `${balancer.ip}:0`, engine: kind };
    const access: AccessLine[] = [];
    const onAccess = (line: AccessLine): unknown => access.push(line);
    const daemon = await startDaemon(serverToml('web', [`${ip}:${port}`], keys), 1, { onAccess, host: balancer });
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
    const logged = async (count: number): Promise<readonly AccessLine[]> => {
      while (access.length < count) await daemon.flush();
      return access;
    };
    return { daemon, pair, logged };
  }
}

interface BackendHost {
  readonly ip: string;
  readonly sockets: HostSockets;
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
    steady: await network.host('steady'),
    unplugged: await network.host('unplugged'),
  };
  const balancer = await network.host('balancer');
  const [gone, living] = [socketsOf(t, hosts.gone), socketsOf(t, hosts.living)];
  const [steady, unplugged] = [hosts.steady, hosts.unplugged].map((host) => ({
    ip: host.ip,
    sockets: socketsOf(t, host),
  }));
  return { balancer, gone, living, hosts, steady: steady!, unplugged: unplugged! };
}

function seen({ cause, rxBytes, unacknowledgedBytes }: AccessLine) {
  return { cause, rxBytes, unacknowledgedBytes };
}

function byBytes(one: { readonly rxBytes: number }, other: { readonly rxBytes: number }): number {
  return one.rxBytes - other.rxBytes;
}
