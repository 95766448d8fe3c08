import { isIP, isIPv4 } from 'node:net';

import type { Path } from '../../config/problem/path.ts';
import { type Problem, quoted } from '../../config/problem/problem.ts';
import { isTable, type ReportProblem, type Table } from '../../config/schema/examine.ts';
import { noEffect } from '../../config/schema/no-effect.ts';
import { bindKey, parseBind } from '../../config/values/bind.ts';
import { API_BIND } from '../../control/api/schema.ts';
import { STATS_BIND } from '../../control/dashboard/schema.ts';
import { METRICS_BIND } from '../../control/metrics/schema.ts';
import { PROFILER_BIND } from '../../control/profiler/schema.ts';
import { addressText, type NamedAddress } from '../../core/address.ts';
import { bindOf } from '../../web/lint.ts';

/** An address that a server or service of the file listens at. */
interface Bind {
  readonly address: NamedAddress;
  /** `server "web"`, `[api]`. */
  readonly owner: string;
  readonly path: Path;
  /** A port is taken for each of them on its own. */
  readonly protocol: 'tcp' | 'udp';
}

const SERVICE_BINDS = { api: API_BIND, metrics: METRICS_BIND, profiler: PROFILER_BIND, stats: STATS_BIND };

/** Reports two servers or services that bind the same address, and a mode of unix sockets where there are none. */
export function lintBinds(file: unknown, report: ReportProblem): void {
  if (!isTable(file)) return;
  lintModes(file['servers'], report);
  /** By protocol and port, or path. */
  const taken = new Map<string, readonly Bind[]>();
  for (const bind of [...serverBinds(file['servers']), ...serviceBinds(file)]) {
    const place = 'path' in bind.address ? bind.address.path : `${bind.protocol} ${bind.address.port}`;
    const others = taken.get(place) ?? [];
    const other = others.find((each) => collide(each.address, bind.address));
    if (other === undefined) taken.set(place, [...others, bind]);
    else report(takenProblem(bind, other));
  }
}

/** The addresses that can be read; the others are reported by the schema. */
function serverBinds(servers: unknown): readonly Bind[] {
  if (!isTable(servers)) return [];
  return Object.entries(servers).flatMap(([name, server]) => (isTable(server) ? bindsOf(name, server) : []));
}

function bindsOf(name: string, { bind, protocol: written }: Table): readonly Bind[] {
  const protocol = written === 'udp' ? 'udp' : 'tcp';
  const isList = Array.isArray(bind);
  const values: readonly unknown[] = isList ? bind : [bind];
  return values.flatMap((value, index) => {
    if (typeof value !== 'string' && typeof value !== 'number') return [];
    const reading = parseBind(String(value));
    if ('faults' in reading) return [];
    const path = ['servers', name, 'bind', ...(isList ? [index] : [])];
    return [{ address: reading.value, owner: `server ${quoted(name)}`, path, protocol }];
  });
}

function lintModes(servers: unknown, report: ReportProblem): void {
  if (!isTable(servers)) return;
  for (const [name, server] of Object.entries(servers)) {
    if (!isTable(server) || server['bind_mode'] === undefined) continue;
    const binds = bindsOf(name, server);
    if (binds.length === 0 || binds.some(({ address }) => 'path' in address)) continue;
    const suggestion = 'remove it, or add a bind such as "unix:/run/web.sock"';
    report(noEffect('bind_mode', { path: ['servers', name, 'bind_mode'], without: 'a unix: bind', suggestion }));
  }
}

/** Without those of port 0, which never collide. */
function serviceBinds(file: Table): readonly Bind[] {
  return Object.entries(SERVICE_BINDS).flatMap(([name, byDefault]) => {
    const table = file[name];
    if (!isTable(table) || table['enabled'] !== true) return [];
    const address = bindOf(table, byDefault);
    const isAnyPort = address !== undefined && 'port' in address && address.port === 0;
    return address === undefined || isAnyPort
      ? []
      : [{ address, owner: `[${name}]`, path: [name, 'bind'], protocol: 'tcp' }];
  });
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

function takenProblem({ address, owner, path }: Bind, other: Bind): Problem {
  const by = other.owner === owner ? 'this server' : other.owner;
  const isSame = 'path' in address || bindKey(address) === bindKey(other.address);
  const fact = isSame ? 'is bound by' : `overlaps with ${quoted(addressText(other.address))} of`;
  const message = `${quoted(addressText(address))} ${fact} ${by}${isSame ? ' already' : ''}`;
  return { code: 'TSLB_CONFIG_BIND_TAKEN', path, message, suggestion: 'give it another port' };
}
