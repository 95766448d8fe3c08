import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

import type { Command } from '../child.ts';
import { HOST } from '../ports.ts';
import type { Layout, Subject } from './subject.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

const WATCHERS = fileURLToPath(new URL('../watchers.js', import.meta.url));

/** Limits that nobody reaches. */
const GUARDS = `max_fails = 3
fail_timeout = "10s"
max_connections_per_client = 100000
connection_rate_per_client = "900000/s"
`;

/** To check or show so many backends would count for connections that do not go to them. */
const MANY = 100;

const CHECKS = (name: string): string => `
[servers.${name}.healthcheck]
kind = "ping"
interval = "2s"
timeout = "1s"
`;

/**
 * What it does besides. Guarded: checks, failures that count and limits for each client, all of which find nothing amiss.
 * Watched: all that can be seen of it is looked at, once a second.
 */
export type Extra = 'guarded' | 'watched';

/** tslb as it is built, with one of its engines. */
export function tslb(engine: 'epoll' | 'net', extra?: Extra): Subject {
  return {
    title: `tslb ${engine}${extra === undefined ? '' : ` ${extra}`}`,
    needs: engine === 'epoll' ? ['koffi'] : [],
    configName: 'tslb.toml',
    config: (layout) => configText(engine, extra, layout),
    command: (_layout, configFile) => ({ program: execPath, args: [MAIN, 'start', '-c', configFile] }),
    ...(extra === 'watched' && { companion: watchersCommand }),
  };
}

/** The HTTP services listen at sockets, which need no port. In the order in which watchers.ts takes them. */
const SERVICES = ['api', 'metrics', 'stats'] as const;

function socketOf(folder: string, service: string): string {
  return join(folder, `${service}.sock`);
}

function watchersCommand({ folder }: Layout): Command {
  return { program: execPath, args: [WATCHERS, ...SERVICES.map((service) => socketOf(folder, service))] };
}

function servicesText(folder: string): string {
  return SERVICES.map(
    (service) => `
[${service}]
enabled = true
bind = "unix:${socketOf(folder, service)}"
`,
  ).join('');
}

function configText(engine: string, extra: Extra | undefined, { folder, threads, services }: Layout): string {
  const guarded = extra === 'guarded';
  const offered = services.filter(({ backends }) => extra !== 'watched' || backends.length < MANY);
  const servers = offered.map(
    ({ name, port, backends }) => `
[servers.${name}]
bind = "${HOST}:${port}"

[servers.${name}.discovery]
kind = "static"
static_list = ${JSON.stringify(backends)}
${guarded && backends.length < MANY ? CHECKS(name) : ''}`,
  );
  return `[logging]
level = "warn"

${extra === 'watched' ? servicesText(folder) : ''}
[process]
threads = ${threads}

[defaults]
engine = "${engine}"
backend_connection_timeout = "5s"
client_idle_timeout = "10m"
backend_idle_timeout = "10m"
${guarded ? GUARDS : ''}${servers.join('')}`;
}
