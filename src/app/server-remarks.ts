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

  const owners = new Map<string, string>();
  for (const [name, server] of Object.entries(servers)) {
    for (const { address, path } of isTable(server) ? bindsOf(name, server['bind']) : []) {
      const key = bindKey(address);
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, name);
      else report(takenProblem(address, owner === name ? 'this server' : `server ${quoted(owner)}`, path));
    }
  }
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

function takenProblem(address: NamedAddress, owner: string, path: Path): Problem {
  const message = `${quoted(addressText(address))} is bound by ${owner} already`;
  return { code: 'TSLB_CONFIG_BIND_TAKEN', path, message, suggestion: 'give it another port' };
}
