import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { untilAnswers } from './answers.ts';
import { Child } from './child.ts';
import { nginxCommand, nginxHttpFolders, nginxMain } from './nginx.ts';
import { freePorts, HOST } from './ports.ts';

/** By their name on the web servers: the page of ab's usual report, and what is asked for besides, in bytes. */
export const BODIES = { page: 112, '1k': 1024, '16k': 16 * 1024, '64k': 64 * 1024, '10m': 10_000_000 } as const;

export type Body = keyof typeof BODIES;

/** Addresses of both web servers together in the big pool. */
const POOL_BACKENDS = 1000;
const SERVERS = 2;

export interface WebServers {
  /** `host:port` of each, once. */
  readonly backends: readonly string[];
  /** The same two under a thousand addresses: all of 127.0.0.0/8 is this machine. */
  readonly pool: readonly string[];
}

/** The configuration of one nginx that serves a folder at all these addresses. */
export function webConfig(folder: string, pages: string, addresses: readonly string[]): string {
  return `${nginxMain({ folder, workers: 1 })}http {
${nginxHttpFolders(folder)}  access_log off;
  sendfile on;
  keepalive_requests 1000000000;
  keepalive_timeout 600;
  server {
${addresses.map((address) => `    listen ${address};\n`).join('')}    root ${pages};
  }
}
`;
}

/** 127.1.0.1, 127.1.0.2, …, half of them at each port. */
export function poolAddresses(ports: readonly number[], count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const host = `127.1.${Math.floor(index / 250)}.${1 + (index % 250)}`;
    return `${host}:${ports[index % ports.length] ?? 0}`;
  });
}

/** Starts two web servers with one worker each. @param keep takes each process, to be stopped at the end */
export async function startWebServers(folder: string, keep: (child: Child) => void): Promise<WebServers> {
  const pages = join(folder, 'pages');
  mkdirSync(pages);
  for (const [name, bytes] of Object.entries(BODIES)) writeFileSync(join(pages, name), randomBytes(bytes));
  const ports = await freePorts(SERVERS);
  const pool = poolAddresses(ports, POOL_BACKENDS);
  const backends = ports.map((port) => `${HOST}:${port}`);
  for (const [index, port] of ports.entries()) {
    const own = join(folder, `web-${index}`);
    mkdirSync(own);
    const configFile = join(own, 'nginx.conf');
    const addresses = [`${HOST}:${port}`, ...pool.filter((address) => address.endsWith(`:${port}`))];
    writeFileSync(configFile, webConfig(own, pages, addresses));
    const child = new Child(`web server ${index + 1}`, nginxCommand(own, configFile));
    keep(child);
    await untilAnswers(port, child);
  }
  return { backends, pool };
}
