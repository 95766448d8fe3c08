import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { temporaryFolder } from '../processes/cli.ts';
import { freePort } from '../sockets/traffic.ts';
import { runProgram } from './run-program.ts';
import { type ServerProgram, startServerProgram, untilServes } from './server-program.ts';

/** A real service over UDP, on 127.0.0.1. */
export interface UdpService {
  readonly port: number;
  /** As a line of a static list. */
  readonly address: string;
  readonly program: ServerProgram;
}

function service(port: number, program: ServerProgram): UdpService {
  return { port, address: `127.0.0.1:${port}`, program };
}

export interface Rsyslog extends UdpService {
  /** The messages that it has written, in their order. */
  readonly messages: () => readonly string[];
}

/** rsyslogd, which writes each message to a file. @param forwardTo a port that it sends each one on to, from a port that it keeps */
export async function startRsyslog(t: TestContext, forwardTo?: number): Promise<Rsyslog> {
  const [folder, port] = [temporaryFolder(t), await freePort()];
  const file = join(folder, 'messages');
  const forward =
    forwardTo === undefined ? '' : `action(type="omfwd" target="127.0.0.1" port="${forwardTo}" protocol="udp")`;
  const config = `global(workDirectory="${folder}")
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="${port}")
template(name="bare" type="string" string="%msg%\\n")
action(type="omfile" file="${file}" template="bare" flushInterval="1" asyncWriting="off")
${forward}
`;
  writeFileSync(join(folder, 'rsyslog.conf'), config);
  const args = ['-n', '-f', join(folder, 'rsyslog.conf'), '-i', join(folder, 'pid')];
  const program = startServerProgram(t, 'rsyslogd', args);
  const messages = (): readonly string[] => {
    try {
      const lines = readFileSync(file, 'utf8').split('\n');
      return lines.map((line) => line.trim()).filter((line) => line !== '' && line !== 'probe');
    } catch {
      return [];
    }
  };
  await untilServes(program, async () => {
    await logger(port, 'probe');
    try {
      return readFileSync(file, 'utf8').includes('probe');
    } catch {
      return false;
    }
  });
  return { ...service(port, program), messages };
}

/** Sends each line as a message, all from one port, by logger(1). */
export async function logger(port: number, text: string): Promise<void> {
  const { code, all } = await runProgram('logger', ['-d', '-n', '127.0.0.1', '-P', String(port)], {
    input: `${text}\n`,
  });
  if (code !== 0) throw new Error(`logger ended with ${String(code)}: ${all}`);
}

const RADIUS = '/etc/freeradius/3.0';
/** Shared with the clients of the tests. */
export const RADIUS_SECRET = 'shared-with-the-test';

/** FreeRADIUS with one user `alice`, whose answer names the server. */
export async function startRadius(t: TestContext, name: string): Promise<UdpService> {
  const [parent, port] = [temporaryFolder(t), await freePort()];
  const folder = join(parent, 'raddb');
  cpSync(RADIUS, folder, { recursive: true, dereference: true });
  for (const part of ['mods-enabled', 'sites-enabled']) {
    for (const file of readdirSync(join(folder, part))) rmSync(join(folder, part, file));
  }
  for (const module of ['always', 'pap', 'files', 'attr_filter']) {
    cpSync(join(folder, 'mods-available', module), join(folder, 'mods-enabled', module));
  }
  writeFileSync(
    join(folder, 'sites-enabled', 'test'),
    `server test {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = ${port}
  }
  authorize {
    files
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
  }
}
`,
  );
  const users = `alice Cleartext-Password := "secret"\n\tReply-Message := "${name}"\n`;
  writeFileSync(join(folder, 'mods-config', 'files', 'authorize'), users);
  const clients = `client loopback {\n  ipaddr = 127.0.0.0/8\n  secret = ${RADIUS_SECRET}\n}\n`;
  writeFileSync(join(folder, 'clients.conf'), clients);
  const main = join(folder, 'radiusd.conf');
  mkdirSync(join(parent, 'run'));
  const text = readFileSync(main, 'utf8')
    .replaceAll(/^(\s*(?:user|group) = .*)$/gm, '#$1')
    .replace(/^run_dir = .*$/m, `run_dir = ${parent}/run`)
    .replace(/^logdir = .*$/m, `logdir = ${parent}/run`);
  writeFileSync(main, text);
  const program = startServerProgram(t, 'freeradius', ['-f', '-l', 'stdout', '-d', folder]);
  await untilServes(program, async () => (await radclient(t, port, 1)).includes('Access-Accept'));
  return service(port, program);
}

/** Asks to let alice in, so many times from one port. @returns what radclient prints */
export async function radclient(t: TestContext, port: number, requests: number): Promise<string> {
  const file = join(temporaryFolder(t), 'requests');
  writeFileSync(
    file,
    Array.from({ length: requests }, () => 'User-Name = "alice"\nUser-Password = "secret"\n').join('\n'),
  );
  const args = ['-x', '-t', '2', '-r', '3', '-f', file, `127.0.0.1:${port}`, 'auth', RADIUS_SECRET];
  return (await runProgram('radclient', args)).all;
}

/** chronyd as a server that never touches the clock. */
export async function startNtp(t: TestContext): Promise<UdpService> {
  const [folder, port] = [temporaryFolder(t), await freePort()];
  const config = join(folder, 'chrony.conf');
  writeFileSync(
    config,
    `port ${port}\nbindaddress 127.0.0.1\nlocal stratum 3\nallow 127.0.0.0/8\ncmdport 0\npidfile ${folder}/pid\nbindcmdaddress /\n`,
  );
  const program = startServerProgram(t, 'chronyd', ['-x', '-d', '-f', config, '-u', 'root']);
  await untilServes(program, async () => (await askTime(t, port)).includes('System clock wrong by'));
  return service(port, program);
}

/** What chronyd prints that asks for the time and leaves the clock alone. */
export async function askTime(t: TestContext, port: number): Promise<string> {
  const folder = temporaryFolder(t);
  const lines = [
    `server 127.0.0.1 port ${port} iburst maxsamples 4`,
    'cmdport 0',
    `pidfile ${folder}/pid`,
    'bindcmdaddress /',
  ];
  return (await runProgram('chronyd', ['-x', '-Q', '-t', '6', '-u', 'root', ...lines])).all;
}

/** Net-SNMP's agent; its name is what it gives for sysName. */
export async function startSnmp(t: TestContext, name: string): Promise<UdpService> {
  const [folder, port] = [temporaryFolder(t), await freePort()];
  const config = join(folder, 'snmpd.conf');
  writeFileSync(config, `agentaddress udp:127.0.0.1:${port}\nrocommunity public 127.0.0.0/8\nsysName ${name}\n`);
  const program = startServerProgram(t, 'snmpd', ['-f', '-Le', '-C', '-c', config, '-p', join(folder, 'pid')], {
    env: { SNMP_PERSISTENT_DIR: folder, MIBS: '' },
  });
  await untilServes(program, async () => (await snmpget(port)) === name);
  return service(port, program);
}

/** The sysName of the agent that answers. */
export async function snmpget(port: number): Promise<string> {
  const args = ['-v2c', '-c', 'public', '-t', '1', '-r', '1', '-Oqv', `127.0.0.1:${port}`, '.1.3.6.1.2.1.1.5.0'];
  return (await runProgram('snmpget', args, { env: { MIBS: '' } })).stdout.trim().replaceAll('"', '');
}

/** SIPp as the side that is called. */
export async function startSip(t: TestContext): Promise<UdpService> {
  const [folder, port] = [temporaryFolder(t), await freePort()];
  const args = ['-sn', 'uas', '-i', '127.0.0.1', '-p', String(port), '-nostdin'];
  const program = startServerProgram(t, 'sipp', args, { cwd: folder, env: { TERM: 'dumb' } });
  await untilServes(program, async () => (await sipCalls(t, port, 1)).successful === 1);
  return service(port, program);
}

/** Calls, all from one port. @returns how many went as the scenario wants it, and how many did not */
export async function sipCalls(t: TestContext, port: number, calls: number) {
  const own = await freePort();
  const args = ['-sn', 'uac', `127.0.0.1:${port}`, '-i', '127.0.0.1', '-p', String(own), '-m', String(calls)];
  const { all } = await runProgram('sipp', [...args, '-r', '20', '-d', '100', '-nostdin', '-timeout', '20s'], {
    cwd: temporaryFolder(t),
    env: { TERM: 'dumb' },
  });
  const last = (what: string) => Number([...all.matchAll(new RegExp(`${what} call.*\\|\\s*(\\d+)`, 'g'))].at(-1)?.[1]);
  return { successful: last('Successful'), failed: last('Failed') };
}
