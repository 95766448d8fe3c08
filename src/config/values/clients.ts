import { isIP } from 'node:net';

import type { ClientFilter } from '../../core/connection-list.ts';
import { quoted } from '../problem/problem.ts';
import { parseNetwork, withoutHostBits } from './network.ts';

const EXPECTED = 'an address "192.0.2.7", a network "192.0.2.0/24", or an address and a port "192.0.2.7:50312"';
const WITH_PORT = /^(?:\[(?<ipv6>[^\]]*)\]|(?<ipv4>[^:[\]]*))(?::(?<port>\d{1,5}))?$/;
const LAST_PORT = 65_535;

/**
 * Reads which clients are meant: those of an address, of a network (CIDR, IPv4 or IPv6), one connection by its address
 * and port as lists show it, or `unix:` for all on unix sockets.
 * @returns the filter, or what is wrong with the text, in one line
 */
export function parseClients(text: string): { readonly value: ClientFilter } | { readonly wrong: string } {
  if (text === 'unix:') return { value: { text } };
  const { ipv6, ipv4, port } = WITH_PORT.exec(text)?.groups ?? {};
  const network = ipv6 ?? ipv4 ?? text;
  const parsed = parseNetwork(network);
  if ('fault' in parsed) return wrong({ expected: EXPECTED, ...parsed.fault });
  if (ipv6 !== undefined && isIP(ipv6) !== 6) return wrong({ message: `${quoted(ipv6)} is not an IPv6 address` });
  if (port !== undefined && (network.includes('/') || Number(port) > LAST_PORT || Number(port) === 0)) {
    return wrong({ message: `${quoted(text)} is not an address and a port`, expected: EXPECTED });
  }
  const meant = network.includes('/') ? withoutHostBits(network) : undefined;
  if (meant !== undefined) {
    const suggestion = `write ${meant} for the network, or ${network.split('/')[0]} for the address alone`;
    return wrong({ message: `${quoted(text)} is one address of a network`, suggestion });
  }
  return { value: { text, network: parsed.value, ...(port !== undefined && { port: Number(port) }) } };
}

interface Wrong {
  readonly message: string;
  readonly expected?: string;
  readonly suggestion?: string;
}

function wrong({ message, expected, suggestion }: Wrong): { readonly wrong: string } {
  const next = suggestion ?? (expected === undefined ? undefined : `expected ${expected}`);
  return { wrong: next === undefined ? message : `${message}; ${next}` };
}
