import { existsSync } from 'node:fs';

import { nginxCommand, nginxMain } from '../nginx.ts';
import { HOST } from '../ports.ts';
import type { Layout, Service, Subject } from './subject.ts';

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

function serviceText({ name, port, backends }: Service): string {
  const servers = backends.map((backend) => `    server ${backend};\n`);
  return `  upstream ${name} {
${servers.join('')}  }
  server {
    listen ${HOST}:${port};
    proxy_pass ${name};
  }
`;
}
