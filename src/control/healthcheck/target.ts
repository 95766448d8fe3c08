import { addressText, type NamedAddress } from '../../core/address.ts';

/** Where a backend is checked: at the port of the configuration, where there is one. */
export function checkedAddress(target: NamedAddress, { port }: { readonly port?: number }): NamedAddress {
  return 'path' in target || port === undefined ? target : { host: target.host, port };
}

/** The value of HTTP's header `Host`, unless the configuration says. */
export function hostHeaderOf(target: NamedAddress): string {
  return 'path' in target ? 'localhost' : addressText(target);
}
