import { readdirSync, readFileSync } from 'node:fs';
import { systemClock } from '../../../src/core/clock.ts';
import { KernelTable } from '../../../src/data/engines/net/kernel-table.ts';
import { endpointHex } from '../../../src/wire/proc-endpoint.ts';
import { SendQueues } from '../../../src/data/engines/net/send-queues.ts';
import type { SocketAddress } from '../../../src/core/address.ts';
import type { Peer } from './peer.ts';

const sendQueues = new SendQueues(systemClock, new KernelTable(systemClock));

/** A receive buffer and two send buffers, at the largest that this kernel lets them grow to. */
export const KERNEL_BUFFER_BYTES = largest('tcp_rmem') + 2 * largest('tcp_wmem');

/** @returns 0 where it is not told */
function largest(name: string): number {
  try {
    return Number(readFileSync(`/proc/sys/net/ipv4/${name}`, 'latin1').trim().split(/\s+/).at(-1));
  } catch {
    return 0; // not Linux
  }
}

/** So many looks without a change are taken for a standstill; a wrong guess makes a test easier, never wrong. */
const LOOKS = 20;
const LOOK_EVERY_MS = 5;

/** Resolves when the other end's kernel has all that was sent, so that a reset takes none of it back. */
export function taken({ socket }: Peer): Promise<void> {
  return new Promise((resolve) => sendQueues.whenDelivered(socket, () => resolve()));
}

/**
 * Waits until a sender that nobody reads from seems to stand still.
 * @returns how many bytes the other end's kernel has for certain
 */
export async function takenAtStandstill(peer: Peer): Promise<number> {
  for (let [bytes, looks] = [-1, 0]; looks < LOOKS; looks++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    if (peer.sentBytes !== bytes) looks = 0;
    bytes = peer.sentBytes;
  }
  return peer.sentBytes - queuedBytes(peer);
}

/** The state of a connection that is over, as the table has it. */
const TIME_WAIT = '06';

/** Descriptors that this process holds. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Whether the kernel still has the other end of a connection over IPv4, but for its TIME_WAIT. */
export function isListed(peer: Peer, at: SocketAddress): boolean {
  const { localAddress = '', localPort = 0 } = peer.socket;
  if (!('ip' in at)) return false;
  const row = `${endpointHex(at.ip, at.port)} ${endpointHex(localAddress, localPort)} `;
  const table = readFileSync('/proc/net/tcp', 'latin1');
  const start = table.indexOf(row);
  return start >= 0 && !table.startsWith(TIME_WAIT, start + row.length);
}

/** Sent over IPv4 but not acknowledged. */
function queuedBytes({ socket }: Peer): number {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
  const row = `${endpointHex(localAddress, localPort)} ${endpointHex(remoteAddress, remotePort)} `;
  const table = readFileSync('/proc/net/tcp', 'latin1');
  // `… local remote st tx_queue:rx_queue …`
  const state = table.indexOf(row) + row.length;
  return Number.parseInt(table.slice(state + 3, state + 11), 16);
}
