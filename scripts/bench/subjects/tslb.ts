import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

import { HOST } from '../ports.ts';
import { NAMES } from '../hello/client-hello.ts';
import { DATAGRAM_IDLE, type Layout, type Service, type ServiceKind, SERVICES, type Subject } from './subject.ts';

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
    lacks: [],
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
  const servers = services.map((service) => serviceText(guarded, service));
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

const DATAGRAMS = `protocol = "udp"
client_idle_timeout = "${DATAGRAM_IDLE}"
backend_idle_timeout = "${DATAGRAM_IDLE}"
`;

/** Keys of the server, and of a table in it. */
const KINDS: Readonly<Record<ServiceKind, { readonly keys: string; readonly table: string }>> = {
  tcp: { keys: '', table: '' },
  names: { keys: '', table: 'sni]\nread_timeout = "5s"' },
  'proxy-v1': { keys: '', table: 'proxy_protocol]\nversion = "1"' },
  'proxy-v2': { keys: '', table: 'proxy_protocol]\nversion = "2"' },
  udp: { keys: DATAGRAMS, table: '' },
  'udp-once': { keys: DATAGRAMS, table: 'udp]\nmax_responses = 1' },
};

function serviceText(guarded: boolean, { name, port, backends }: Service): string {
  const kind = SERVICES[name];
  const { keys, table } = KINDS[kind];
  const list = kind === 'names' ? backends.map((backend, index) => `${backend} sni=${NAMES[index] ?? ''}`) : backends;
  const isChecked = guarded && backends.length < MANY && keys === '';
  return `
[servers.${name}]
bind = "${HOST}:${port}"
${keys}${table === '' ? '' : `\n[servers.${name}.${table}\n`}
[servers.${name}.discovery]
kind = "static"
static_list = ${JSON.stringify(list)}
${isChecked ? CHECKS(name) : ''}`;
}
