import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { startNetwork } from '../../helpers/netns/network.ts';
import { socketsOf } from '../../helpers/netns/sockets.ts';
import { whyNoNetns } from '../../helpers/netns/why-no-netns.ts';
import { serverToml } from '../../helpers/processes/cli.ts';
import { startDaemon } from '../../helpers/processes/daemon.ts';
import type { AccessLine } from '../../helpers/rigs/plane.ts';
import { Peer } from '../../helpers/sockets/peer.ts';
import type { Check, EngineUnderTest } from '../engine.ts';

/** Two of three are let in. */
const LIMIT = 2;

/** Addresses of one link: a client is written without the zone, which is the balancer's own matter. */
export function linkLocal(check: Check, { kind }: EngineUnderTest): void {
  check('a client and a backend with link-local addresses', run, { skip: whyNoNetns() });

  async function run(t: TestContext): Promise<void> {
    const network = await startNetwork(t);
    const [near, balancer] = [await network.host('near'), await network.host('balancer')];
    const [clientIp, balancerIp] = ['fe80::77:1', 'fe80::77:2'];
    await near.addAddress(`${clientIp}/64`);
    await balancer.addAddress(`${balancerIp}/64`);
    const host = socketsOf(t, near);
    const server = await host.listen(`${clientIp}%eth0`);
    server.on('connection', (socket) => socket.resume().on('end', () => socket.end('bye')));
    t.after(() => void server.close());
    const { port } = server.address() as { port: number };
    const backend = `[${clientIp}%eth0]:${port}`;
    const keys = { bind: `[::]:0`, engine: kind, max_connections_per_client: LIMIT };
    const access: AccessLine[] = [];
    const daemon = await startDaemon(serverToml('web', [backend], keys), 1, {
      onAccess: (line) => access.push(line),
      host: balancer,
    });
    t.after(() => daemon.kill());
    const at = { ip: `${balancerIp}%eth0`, port: daemon.addresses[0]!.port };
    const clients: Peer[] = [];
    for (let n = 0; n <= LIMIT; n++) {
      const client = new Peer(await host.connect(at));
      t.after(() => void client.socket.destroy());
      clients.push(client);
    }
    await clients[LIMIT]!.until('an end', () => clients[LIMIT]!.hasEnded);
    for (const client of clients.slice(0, LIMIT)) {
      await client.finish('GET');
      assert.equal((await client.closed()).bytes, 3);
    }
    while (access.length <= LIMIT) await daemon.flush();
    assert.deepEqual(
      access.map(({ client, backend: reached, cause }) => [client.replace(/\d+$/, ''), reached, cause]),
      [
        [`[${clientIp}]:`, null, 'PR'],
        [`[${clientIp}]:`, backend, '--'],
        [`[${clientIp}]:`, backend, '--'],
      ],
    );
  }
}
