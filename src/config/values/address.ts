import type { NamedAddress } from '../../core/address.ts';
import type { DiagnosticCode } from '../problem/diagnostic.ts';
import { type Fault, quoted, type Reading } from '../problem/problem.ts';
import { bracketedFault, hostFault } from './host.ts';

/** The kernel's sun_path, less its closing zero. */
const LONGEST_UNIX_PATH = 107;

/** A text taken apart, not yet judged: `host:port`, `[v6]:port`, or without port. */
export interface HostPort {
  readonly host: string;
  readonly isBracketed: boolean;
  /** Absent when there is no colon behind the host. */
  readonly port?: string;
  /** Where the port begins in the text. */
  readonly portOffset: number;
}

export function splitHostPort(text: string): HostPort {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) {
    const [, host = '', port] = bracketed;
    const portOffset = port === undefined ? text.length : text.length - port.length;
    return { host, isBracketed: true, portOffset, ...(port !== undefined && { port }) };
  }
  const colon = text.lastIndexOf(':');
  if (colon < 0) return { host: text, isBracketed: false, portOffset: text.length };
  return { host: text.slice(0, colon), isBracketed: false, port: text.slice(colon + 1), portOffset: colon + 1 };
}

/** What is wrong with the host part, or nothing. */
export function hostPartFault({ host, isBracketed }: HostPort, code: DiagnosticCode): Fault | undefined {
  const fault = isBracketed ? bracketedFault(host) : hostFault(host);
  return fault && { code, offset: isBracketed ? 1 : 0, ...fault };
}

/** Reads the number of a port. @param least 0 where the kernel may choose, else 1 */
export function portNumber(text: string, least: 0 | 1): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= least && port <= 65535 ? port : undefined;
}

/** Reads what stands behind `unix:`. */
export function parseUnixPath(path: string, code: DiagnosticCode): Reading<NamedAddress> {
  const offset = 'unix:'.length;
  const expected = 'an absolute path, such as unix:/run/app.sock';
  if (!path.startsWith('/')) {
    return { faults: [{ code, offset, message: `the path ${quoted(path)} does not begin with a slash`, expected }] };
  }
  if (/\p{Cc}/u.test(path)) {
    return { faults: [{ code, offset, message: `the path ${quoted(path)} has a control character`, expected }] };
  }
  const size = Buffer.byteLength(path);
  if (size > LONGEST_UNIX_PATH) {
    const message = `the path has ${size} bytes; a unix socket takes ${LONGEST_UNIX_PATH}`;
    return { faults: [{ code, offset, message }] };
  }
  return { value: { path } };
}
