import type { Command } from '../child.ts';

/** How a service carries what comes. Those of `names` know the name in a ClientHello; of `proxy` send a PROXY header. */
export type ServiceKind = 'tcp' | 'names' | 'proxy-v1' | 'proxy-v2' | 'udp' | 'udp-once';

/**
 * What a balancer offers: the web servers, the echo, and the web servers as a pool of a thousand addresses; a backend
 * that takes a ClientHello, by its name or not, with a PROXY header or without; and for datagrams an echo, with
 * sessions that last or that end with one answer, and a sink.
 */
export const SERVICES = {
  web: 'tcp',
  echo: 'tcp',
  pool: 'tcp',
  hello: 'tcp',
  names: 'names',
  'proxy-v1': 'proxy-v1',
  'proxy-v2': 'proxy-v2',
  datagrams: 'udp',
  'datagrams-once': 'udp-once',
  sink: 'udp',
} as const satisfies Readonly<Record<string, ServiceKind>>;

export type ServiceName = keyof typeof SERVICES;

export const SERVICE_NAMES = Object.keys(SERVICES) as readonly ServiceName[];

/** Sessions of datagrams that nobody uses end after that; a balancer has not many ports for them. */
export const DATAGRAM_IDLE = '10s';

export interface Service {
  readonly name: ServiceName;
  /** Where the balancer listens, on 127.0.0.1. */
  readonly port: number;
  /** `host:port` of each. */
  readonly backends: readonly string[];
}

export interface Layout {
  /** For what the process writes. */
  readonly folder: string;
  readonly threads: number;
  readonly services: readonly Service[];
}

/** One way from the client to the backends. */
export interface Subject {
  readonly title: string;
  /** Programs it needs, as `PROGRAMS` names them. */
  readonly needs: readonly ProgramName[];
  /** Kinds of service that it cannot carry. */
  readonly lacks: readonly ServiceKind[];
  readonly configName: string;
  /** Its configuration file. */
  config(layout: Layout): string;
  command(layout: Layout, configFile: string): Command;
}

/** Where Debian has what the bench calls. */
export const PROGRAMS = {
  ab: 'apache2-utils',
  haproxy: 'haproxy',
  nginx: 'nginx',
  'nginx stream': 'libnginx-mod-stream',
  koffi: 'npm install, with optional dependencies',
  'earlier build': 'the variable TSLB_BEFORE names the checkout, in which npm run build was run',
} as const;

export type ProgramName = keyof typeof PROGRAMS;
