import { toolPath } from '../tools.ts';
import { HOST } from '../ports.ts';
import { NAMES } from '../hello/client-hello.ts';
import { type Layout, type Service, SERVICES, type Subject } from './subject.ts';

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
    lacks: ['udp', 'udp-once'],
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

const HEADERS: Readonly<Record<string, string>> = { 'proxy-v1': ' send-proxy', 'proxy-v2': ' send-proxy-v2' };

function serviceText(service: Service): string {
  const { name, port, backends } = service;
  const kind = SERVICES[name];
  if (kind === 'names') return byName(service);
  const servers = backends.map((backend, index) => `  server s${index} ${backend}${HEADERS[kind] ?? ''}\n`);
  return `
frontend ${name}
  bind ${HOST}:${port}
  default_backend ${name}

backend ${name}
  balance roundrobin
${servers.join('')}`;
}

/** A backend for each name. */
function byName({ name, port, backends }: Service): string {
  const rules = backends.map(
    (_, index) => `  use_backend ${name}_${index} if { req.ssl_sni -i ${NAMES[index] ?? ''} }\n`,
  );
  const sections = backends.map((backend, index) => `\nbackend ${name}_${index}\n  server s0 ${backend}\n`);
  return `
frontend ${name}
  bind ${HOST}:${port}
  tcp-request inspect-delay 5s
  tcp-request content accept if { req.ssl_hello_type 1 }
${rules.join('')}${sections.join('')}`;
}
