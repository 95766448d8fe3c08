import { networkInterfaces } from 'node:os';

import type { SocketAddress } from './address.ts';
import { errorCode } from './errors.ts';

/**
 * What this host lacks or forbids, so that a call that failed says nothing of its peer. `ports`: the local ones towards
 * one destination. `source_address`: the address to dial from is not of this host. `permission`: a rule of this host
 * (a firewall, a route of the type "prohibit") forbids it.
 */
export const SHORTAGES = ['ports', 'source_address', 'descriptors', 'memory', 'processes', 'permission'] as const;
export type Shortage = (typeof SHORTAGES)[number];

/** In place of the system's code where bind(2) refuses an address: connect(2) says the same of ports. */
export const NO_SUCH_SOURCE = 'bind EADDRNOTAVAIL';

/** By the system's code, whatever was called. */
const ALWAYS: Readonly<Partial<Record<string, Shortage>>> = {
  EMFILE: 'descriptors',
  ENFILE: 'descriptors',
  ENOMEM: 'memory',
  ENOBUFS: 'memory',
};

/** Of calls that concern an IP address. EAGAIN is UDP's word for "no port is left": ip(7), udp(7). */
const OF_IP: Readonly<Partial<Record<string, Shortage>>> = {
  ...ALWAYS,
  EADDRNOTAVAIL: 'ports',
  EADDRINUSE: 'ports',
  EAGAIN: 'ports',
  [NO_SUCH_SOURCE]: 'source_address',
  EPERM: 'permission',
  EACCES: 'permission',
};

/** Of a start of a program: fork(2). */
const OF_PROGRAM: Readonly<Partial<Record<string, Shortage>>> = { ...ALWAYS, EAGAIN: 'processes' };

/**
 * What a failed bind, connect or send to an IP address says of this host; undefined where it is the peer's word. A host
 * without IPv6 says EADDRNOTAVAIL to every address of it: that is a network that cannot be reached.
 */
export function shortageTowards(code: string, ip: string): Shortage | undefined {
  if (code === 'EADDRNOTAVAIL' && ip.includes(':') && !hasIpv6()) return undefined;
  return OF_IP[code];
}

/** As shortageTowards, of a unix socket: EACCES is its file's mode, EAGAIN its full backlog. */
export function shortageAtPath(code: string): Shortage | undefined {
  return ALWAYS[code];
}

/** What a failed connect says of this host; undefined where it is the peer's word. */
export function shortageOfConnect(code: string, to: SocketAddress): Shortage | undefined {
  return 'path' in to ? shortageAtPath(code) : shortageTowards(code, to.ip);
}

/** What an error of Node's says of this host: of a start of a program, or of a bind, connect or send. */
export function shortageOfError(error: Error): Shortage | undefined {
  const code = errorCode(error);
  if (isOfProgram(error)) return OF_PROGRAM[code];
  const syscall = 'syscall' in error ? error.syscall : undefined;
  if (syscall === 'bind' && code === 'EADDRNOTAVAIL') return OF_IP[NO_SUCH_SOURCE];
  // Node writes the port of a connect to an IP address into its error; only UDP fails at a send.
  const isOfIp = 'port' in error || syscall === 'send' || syscall === 'bind';
  return isOfIp ? shortageTowards(code, 'address' in error ? String(error.address) : '') : shortageAtPath(code);
}

/** Whether a program could not be started. */
export function isOfProgram(error: Error): boolean {
  return 'syscall' in error && String(error.syscall).startsWith('spawn');
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ family }) => family === 'IPv6'));
}
