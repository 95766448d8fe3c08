import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

import { quoted } from '../problem/problem.ts';

/** What is wrong with the text of a host, or nothing. Its caller knows which code and offset that has. */
export interface HostFault {
  readonly message: string;
  readonly suggestion?: string;
}

const LABEL = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/;
const LONGEST_NAME = 253;

/**
 * Checks a host that stands without brackets: an IPv4 address or a name of letters, digits, hyphens and underscores.
 * A text whose last label is a number has to be an IPv4 address, as in URLs.
 */
export function hostFault(host: string): HostFault | undefined {
  if (isIPv4(host)) return undefined;
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(host)?.[0];
  if (scheme !== undefined) {
    return { message: `${quoted(host)} begins with a scheme`, suggestion: `leave out ${quoted(scheme)}` };
  }
  const labels = host.replace(/\.$/, '').split('.');
  if (/^\d+$/.test(labels.at(-1) ?? '')) return { message: `${quoted(host)} is not an IPv4 address` };
  if (host.length > LONGEST_NAME) return { message: `the host name ${quoted(host)} is longer than ${LONGEST_NAME}` };
  if (labels.every((label) => LABEL.test(label))) return undefined;
  return nameFault(host);
}

function nameFault(host: string): HostFault {
  if (isIPv6(host)) {
    return { message: `the IPv6 address ${quoted(host)} has no brackets`, suggestion: `write [${host}]` };
  }
  const ascii = /[^\0-\x7f]/.test(host) ? domainToASCII(host) : '';
  const message = `${quoted(host)} is not a host name`;
  return ascii === '' ? { message } : { message, suggestion: `write it as ${quoted(ascii)}` };
}

/** Checks what stands in brackets; a zone (`fe80::1%eth0`) is part of the address. */
export function bracketedFault(host: string): HostFault | undefined {
  if (isIPv6(host)) return undefined;
  const message = `${quoted(host)} in brackets is not an IPv6 address`;
  return isIPv4(host) ? { message, suggestion: `write ${host} without brackets` } : { message };
}
