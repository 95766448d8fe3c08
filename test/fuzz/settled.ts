import assert from 'node:assert/strict';

import type { IpAddress } from '../../src/core/address.ts';
import type { DaemonProcess, DaemonState } from '../helpers/processes/daemon.ts';

/** What the kernel and the threads let go of a moment later. */
const MOST_LOOKS = 2000;
/** Of a heap that grows under load and stays so for a while. A hello kept of each of tens of thousands of clients is more. */
const MOST_GROWTH_BYTES = 150 * 1024 * 1024;

export function address(daemon: DaemonProcess): IpAddress {
  const [first] = daemon.addresses;
  assert(first !== undefined);
  return first;
}

/** Once no connection is left, and no descriptor goes any more. */
export async function settled(daemon: DaemonProcess, most = Infinity): Promise<DaemonState> {
  let state = await daemon.state();
  for (let look = 0; look < MOST_LOOKS; look++) {
    if (isIdle(state) && state.descriptors <= most) break;
    state = await daemon.state();
  }
  return state;
}

/** Nobody is served or counted, and nothing is held that was not held before. */
export async function assertUnchanged(daemon: DaemonProcess, before: DaemonState): Promise<void> {
  const after = await settled(daemon, before.descriptors);
  assert(
    isIdle(after),
    `${after.totals.active} active, ${after.waiting} waiting, backends ${after.backendsActive.join()}`,
  );
  assert.equal(after.clientsConnected, before.clientsConnected);
  assert(after.descriptors <= before.descriptors, `${after.descriptors} descriptors, ${before.descriptors} before`);
  const grown = after.rssBytes - before.rssBytes;
  assert(grown < MOST_GROWTH_BYTES, `${grown} bytes more`);
}

function isIdle({ totals, backendsActive, waiting }: DaemonState): boolean {
  return totals.active === 0 && waiting === 0 && backendsActive.every((active) => active === 0);
}
