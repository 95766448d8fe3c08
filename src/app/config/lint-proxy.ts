import { quoted } from '../../config/problem/problem.ts';
import { isTable, type ReportProblem, type Table } from '../../config/schema/examine.ts';
import { noEffect } from '../../config/schema/no-effect.ts';
import { backendsInFile } from '../../control/discovery/registry.ts';
import type { SentTlv } from '../../core/proxy-protocol.ts';

/** A header of version 2 with IPv6 addresses. */
const BYTES = 52;

/** What each TLV adds at most. */
const TLV_BYTES: Readonly<Record<SentTlv, number>> = { authority: 258, alpn: 258, unique_id: 131, ssl: 800, crc32c: 7 };
/** A unique id of our own. */
const OWN_UNIQUE_ID_BYTES = 27;

/** The longest header that receivers take, as measured with the programs of Debian 12. */
const RECEIVERS: readonly (readonly [mostBytes: number, who: string])[] = [
  [107, 'nginx (stream, up to 1.22)'],
  [232, 'Apache, Exim, MariaDB and lighttpd'],
  [500, 'Postfix and Varnish'],
];

/** Reports what is not right about the PROXY protocol of a server. */
export function lintProxy(file: unknown, report: ReportProblem): void {
  if (!isTable(file) || !isTable(file['servers'])) return;
  for (const [name, server] of Object.entries(file['servers'])) {
    if (!isTable(server)) continue;
    lintOut(name, server, report);
    lintIn(name, server, report);
  }
}

function lintOut(name: string, server: Table, report: ReportProblem): void {
  const table = server['proxy_protocol'];
  if (!isTable(table)) return;
  const path = ['servers', name, 'proxy_protocol'];
  const isV1 = table['version'] === '1';
  const mayBeV2 = !isV1 || (backendsInFile(server['discovery']) ?? []).some(({ sendProxy }) => sendProxy === 'v2');
  if (isV1 && server['protocol'] === 'udp') {
    const message = `version 1 has no datagrams, and the server ${quoted(name)} is one of UDP`;
    report({ code: 'TSLB_CONFIG_VALUE', path: [...path, 'version'], message, suggestion: 'write version = "2"' });
  }
  const udp = isTable(server['udp']) ? server['udp'] : {};
  if (server['protocol'] === 'udp' && udp['max_requests'] === 1 && (udp['max_responses'] ?? 0) === 0) {
    const suggestion = 'remove it, or add max_responses';
    report(noEffect('proxy_protocol', { path, without: 'sessions: each datagram is sent on by itself', suggestion }));
  }
  if (isV1 && table['check_command'] === 'local') {
    const message = 'version 1 has no header without a client that every receiver takes';
    report({ code: 'TSLB_CONFIG_VALUE', path: [...path, 'check_command'], message, suggestion: 'write "proxy"' });
  }
  if (!Array.isArray(table['tlvs']) || table['tlvs'].length === 0) return;
  if (!mayBeV2) {
    report(noEffect('tlvs', { path: [...path, 'tlvs'], without: 'version = "2"', suggestion: 'remove it' }));
    return;
  }
  lintSize(table['tlvs'], server['accept_proxy'] !== undefined, (message, suggestion) => {
    report({ code: 'TSLB_CONFIG_VALUE', severity: 'warning', path: [...path, 'tlvs'], message, suggestion });
  });
}

function lintSize(tlvs: readonly unknown[], mayHaveIds: boolean, warn: (message: string, suggestion: string) => void) {
  const bytesOf = (tlv: SentTlv) => (tlv === 'unique_id' && !mayHaveIds ? OWN_UNIQUE_ID_BYTES : TLV_BYTES[tlv]);
  const bytes = tlvs
    .filter((tlv): tlv is SentTlv => typeof tlv === 'string' && Object.hasOwn(TLV_BYTES, tlv))
    .reduce((sum, tlv) => sum + bytesOf(tlv), BYTES);
  const refusing = RECEIVERS.filter(([mostBytes]) => bytes > mostBytes);
  if (refusing.length === 0) return;
  const limits = refusing.map(([mostBytes, who]) => `${who} take at most ${mostBytes}`);
  warn(
    `the header may reach ${bytes} bytes: ${limits.join('; ')}`,
    'leave out what the backends do not read, where they are such programs',
  );
}

function lintIn(name: string, server: Table, report: ReportProblem): void {
  const path = ['servers', name];
  const accept = server['accept_proxy'];
  if (accept === 'allow' && server['accept_proxy_from'] === undefined) {
    report({
      code: 'TSLB_CONFIG_MISSING',
      path: [...path, 'accept_proxy'],
      message: 'with "allow" every client could claim any address, and pass access rules and limits by it',
      expected: 'accept_proxy_from',
      suggestion: 'add accept_proxy_from = ["10.0.0.0/8"], the networks of the proxies before this server',
    });
  }
  if (server['protocol'] === 'udp' && accept !== undefined && server['accept_proxy_timeout'] !== undefined) {
    const at = { path: [...path, 'accept_proxy_timeout'], without: 'protocol = "tcp"', suggestion: 'remove it' };
    report(noEffect('accept_proxy_timeout', at));
  }
  if (accept !== undefined) return;
  for (const key of ['accept_proxy_from', 'accept_proxy_timeout']) {
    if (server[key] === undefined) continue;
    const suggestion = 'remove it, or add accept_proxy = "require"';
    report(noEffect(key, { path: [...path, key], without: 'accept_proxy', suggestion }));
  }
}
