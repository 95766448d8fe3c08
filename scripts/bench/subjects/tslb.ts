import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

import { HOST } from '../ports.ts';
import type { Layout, Subject } from './subject.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

/** The command of an earlier build, which `npm run build` has made in the checkout that the variable TSLB_BEFORE names. */
export function earlierMain(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { TSLB_BEFORE: checkout = '' } = env;
  return checkout === '' ? undefined : join(checkout, 'dist', 'src', 'cli', 'main.js');
}

/** Limits that nobody reaches. */
const GUARDS = `max_fails = 3
fail_timeout = "10s"
max_connections_per_client = 100000
connection_rate_per_client = "900000/s"
`;

/** Checks of so many backends would count for connections that do not go to them. */
const MANY = 100;

const CHECKS = (name: string): string => `
[servers.${name}.healthcheck]
kind = "ping"
interval = "2s"
timeout = "1s"
`;

/**
 * tslb as it is built, with one of its engines.
 * @param guarded with checks, failures that count and limits for each client, all of which find nothing amiss
 */
export function tslb(engine: 'epoll' | 'net', guarded = false): Subject {
  return {
    title: `tslb ${engine}${guarded ? ' guarded' : ''}`,
    needs: engine === 'epoll' ? ['koffi'] : [],
    configName: 'tslb.toml',
    config: (layout) => configText(engine, guarded, layout),
    command: (_layout, configFile) => ({ program: execPath, args: [MAIN, 'start', '-c', configFile] }),
  };
}

/** tslb `epoll` as it was, to be compared with the build that runs the bench. */
export const before: Subject = {
  ...tslb('epoll'),
  title: 'tslb before',
  needs: ['koffi', 'earlier build'],
  configName: 'tslb-before.toml',
  command: (_layout, configFile) => ({ program: execPath, args: [earlierMain() ?? MAIN, 'start', '-c', configFile] }),
};

function configText(engine: string, guarded: boolean, { threads, services }: Layout): string {
  const servers = services.map(
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

[process]
threads = ${threads}

[defaults]
engine = "${engine}"
backend_connection_timeout = "5s"
client_idle_timeout = "10m"
backend_idle_timeout = "10m"
${guarded ? GUARDS : ''}${servers.join('')}`;
}
