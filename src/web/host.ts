import { isIP } from 'node:net';

import { isLocal } from './local.ts';

/**
 * Whether a `Host` cannot be the name of another site. Whose site it is may have its name lead here, and a browser then
 * takes us for the same origin (DNS rebinding); an address and `localhost` lead where they say.
 * @param own the name that the configuration gives us
 */
export function isOwnHost(header: string, own: string | undefined): boolean {
  const host = header.toLowerCase().replace(/:\d*$/, '');
  const ip = host.replace(/^\[(.*)\]$/, '$1');
  return isIP(ip) !== 0 || isLocal({ host, port: 0 }) || host === own?.toLowerCase();
}
