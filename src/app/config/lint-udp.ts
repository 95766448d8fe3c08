import { quoted } from '../../config/problem/problem.ts';
import { isTable, type ReportProblem, type Table } from '../../config/schema/examine.ts';
import { noEffect } from '../../config/schema/no-effect.ts';
import type { OptionKey } from './options.ts';

/** One of these tells when a session ends; gobetween asks for it, too, and takes an idle time of "0" for an answer. */
const ENDS = ['client_idle_timeout', 'backend_idle_timeout'] as const satisfies readonly OptionKey[];

/** What concerns streams of bytes, or takes no time with datagrams. */
const WITHOUT_EFFECT = [
  'client_fin_timeout',
  'backend_fin_timeout',
  'unacknowledged_timeout',
  'keepalive_idle',
  'keepalive_interval',
  'keepalive_count',
  'sni',
] as const satisfies readonly (OptionKey | 'sni')[];

/** Reports what a server of UDP lacks, and what it cannot have. */
export function lintUdp(file: unknown, report: ReportProblem): void {
  if (!isTable(file) || !isTable(file['servers'])) return;
  for (const [name, server] of Object.entries(file['servers'])) {
    if (!isTable(server)) continue;
    if (server['protocol'] === 'udp') lintServer(name, server, report);
    else if (server['udp'] !== undefined) {
      const suggestion = 'remove it, or write protocol = "udp"';
      report(noEffect('udp', { path: ['servers', name, 'udp'], without: 'protocol = "udp"', suggestion }));
    }
  }
}

function lintServer(name: string, server: Table, report: ReportProblem): void {
  const path = ['servers', name];
  if (!endsSessions(server)) {
    report({
      code: 'TSLB_CONFIG_MISSING',
      path,
      message: `nothing says when a session of the server ${quoted(name)} ends`,
      expected: 'udp.max_requests, udp.max_responses, client_idle_timeout or backend_idle_timeout',
      suggestion: 'add client_idle_timeout = "30s", or udp = { max_responses = 1 } for DNS',
    });
  }
  const { udp } = server;
  if (isTable(udp) && udp['transparent'] === true && server['engine'] === 'net') {
    const message = 'the engine "net" cannot send with the address of a client';
    const suggestion = 'write engine = "epoll", or remove engine';
    report({ code: 'TSLB_CONFIG_VALUE', path: [...path, 'udp', 'transparent'], message, suggestion });
  }
  lintBinds(server['bind'], [...path, 'bind'], report);
  const check = server['healthcheck'];
  if (isTable(check) && check['kind'] === 'ping') {
    const message = 'a ping opens a TCP connection, which says nothing about a backend of UDP';
    const suggestion = 'write kind = "probe" with probe_protocol = "udp", or kind = "exec"';
    report({ code: 'TSLB_CONFIG_VALUE', path: [...path, 'healthcheck', 'kind'], message, suggestion });
  }
  for (const key of WITHOUT_EFFECT) {
    if (server[key] === undefined) continue;
    report(noEffect(key, { path: [...path, key], without: 'protocol = "tcp"', suggestion: 'remove it' }));
  }
}

function endsSessions(server: Table): boolean {
  const udp = isTable(server['udp']) ? server['udp'] : {};
  return isSet(udp['max_requests']) || isSet(udp['max_responses']) || ENDS.some((key) => server[key] !== undefined);
}

/** A value of another type is reported by the schema. */
function isSet(count: unknown): boolean {
  return count !== undefined && count !== 0;
}

function lintBinds(bind: unknown, path: readonly (string | number)[], report: ReportProblem): void {
  const isList = Array.isArray(bind);
  const values: readonly unknown[] = isList ? bind : [bind];
  for (const [index, value] of values.entries()) {
    if (typeof value !== 'string' || !value.trim().startsWith('unix:')) continue;
    const message = 'unix sockets carry no UDP';
    const suggestion = 'write "host:port"';
    report({ code: 'TSLB_CONFIG_BIND', path: isList ? [...path, index] : path, message, suggestion });
  }
}
