import type { Command } from '../child.ts';

/** What a balancer offers: the web servers, the echo, and the web servers as a pool of a thousand addresses. */
export const SERVICES = ['web', 'echo', 'pool'] as const;

export type ServiceName = (typeof SERVICES)[number];

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
