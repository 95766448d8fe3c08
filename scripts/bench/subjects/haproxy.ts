import { toolPath } from '../tools.ts';
import { HOST } from '../ports.ts';
import type { Layout, Service, Subject } from './subject.ts';

/** Two descriptors each; with those of the pipes below 20,000, a usual limit. */
const CONNECTIONS = 7000;
const PIPES = 1024;

/**
 * HAProxy in TCP mode.
 * @param splices whether it moves bytes within the kernel. Always, then: `option splice-auto` leaves it to a guess that
 * seldom splices here, so that the bodies would cost HAProxy more.
 */
export function haproxy(splices: boolean): Subject {
  return {
    title: splices ? 'HAProxy splice' : 'HAProxy',
    needs: ['haproxy'],
    configName: 'haproxy.cfg',
    config: (layout) => configText(splices, layout),
    command: (_layout, configFile) => ({
      program: toolPath('haproxy') ?? 'haproxy',
      args: ['-db', '-f', configFile],
    }),
  };
}

function configText(splices: boolean, { threads, services }: Layout): string {
  return `global
  nbthread ${threads}
  maxconn ${CONNECTIONS}
  maxpipes ${PIPES}

defaults
  mode tcp
  timeout connect 5s
  timeout client 10m
  timeout server 10m
${splices ? '  option splice-request\n  option splice-response\n' : ''}${services.map(serviceText).join('')}`;
}

function serviceText({ name, port, backends }: Service): string {
  const servers = backends.map((backend, index) => `  server s${index} ${backend}\n`);
  return `
frontend ${name}
  bind ${HOST}:${port}
  default_backend ${name}

backend ${name}
  balance roundrobin
${servers.join('')}`;
}
