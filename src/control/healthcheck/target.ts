import { addressText, type NamedAddress, type ResolvedTarget, type SocketAddress } from '../../core/address.ts';

/** Where a backend is checked: at the port of the configuration, where there is one. */
export function checkedTarget(resolved: ResolvedTarget, { port }: { readonly port?: number }): ResolvedTarget {
  const { target, addresses } = resolved;
  if (port === undefined || 'path' in target) return resolved;
  const moved = addresses.map((address) => atPort(address, port));
  return { ...resolved, target: { host: target.host, port }, addresses: moved };
}

function atPort(address: SocketAddress, port: number): SocketAddress {
  return 'path' in address ? address : { ip: address.ip, port };
}

/** The value of HTTP's header `Host`, unless the configuration says. */
export function hostHeaderOf(target: NamedAddress): string {
  return 'path' in target ? 'localhost' : addressText(target);
}
