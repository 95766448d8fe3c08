import { isIP } from 'node:net';

import type { IpAddress } from '../../core/address.ts';
import { ipv4Of } from './ip-text.ts';

/** resolv.conf(5), with the limits of glibc. */
export interface ResolvConf {
  /** At least one. */
  readonly servers: readonly IpAddress[];
  /** Without dots at their ends; the root is an empty text. */
  readonly search: readonly string[];
  /** A name with so many dots is asked for as it is first. */
  readonly ndots: number;
  /** Until a name server counts as one that does not answer. */
  readonly timeoutMs: number;
  /** How often each name server is asked. */
  readonly attempts: number;
  /** Whether each question begins with another server. */
  readonly isRotating: boolean;
  /** Whether all is asked by TCP. */
  readonly isTcp: boolean;
  /** Whether IPv6 is not asked for. */
  readonly isIpv4Only: boolean;
}

/** What resolv.conf does not say. */
export interface ResolvDefaults {
  /** LOCALDOMAIN and RES_OPTIONS go before the file. */
  readonly environment: Readonly<Partial<Record<string, string>>>;
  /** Its domain is searched where the file names none. */
  readonly hostname: string;
  /** Of the name servers: 53. */
  readonly port: number;
}

const MOST_SERVERS = 3;
type Options = Pick<ResolvConf, 'ndots' | 'timeoutMs' | 'attempts' | 'isRotating' | 'isTcp' | 'isIpv4Only'>;

export function parseResolvConf(text: string, { environment, hostname, port }: ResolvDefaults): ResolvConf {
  const servers: IpAddress[] = [];
  let search = hostname.includes('.') ? [hostname.slice(hostname.indexOf('.') + 1)] : [];
  let options: Options = {
    ndots: 1,
    timeoutMs: 5_000,
    attempts: 2,
    isRotating: false,
    isTcp: false,
    isIpv4Only: false,
  };
  for (const line of text.split('\n')) {
    const [keyword = '', ...words] = line.split(/[ \t]+/).filter((word, index) => index === 0 || word !== '');
    const [first = ''] = words;
    if (keyword === 'nameserver') {
      const ip = isIP(first) === 0 ? ipv4Of(first) : first;
      if (ip !== undefined && servers.length < MOST_SERVERS) servers.push({ ip, port });
    } else if (keyword === 'search' && words.length > 0) search = words;
    else if (keyword === 'domain' && first !== '') search = [first];
    else if (keyword === 'options') options = withOptions(options, words);
  }
  const { LOCALDOMAIN: domains, RES_OPTIONS: more = '' } = environment;
  if (domains !== undefined) search = wordsOf(domains);
  return {
    servers: servers.length > 0 ? servers : [{ ip: '127.0.0.1', port }],
    search: search.map((domain) => domain.replace(/^\./, '').replace(/\.$/, '')),
    ...withOptions(options, wordsOf(more)),
  };
}

function withOptions(options: Options, words: readonly string[]): Options {
  return words.reduce((before, word) => ({ ...before, ...optionOf(word) }), options);
}

function optionOf(word: string): Partial<Options> {
  const [, name = word, digits] = /^([a-z]+):(\d*)/.exec(word) ?? [];
  const number = Number(digits);
  switch (name) {
    case 'ndots':
      return { ndots: Math.min(number, 15) };
    case 'timeout':
      return { timeoutMs: Math.max(1, Math.min(number, 30)) * 1000 };
    case 'attempts':
      return { attempts: Math.max(1, Math.min(number, 5)) };
    case 'rotate':
      return { isRotating: true };
    case 'use-vc':
      return { isTcp: true };
    case 'no-aaaa':
      return { isIpv4Only: true };
    default:
      return {};
  }
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
