import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

import { HOST } from '../ports.ts';
import type { Layout, Subject } from './subject.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

/** tslb as it is built, with one of its engines. */
export function tslb(engine: 'epoll' | 'net'): Subject {
  return {
    title: `tslb ${engine}`,
    needs: engine === 'epoll' ? ['koffi'] : [],
    configName: 'tslb.toml',
    config: (layout) => configText(engine, layout),
    command: (_layout, configFile) => ({ program: execPath, args: [MAIN, 'start', '-c', configFile] }),
  };
}

function configText(engine: string, { threads, services }: Layout): string {
  const servers = services.map(
    ({ name, port, backends }) => `
[servers.${name}]
bind = "${HOST}:${port}"

[servers.${name}.discovery]
kind = "static"
static_list = ${JSON.stringify(backends)}
`,
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
${servers.join('')}`;
}
