import { readFileSync } from 'node:fs';

/** Ports that the kernel chooses from for connections of its own host, the last one included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

const RESERVED_FILE = '/proc/sys/net/ipv4/ip_local_reserved_ports';
const RANGE_FILE = '/proc/sys/net/ipv4/ip_local_port_range';
/** Where the system does not tell: all that any system chooses from. */
const ANY: PortRange = { first: 1024, last: 65_535 };
const READ_AGAIN_AFTER_MS = 10_000;

/** The range in force, for IPv4 and IPv6: ip(7). @returns all unprivileged ports where the system does not tell */
export function readPortRange(): PortRange {
  try {
    const [first = NaN, last = NaN] = readFileSync(RANGE_FILE, 'latin1').trim().split(/\s+/).map(Number);
    return Number.isInteger(first) && Number.isInteger(last) ? { first, last } : ANY;
  } catch {
    return ANY; // not Linux, or /proc is closed to us
  }
}

/** How many ports of the range the kernel chooses from: those that are reserved are left out. */
export function countLocalPorts(range = readPortRange(), reserved = readReserved()): number {
  let count = range.last - range.first + 1;
  for (const { first, last } of reserved) {
    count -= Math.max(0, Math.min(last, range.last) - Math.max(first, range.first) + 1);
  }
  return Math.max(1, count);
}

/** `8080,9000-9010`, without overlaps: the kernel's form of net.ipv4.ip_local_reserved_ports. */
function readReserved(): readonly PortRange[] {
  try {
    const parts = readFileSync(RESERVED_FILE, 'latin1').trim().split(',');
    return parts.filter((part) => part !== '').map(rangeIn);
  } catch {
    return []; // not Linux, or /proc is closed to us
  }
}

function rangeIn(part: string): PortRange {
  const [first = NaN, last = first] = part.split('-').map(Number);
  return { first, last };
}

/** The range, which an operator may change at any time: read once in ten seconds at most, and only while it is asked for. */
export class LocalPorts {
  readonly #now: () => number;
  readonly #read: () => PortRange;
  #range: PortRange = ANY;
  #readAt = -Infinity;

  /** @param now milliseconds of a monotonic clock */
  constructor(now: () => number, read: () => PortRange = readPortRange) {
    this.#now = now;
    this.#read = read;
  }

  /** Whether the kernel may choose this port for a connection, and so connect a socket to itself. */
  has(port: number): boolean {
    const now = this.#now();
    if (now - this.#readAt >= READ_AGAIN_AFTER_MS) {
      this.#range = this.#read();
      this.#readAt = now;
    }
    return port >= this.#range.first && port <= this.#range.last;
  }
}
