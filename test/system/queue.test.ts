import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { memory } from '../../scripts/bench/usage.ts';
import { whyNoEngine } from '../../src/data/engines/registry.ts';
import { openFilesLimit } from '../../src/io/open-files.ts';
import { serverToml } from '../helpers/processes/cli.ts';
import { startDaemon, type DaemonProcess } from '../helpers/processes/daemon.ts';
import { startBackend } from '../helpers/sockets/backends.ts';
import { connectTo, type Peer } from '../helpers/sockets/peer.ts';
import { listed } from '../helpers/sockets/traffic.ts';

/** With the first thousands come the code that V8 compiles and tables that all share. */
const FIRST = 4_000;
/** Nearly as many as 20,000 open files allow. */
const CLIENTS = 9_800;
const AT_ONCE = 200;
const MOST_BYTES = 1_024;
/** Two descriptors for each, whether it waits or not, and some for files and threads. */
const DESCRIPTORS = 2 * (CLIENTS + 1) + 200;

const tooFew = (openFilesLimit() ?? 0) < DESCRIPTORS && `needs ${DESCRIPTORS} open files (ulimit -n)`;

test(
  '9,800 clients wait for one place, cost less than a kilobyte each, and are all served',
  { skip: whyNoEngine('epoll') ?? tooFew },
  async (t) => {
    let isHeld = true;
    let inside = 0;
    let mostInside = 0;
    const release = (peer: Peer): void => {
      inside -= 1;
      peer.socket.end('x');
    };
    const backend = await startBackend(t, (peer) => {
      inside += 1;
      mostInside = Math.max(mostInside, inside);
      if (!isHeld) release(peer);
    });
    const keys = { engine: 'epoll', bind: '127.0.0.1:0', queue_timeout: '10m' };
    const daemon = await startDaemon(serverToml('web', [listed(backend, 'max_connections=1')], keys), 2);
    t.after(() => daemon.stop());
    const holder = connectTo(t, daemon.addresses[0]!);
    await backend.accepted(1);

    await waiting(t, daemon, FIRST);
    const before = memory([daemon.pid]).privateKib;
    await waiting(t, daemon, CLIENTS - FIRST);
    const bytes = ((memory([daemon.pid]).privateKib - before) * 1_024) / (CLIENTS - FIRST);
    const { totals } = await daemon.state();
    console.log(`\n${totals.waiting} clients wait: ${Math.round(bytes)} bytes for each of the last ${CLIENTS - FIRST}`);
    assert.deepEqual([totals.waiting, totals.active], [CLIENTS, CLIENTS + 1]);
    assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);

    isHeld = false;
    holder.socket.end();
    release(backend.peers[0]!);
    for (;;) {
      const { causes, waiting: left } = (await daemon.state()).totals;
      if (causes['--'] === CLIENTS + 1 && left === 0) break;
    }
    assert.equal(mostInside, 1);
  },
);

async function waiting(t: TestContext, daemon: DaemonProcess, count: number): Promise<void> {
  const address = daemon.addresses[0]!;
  const before = (await daemon.state()).totals.waiting;
  for (let made = 0; made < count; made += AT_ONCE) {
    const peers = Array.from({ length: AT_ONCE }, () => connectTo(t, address));
    await Promise.all(peers.map((peer) => peer.connected()));
    for (const peer of peers) leaveWhenServed(peer);
  }
  while ((await daemon.state()).totals.waiting < before + count);
}

function leaveWhenServed(peer: Peer): void {
  peer.socket.once('end', () => peer.socket.end());
}
