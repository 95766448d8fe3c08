import { isIP, isIPv4 } from 'node:net';

import { bindKey, parseBind } from '../config/bind.ts';
import { isTable, type Remark } from '../config/examine.ts';
import type { Path } from '../config/path.ts';
import { type Problem, quoted } from '../config/problem.ts';
import { addressText, type NamedAddress } from '../core/address.ts';

type Report = Parameters<Remark>[1];

/** What every JavaScript object has; a server of that name could be mistaken for it. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);

/** What concerns the servers together: their names, and that no two bind the same address. */
export function remarkServers(servers: unknown, report: Report): void {
  if (!isTable(servers)) return;
  for (const name of Object.keys(servers)) remarkName(name, report);

  /** By port, or path. */
  const taken = new Map<number | string, { readonly address: NamedAddress; readonly owner: string }[]>();
  for (const [name, server] of Object.entries(servers)) {
    for (const { address, path } of isTable(server) ? bindsOf(name, server['bind']) : []) {
      const place = 'path' in address ? address.path : address.port;
      const others = taken.get(place) ?? [];
      const other = others.find((each) => collide(each.address, address));
      if (other === undefined) taken.set(place, [...others, { address, owner: name }]);
      else report(takenProblem(address, other, name, path));
    }
  }
}

/** Whether two binds of one port or path cannot be opened side by side. */
function collide(one: NamedAddress, other: NamedAddress): boolean {
  if ('path' in one || 'path' in other || bindKey(one) === bindKey(other)) return true;
  if (one.port === 0) return false;
  return covers(one.host, other.host) || covers(other.host, one.host);
}

/** Names are left to the system, which alone knows their addresses. */
function covers(all: string, host: string): boolean {
  if (all === '0.0.0.0') return isIPv4(host);
  return (all === '*' || all === '::') && isIP(host) !== 0;
}

function remarkName(name: string, report: Report): void {
  const isReserved = RESERVED_NAMES.has(name);
  const fault = isReserved ? 'the name is reserved' : nameFault(name);
  if (fault === undefined) return;
  const code = isReserved ? 'TSLB_CONFIG_RESERVED_NAME' : 'TSLB_CONFIG_SERVER_NAME';
  report({ code, path: [name], at: 'key', message: `${quoted(name)} cannot name a server: ${fault}` });
}

function nameFault(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.includes('/')) return 'it has a slash';
  if (/\p{Cc}/u.test(name)) return 'it has a control character';
  return undefined;
}

/** The addresses that can be read; the others are reported by the schema. */
function bindsOf(name: string, bind: unknown): { address: NamedAddress; path: Path }[] {
  const isList = Array.isArray(bind);
  const values: readonly unknown[] = isList ? bind : [bind];
  return values.flatMap((value, index) => {
    if (typeof value !== 'string' && typeof value !== 'number') return [];
    const reading = parseBind(String(value));
    return 'faults' in reading ? [] : [{ address: reading.value, path: [name, 'bind', ...(isList ? [index] : [])] }];
  });
}

function takenProblem(
  address: NamedAddress,
  other: { readonly address: NamedAddress; readonly owner: string },
  name: string,
  path: Path,
): Problem {
  const owner = other.owner === name ? 'this server' : `server ${quoted(other.owner)}`;
  const isSame = 'path' in address || bindKey(address) === bindKey(other.address);
  const by = isSame ? 'is bound by' : `overlaps with ${quoted(addressText(other.address))} of`;
  const message = `${quoted(addressText(address))} ${by} ${owner}${isSame ? ' already' : ''}`;
  return { code: 'TSLB_CONFIG_BIND_TAKEN', path, message, suggestion: 'give it another port' };
}
