import type { NamedAddress, ResolvedTarget } from '../../core/address.ts';
import type { Lookups } from './resolver.ts';

/** @throws as `Resolver.addresses` */
export async function resolvedTarget(
  target: NamedAddress,
  lookups: Lookups,
  signal: AbortSignal,
): Promise<ResolvedTarget> {
  if ('path' in target) return { target, addresses: [target] };
  const found = await lookups.addresses(target.host, signal);
  return { target, addresses: found.map((ip) => ({ ip, port: target.port })) };
}
