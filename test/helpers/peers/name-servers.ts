import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { temporaryFolder } from '../processes/cli.ts';
import { freePort } from '../sockets/traffic.ts';
import { type ProgramOptions, runProgram } from './run-program.ts';
import { type ServerProgram, startServerProgram, untilServes } from './server-program.ts';

/** What every one of them answers for www.example.test. */
export const WWW = { a: '192.0.2.1', aaaa: '2001:db8::1' } as const;

/** A real name server with the zone example.test, in which the text of `who` is its name. */
export interface NameServer {
  readonly name: string;
  readonly port: number;
  /** As a line of a static list. */
  readonly address: string;
  readonly program: ServerProgram;
}

export interface NameServerKind {
  readonly name: string;
  /** Which has to be installed. */
  readonly tool: string;
  readonly command: (folder: string, port: number) => readonly string[];
}

function written(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** Debian's, each as it is started in the foreground. */
export const NAME_SERVERS: readonly NameServerKind[] = [
  {
    name: 'BIND',
    tool: 'named',
    command(folder, port) {
      const zone = `$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
www A ${WWW.a}
www AAAA ${WWW.aaaa}
who TXT "BIND"
* A 192.0.2.7
`;
      const config = `options {
  directory "${folder}"; pid-file none; session-keyfile "${folder}/session.key"; recursion no; dnssec-validation no;
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; querylog yes;
};
controls { };
zone "example.test" { type master; file "${written(folder, 'zone', zone)}"; };
`;
      return ['-g', '-n', '1', '-c', written(folder, 'named.conf', config)];
    },
  },
  {
    name: 'dnsmasq',
    tool: 'dnsmasq',
    command: (_, port) => [
      ...[
        '-d',
        '-C',
        '/dev/null',
        '-p',
        String(port),
        '--listen-address=127.0.0.1',
        '--bind-interfaces',
        '--no-resolv',
      ],
      ...['--no-hosts', `--host-record=www.example.test,${WWW.a},${WWW.aaaa}`, '--address=/example.test/192.0.2.7'],
      ...['--txt-record=who.example.test,dnsmasq', '--user=root', '--log-queries', '--log-facility=-', '--pid-file='],
    ],
  },
  {
    name: 'unbound',
    tool: 'unbound',
    command(folder, port) {
      const config = `server:
  interface: 127.0.0.1@${port}
  chroot: ""
  username: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  log-queries: yes
  module-config: "iterator"
  local-zone: "example.test." static
  local-data: "www.example.test. 60 A ${WWW.a}"
  local-data: "www.example.test. 60 AAAA ${WWW.aaaa}"
  local-data: 'who.example.test. 60 TXT "unbound"'
remote-control:
  control-enable: no
`;
      return ['-d', '-c', written(folder, 'unbound.conf', config)];
    },
  },
];

/** Starts one and waits until it answers. */
export async function startNameServer(
  t: TestContext,
  { name, tool, command }: NameServerKind,
  options: ProgramOptions = {},
): Promise<NameServer> {
  const [folder, port] = [temporaryFolder(t), await freePort()];
  chmodSync(folder, 0o755);
  const program = startServerProgram(t, tool, command(folder, port), options);
  await untilServes(program, async () => (await ask(port, ['who.example.test', 'TXT'], options)) === `"${name}"`);
  return { name, port, address: `127.0.0.1:${port}`, program };
}

/** What dig prints, in short. It asks once. */
export async function ask(port: number, question: readonly string[], options: ProgramOptions = {}): Promise<string> {
  const args = ['@127.0.0.1', '-p', String(port), '+tries=1', '+time=2', '+short', ...question];
  return (await runProgram('dig', args, options)).stdout.trim();
}

/** unbound and dnsmasq as clients: each asks the name server on `to`. */
export const FORWARDERS: readonly {
  readonly name: string;
  readonly tool: string;
  readonly command: (folder: string, port: number, to: number) => readonly string[];
}[] = [
  {
    name: 'unbound',
    tool: 'unbound',
    command(folder, port, to) {
      const config = `server:
  interface: 127.0.0.1@${port}
  chroot: ""
  username: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
  do-not-query-localhost: no
  local-zone: "test." nodefault
  cache-max-ttl: 0
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@${to}
remote-control:
  control-enable: no
`;
      return ['-d', '-c', written(folder, 'unbound.conf', config)];
    },
  },
  {
    name: 'dnsmasq',
    tool: 'dnsmasq',
    command: (_, port, to) => [
      ...[
        '-d',
        '-C',
        '/dev/null',
        '-p',
        String(port),
        '--listen-address=127.0.0.1',
        '--bind-interfaces',
        '--no-resolv',
      ],
      ...['--no-hosts', `--server=127.0.0.1#${to}`, '--cache-size=0', '--user=root', '--pid-file='],
    ],
  },
];
