import { isIP, isIPv4, SocketAddress } from 'node:net';

import * as z from 'zod';

import { type Fault, quoted, type Reading } from '../problem/problem.ts';
import { refuse } from './refuse.ts';
import { parsedText } from './values.ts';

const EXPECTED = 'an IP address of this host, such as "10.0.0.7", or a list of them';

/** Reads an address of this host that backends are dialled from: IPv4 or IPv6, without a port. */
export function parseSourceAddress(text: string): Reading<string> {
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  if (isIP(bare) === 0) return { faults: [fault(...notAnAddress(text))] };
  if (bare !== text) return { faults: [fault(`${quoted(text)} has brackets`, `write ${bare}`)] };
  const ip = canonical(text);
  if (ip === '0.0.0.0' || ip === '::') {
    return {
      faults: [fault(`${quoted(text)} is no address of one host`, 'remove source_address: the system chooses')],
    };
  }
  const mapped = /^::ffff:([\d.]+)$/.exec(ip)?.[1];
  if (mapped !== undefined) return { faults: [fault(`${quoted(text)} is an IPv4 address`, `write ${mapped}`)] };
  return { value: text };
}

/** One source address or a list of them, each once. */
export function sourceAddress() {
  const one = parsedText(parseSourceAddress);
  return z
    .union([one, z.array(one)])
    .transform((given, context): readonly string[] => {
      const addresses = Array.isArray(given) ? given : [given];
      const known = addresses.map(canonical);
      const twice = addresses.find((_, index) => known.indexOf(known[index] ?? '') < index);
      if (twice === undefined) return addresses;
      refuse(context, [fault(`${quoted(twice)} is listed twice`, 'remove one of them')]);
      return z.NEVER;
    })
    .meta({ title: 'IP address, or list of IP addresses' });
}

function notAnAddress(text: string): [message: string, suggestion?: string] {
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
  if (host !== undefined && port !== undefined && isIP(host) !== 0) {
    return [`${quoted(text)} has a port; the system chooses the port`, `write ${host}`];
  }
  const [address, prefix] = text.split('/');
  if (prefix !== undefined && isIP(address ?? '') !== 0) {
    return [`${quoted(text)} is a network, not an address`, 'list the addresses of this host'];
  }
  if (/^[\d.]+$/.test(text) && !isIPv4(text)) return [`${quoted(text)} is not an IPv4 address`];
  return [`${quoted(text)} is not an IP address`, 'write an IP address of this host, not a name'];
}

/** IPv6 has many texts for one address. */
function canonical(text: string): string {
  if (isIPv4(text)) return text;
  const [address = '', zone] = text.split('%');
  const canonicalAddress = new SocketAddress({ address, family: 'ipv6' }).address;
  return zone === undefined ? canonicalAddress : `${canonicalAddress}%${zone}`;
}

function fault(message: string, suggestion?: string): Fault {
  return { code: 'TSLB_CONFIG_VALUE', message, expected: EXPECTED, ...(suggestion !== undefined && { suggestion }) };
}
