import { isIPv6, SocketAddress } from 'node:net';

import { addressText, type NamedAddress } from '../../core/address.ts';
import { nearest } from '../problem/nearest.ts';
import { type Fault, quoted, type Reading } from '../problem/problem.ts';
import { type HostPort, hostPartFault, parseUnixPath, portNumber, splitHostPort } from './address.ts';
import { SERVICE_NAMES, servicePort } from './services.ts';

const EXPECTED = '"host:port", ":port", "*:port", "[IPv6]:port", "port" or "unix:/path"';

/**
 * Reads an address to listen at: `host:port`, `:port` and `*:port` for all addresses, `[::1]:port`, `port` alone,
 * `unix:/path`. The port may be the name of a service (`:http`); port 0 lets the kernel choose. Beyond gobetween's
 * grammar are `*`, the port alone and unix sockets.
 */
export function parseBind(written: string): Reading<NamedAddress> {
  const text = written.trim();
  const offset = written.indexOf(text);
  const reading = parseTrimmed(text);
  if ('value' in reading || offset <= 0) return reading;
  return { faults: reading.faults.map((fault) => ({ ...fault, offset: (fault.offset ?? 0) + offset })) };
}

function parseTrimmed(text: string): Reading<NamedAddress> {
  if (text === '')
    return { faults: [{ code: 'TSLB_CONFIG_BIND', message: 'the address is empty', expected: EXPECTED }] };
  if (text.startsWith('unix:')) return parseUnixPath(text.slice('unix:'.length), 'TSLB_CONFIG_BIND');
  if (/^\d+$/.test(text)) return withPort('*', text, 0);

  const parts = splitHostPort(text);
  if (parts.port === undefined || (isIPv6(text) && !parts.isBracketed)) return { faults: [withoutPort(text, parts)] };
  const isEverywhere = !parts.isBracketed && (parts.host === '' || parts.host === '*');
  const fault = isEverywhere ? undefined : hostPartFault(parts, 'TSLB_CONFIG_BIND');
  const reading = withPort(isEverywhere ? '*' : parts.host, parts.port, parts.portOffset);
  if (fault === undefined) return reading;
  return { faults: [{ expected: EXPECTED, ...fault }, ...('faults' in reading ? reading.faults : [])] };
}

function withPort(host: string, text: string, offset: number): Reading<NamedAddress> {
  const port = portNumber(text, 0) ?? servicePort(text);
  return port === undefined ? { faults: [{ ...portFault(text), offset }] } : { value: { host, port } };
}

function portFault(text: string): Fault {
  const code = 'TSLB_CONFIG_BIND';
  if (text === '') return { code, message: 'the port is missing', expected: EXPECTED };
  if (/^\d+$/.test(text)) return { code, message: `the port ${text} is too large`, expected: 'a port from 0 to 65535' };
  if (/^\d+-\d+$/.test(text)) {
    const message = `${quoted(text)} is a range of ports, which is not supported`;
    return { code, message, suggestion: 'write a list of addresses' };
  }
  const expected = 'a port from 0 to 65535 or the name of a service';
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(text)) return { code, message: `${quoted(text)} is not a port`, expected };
  const meant = nearest(text, SERVICE_NAMES);
  const hint = meant === undefined ? '' : `; did you mean ${quoted(meant)}?`;
  return {
    code,
    message: `unknown service ${quoted(text)}${hint}`,
    expected,
    suggestion: 'write the number of the port',
  };
}

function withoutPort(text: string, { host, isBracketed }: HostPort): Fault {
  const code = 'TSLB_CONFIG_BIND';
  if (isIPv6(text) && !isBracketed) {
    const message = `the IPv6 address ${quoted(text)} has no brackets`;
    const [, address = '', last = ''] = /^(.*):(\d+)$/.exec(text) ?? [];
    const meant = isIPv6(address) ? `"[${address}]:${last}"` : `"[${text}]:8080", with the port you want`;
    return { code, message, expected: EXPECTED, suggestion: `write ${meant}` };
  }
  const port = servicePort(host);
  const suggestion = port === undefined ? undefined : `write ":${host}" for port ${port} on all addresses`;
  return { code, message: `the port is missing in ${quoted(text)}`, expected: EXPECTED, suggestion };
}

/**
 * One text for all ways to write the same bind.
 * `*`, `0.0.0.0` and `::` take each other's place.
 */
export function bindKey(address: NamedAddress): string {
  if ('path' in address) return addressText(address);
  const host = canonicalHost(address.host);
  const isEverywhere = host === '0.0.0.0' || host === '::';
  return addressText({ host: isEverywhere ? '*' : host, port: address.port });
}

function canonicalHost(host: string): string {
  if (!isIPv6(host) || host.includes('%')) return host.toLowerCase();
  return new SocketAddress({ address: host, family: 'ipv6' }).address;
}
