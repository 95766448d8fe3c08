import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

import type { Clock } from '../../core/clock.ts';
import { type FoundName, NameError } from './answer.ts';
import { askBothFamilies, type DnsFinding } from './families.ts';
import { ipv4Of } from './ip-text.ts';
import { NameFiles, type NameFilePaths, type NameSettings, SYSTEM_FILES } from './name-files.ts';
import type { NameServerEvents } from './name-server.ts';
import { NameServers } from './name-servers.ts';
import type { ResolvConf } from './resolv-conf.ts';
import { search } from './search.ts';
import { systemLookup } from './system-lookup.ts';

/** @param wasSilent the last time that the name was asked for @throws NameError, or the system's error */
export type Find = (host: string, wasSilent: boolean) => Promise<FoundName>;

export interface FinderEvents extends NameServerEvents {
  /** What was found may be found no more, and the other way round: hosts, resolv.conf or nsswitch.conf was changed. */
  readonly changed: () => void;
}

/** What neither ages nor is asked of anybody. */
const FOREVER = Infinity;
const LOOPBACK = ['127.0.0.1', '::1'];

/**
 * Finds names as getaddrinfo does, without a thread of Node's pool: in the hosts file and by DNS, in the order of
 * nsswitch.conf. Where that names other sources too, getaddrinfo is asked for what these do not know.
 */
export class Finder {
  readonly #clock: Clock;
  readonly #events: FinderEvents;
  readonly #files: NameFiles;
  readonly #system = systemLookup();
  #servers: { readonly conf: ResolvConf; readonly servers: NameServers } | undefined;

  constructor(clock: Clock, events: FinderEvents, paths: NameFilePaths = SYSTEM_FILES) {
    this.#clock = clock;
    this.#events = events;
    this.#files = new NameFiles(paths, clock, () => events.changed());
  }

  readonly find: Find = async (host, wasSilent) => {
    const ip = isIP(host) === 0 ? ipv4Of(host) : host;
    if (ip !== undefined) return { addresses: [ip], ttlMs: FOREVER };
    const name = asciiOf(host);
    const settings = await this.#files.settings();
    let failure: string | undefined;
    for (const source of settings.sources.own) {
      const finding = source === 'files' ? inHosts(name, settings) : await this.#inDns(name, settings, wasSilent);
      if (finding.type === 'found') return foundName(finding);
      if (finding.type === 'failed') failure = finding.reason;
    }
    if (settings.sources.hasOthers && mayOthersKnow(name, failure)) return this.#system(name);
    if (failure !== undefined) throw new NameError('EAI_AGAIN', `cannot ask for the name "${host}": ${failure}`);
    throw new NameError('ENOTFOUND', `the name "${host}" has no address in the hosts file or in DNS`);
  };

  stop(): void {
    this.#files.stop();
    this.#servers?.servers.stop();
  }

  #inDns(name: string, { conf }: NameSettings, wasSilent: boolean): Promise<DnsFinding> {
    if (this.#servers?.conf !== conf) {
      this.#servers?.servers.stop();
      this.#servers = { conf, servers: new NameServers(conf, this.#clock, this.#events) };
    }
    const { servers } = this.#servers;
    const { isIpv4Only } = conf;
    return search(name, conf, (full) =>
      askBothFamilies(
        (family) => (isIpv4Only && family === 6 ? NO_RECORD : servers.ask({ name: full, family }, wasSilent)),
        this.#clock,
      ),
    );
  }
}

const NO_RECORD = Promise.resolve({
  type: 'answer',
  answer: { rcode: 0, isTruncated: false, isReferral: false, addresses: [], ttl: 0 },
} as const);

/** Names of this host itself are never asked of a name server (RFC 6761). */
function inHosts(name: string, { hosts }: NameSettings): DnsFinding {
  const found = hosts.get(name) ?? (/(?:^|\.)localhost\.?$/.test(name) ? LOOPBACK : undefined);
  if (found === undefined) return { type: 'absent' };
  const addresses = [...found].sort((one, other) => isIP(one) - isIP(other));
  return { type: 'found', addresses, ttlMs: FOREVER };
}

/** A dead name server would hold a thread for each name that goes on to getaddrinfo; hosts nearby have no dots. */
function mayOthersKnow(name: string, failure: string | undefined): boolean {
  return failure === undefined || !name.includes('.') || name.endsWith('.local');
}

function foundName({ addresses, ttlMs, unknown, later }: Extract<DnsFinding, { type: 'found' }>): FoundName {
  return {
    addresses,
    ttlMs,
    ...(unknown !== undefined && { unknown }),
    ...(later && { later: later.then((finding) => (finding.type === 'found' ? foundName(finding) : undefined)) }),
  };
}

/** In lower case; names of other scripts as DNS has them. @throws NameError */
function asciiOf(host: string): string {
  const name = /^[\0-\x7f]*$/.test(host) ? host.toLowerCase() : domainToASCII(host);
  if (name === '' || /[\0- \x7f]/.test(name))
    throw new NameError('ENOTFOUND', `"${host}" cannot be the name of a host`);
  return name;
}
