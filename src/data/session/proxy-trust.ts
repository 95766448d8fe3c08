import type { ClientAddress } from '../../core/engine.ts';
import type { Network } from '../../core/network.ts';
import { hasPrefix, leastBitsFor } from '../../wire/network.ts';
import { contextOf } from './client-context.ts';

/**
 * Whether the word of a peer counts about who its client is. A peer on a unix socket is let in by the permissions of its
 * file. @param networks none is everybody
 */
export function isTrusted(peer: ClientAddress, networks: readonly Network[]): boolean {
  if (networks.length === 0 || peer === '') return true;
  const ip = contextOf(peer);
  const least = leastBitsFor(ip);
  return networks.some((network) => network.bits >= least && hasPrefix(network, ip));
}
