import { existsSync } from 'node:fs';

import { nginxCommand, nginxMain } from '../nginx.ts';
import { HOST } from '../ports.ts';
import { NAMES } from '../hello/client-hello.ts';
import { DATAGRAM_IDLE, type Layout, type Service, type ServiceKind, SERVICES, type Subject } from './subject.ts';

/** Where Debian, Fedora and Alpine put it. */
const MODULE_PATHS = ['/usr/lib/nginx/modules', '/usr/lib64/nginx/modules'].map(
  (folder) => `${folder}/ngx_stream_module.so`,
);

/** The module that makes nginx a layer-4 balancer. */
export function streamModule(): string | undefined {
  return MODULE_PATHS.find((path) => existsSync(path));
}

export const nginxStream: Subject = {
  title: 'nginx stream',
  needs: ['nginx', 'nginx stream'],
  lacks: ['proxy-v2'],
  configName: 'nginx.conf',
  config: configText,
  command: ({ folder }, configFile) => nginxCommand(folder, configFile),
};

function configText({ folder, threads, services }: Layout): string {
  const module = streamModule();
  const modules = module === undefined ? [] : [module];
  return `${nginxMain({ folder, workers: threads, modules })}stream {
  proxy_connect_timeout 5s;
  proxy_timeout 10m;
${services.map(serviceText).join('')}}
`;
}

/** The buffer is as big as tslb asks for by itself. */
const KINDS: Readonly<Record<ServiceKind, { readonly listen: string; readonly lines: readonly string[] }>> = {
  tcp: { listen: '', lines: [] },
  names: { listen: '', lines: ['ssl_preread on;'] },
  'proxy-v1': { listen: '', lines: ['proxy_protocol on;'] },
  'proxy-v2': { listen: '', lines: [] },
  udp: { listen: ' udp rcvbuf=4m', lines: [`proxy_timeout ${DATAGRAM_IDLE};`] },
  'udp-once': { listen: ' udp rcvbuf=4m', lines: [`proxy_timeout ${DATAGRAM_IDLE};`, 'proxy_responses 1;'] },
};

function serviceText({ name, port, backends }: Service): string {
  const kind = SERVICES[name];
  const { listen, lines } = KINDS[kind];
  const isByName = kind === 'names';
  return `${isByName ? byName(name, backends) : upstream(name, backends)}  server {
    listen ${HOST}:${port}${listen};
${lines.map((line) => `    ${line}\n`).join('')}    proxy_pass ${isByName ? `$by_${name}` : name};
  }
`;
}

function upstream(name: string, backends: readonly string[]): string {
  return `  upstream ${name} {\n${backends.map((backend) => `    server ${backend};\n`).join('')}  }\n`;
}

/** A backend for each name. */
function byName(service: string, backends: readonly string[]): string {
  const upstreams = backends.map((backend, index) => upstream(`${service}_${index}`, [backend]));
  const lines = backends.map((_, index) => `    ${NAMES[index] ?? 'default'} ${service}_${index};\n`);
  return `${upstreams.join('')}  map $ssl_preread_server_name $by_${service} {\n${lines.join('')}  }\n`;
}
