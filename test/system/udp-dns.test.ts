import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { test, type TestContext } from 'node:test';

import { startNetwork } from '../helpers/netns/network.ts';
import { whyNoNetns } from '../helpers/netns/why-no-netns.ts';
import { assertAsPrinted, debianVersion, ENGINES } from '../helpers/peers/matrix.ts';
import { ask, FORWARDERS, NAME_SERVERS, type NameServer, startNameServer } from '../helpers/peers/name-servers.ts';
import { runProgram } from '../helpers/peers/run-program.ts';
import { startServerProgram, untilServes } from '../helpers/peers/server-program.ts';
import { startUdp, tally, udpToml } from '../helpers/peers/udp-balancer.ts';
import { startTslb, temporaryFile, temporaryFolder } from '../helpers/processes/cli.ts';
import { missingTools } from '../helpers/processes/tools.ts';
import { freePort } from '../helpers/sockets/traffic.ts';

const HEADING = '## Name servers over UDP';
const QUESTIONS = 12;
const WHO = ['who.example.test', 'TXT'] as const;
const ANSWERS_ONCE = { max_responses: 1 } as const;

/** The three of them, for a test of its own. */
function startAll(t: TestContext): Promise<readonly NameServer[]> {
  return Promise.all(NAME_SERVERS.map((kind) => startNameServer(t, kind)));
}

/** Who answers so many questions, one after the other. */
async function whoAnswers(port: number, program: 'dig' | 'kdig', questions = QUESTIONS): Promise<string> {
  const names: string[] = [];
  for (let n = 0; n < questions; n++) names.push(await who(port, program));
  return tally(names);
}

async function who(port: number, program: 'dig' | 'kdig'): Promise<string> {
  const once = program === 'dig' ? ['+tries=1', '+time=2'] : ['+retry=0', '+time=2'];
  const { stdout } = await runProgram(program, ['@127.0.0.1', '-p', String(port), '+short', ...once, ...WHO]);
  return NAME_SERVERS.find(({ name }) => stdout.trim() === `"${name}"`)?.name ?? 'nobody';
}

const needed = ['dig', ...NAME_SERVERS.map(({ tool }) => tool)];

for (const program of ['dig', 'kdig'] as const) {
  test(`${program} asks three name servers in turn`, { skip: missingTools(program, ...needed) }, async (t) => {
    const servers = await startAll(t);
    const version = await debianVersion(program === 'dig' ? 'bind9-dnsutils' : 'knot-dnsutils');
    for (const engine of ENGINES) {
      const { port } = await startUdp(t, servers, { engine, udp: ANSWERS_ONCE });
      const verdicts = ['`max_responses = 1`', `${QUESTIONS} questions`, await whoAnswers(port, program)];
      assertAsPrinted(HEADING, { program, version, verdicts });
    }
  });
}

test('dig has an answer also where a name server has died', { skip: missingTools(...needed) }, async (t) => {
  const version = await debianVersion('bind9-dnsutils');
  for (const engine of ENGINES) {
    const servers = await startAll(t);
    const { port } = await startUdp(t, servers, { engine, udp: ANSWERS_ONCE });
    await servers[0]?.program.kill();
    const names = await whoAnswers(port, 'dig');
    assert.doesNotMatch(names, /nobody|BIND/);
    const verdicts = [
      '`max_responses = 1`',
      `${QUESTIONS} questions, BIND is dead`,
      `${QUESTIONS} answers of the others`,
    ];
    assertAsPrinted(HEADING, { program: 'dig beside a dead server', version, verdicts });
  }
});

for (const { name, tool, command } of FORWARDERS) {
  const title = `${name} as a resolver asks three name servers in turn`;
  test(title, { skip: missingTools(tool, ...needed) }, async (t) => {
    const servers = await startAll(t);
    const version = await debianVersion(tool === 'dnsmasq' ? 'dnsmasq-base' : tool);
    for (const engine of ENGINES) {
      const { port } = await startUdp(t, servers, { engine, udp: ANSWERS_ONCE });
      const own = await freePort();
      const resolver = startServerProgram(t, tool, command(temporaryFolder(t), own, port));
      await untilServes(resolver, async () => (await ask(own, WHO)) !== '');
      const answers: string[] = [];
      for (let n = 0; n < QUESTIONS; n++) answers.push(await ask(own, ['www.example.test', 'A']));
      const verdicts = ['`max_responses = 1`', `${QUESTIONS} questions`, tally(answers)];
      assertAsPrinted(HEADING, { program: `${name} as a resolver`, version, verdicts });
    }
  });
}

const MANY = 300;

test('dnsperf keeps one port, and is balanced by datagram', { skip: missingTools('dnsperf', ...needed) }, async (t) => {
  const servers = await startAll(t);
  const version = await debianVersion('dnsperf');
  for (const [round, engine] of ENGINES.entries()) {
    const names = Array.from({ length: MANY }, (_, n) => `x${round}-${n}.example.test`);
    const file = temporaryFile(t, 'questions', names.map((name) => `${name} A\n`).join(''));
    const { port } = await startUdp(t, servers, { engine, udp: { balance_per: 'datagram' } });
    const args = ['-s', '127.0.0.1', '-p', String(port), '-d', file, '-n', '1', '-c', '1', '-q', '20'];
    const { all } = await runProgram('dnsperf', args);
    const completed = /Queries completed:\s+(\d+)/.exec(all)?.[1] ?? all;
    const asked = ({ program }: NameServer) =>
      new Set(program.said.match(new RegExp(`x${round}-\\d+\\.example`, 'g'))).size;
    const seen = servers.map((server) => `${server.name} ${asked(server)}`).join(', ');
    const verdicts = ['`balance_per = "datagram"`', `${MANY} questions from one port`, `${completed} answers; ${seen}`];
    assertAsPrinted(HEADING, { program: 'dnsperf', version, verdicts });
  }
});

test('c-ares asks for both families at once', { skip: missingTools(...needed) }, async (t) => {
  const servers = await startAll(t);
  for (const engine of ENGINES) {
    const { port } = await startUdp(t, servers, { engine, udp: ANSWERS_ONCE });
    const resolver = new Resolver({ tries: 1, timeout: 20_000 });
    resolver.setServers([`127.0.0.1:${port}`]);
    const answers = await Promise.all([resolver.resolve4('www.example.test'), resolver.resolve6('www.example.test')]);
    const verdicts = ['`max_responses = 1`', 'A and AAAA, one try', answers.flat().join(', ')];
    assertAsPrinted(HEADING, { program: 'Node, c-ares', version: process.versions.ares, verdicts });
  }
});

test(
  'getaddrinfo of glibc asks for both families from one port',
  { skip: whyNoNetns() || missingTools(...needed) },
  async (t) => {
    const host = await (await startNetwork(t)).host('own');
    const [bind] = NAME_SERVERS;
    assert.ok(bind !== undefined);
    const server = await startNameServer(t, bind, { through: host.through });
    const resolvConf = temporaryFile(t, 'resolv.conf', 'nameserver 127.0.0.1\n');
    const nsswitchConf = temporaryFile(t, 'nsswitch.conf', 'hosts: dns\n');
    const mounts = `mount --bind ${resolvConf} "$(readlink -f /etc/resolv.conf)" && mount --bind ${nsswitchConf} /etc/nsswitch.conf`;
    const through = [...host.through, 'unshare', '--mount', 'sh', '-c', `${mounts} && exec "$@"`, 'own'];
    const version = await debianVersion('libc6');
    for (const engine of ENGINES) {
      const config = udpToml([server.address], { engine, udp: ANSWERS_ONCE }, '127.0.0.1:53');
      const running = await startTslb(t, config, { through: host.through });
      const before = server.program.said.length;
      const { stdout } = await runProgram('getent', ['ahosts', 'www.example.test'], { through });
      const found = [...new Set(stdout.split('\n').map((line) => line.split(' ', 1)[0] ?? ''))].filter(
        (line) => line !== '',
      );
      // After five seconds in vain it asks again.
      const asked = server.program.said.slice(before).match(/query: www\.example\.test/g)?.length;
      const verdicts = [
        '`max_responses = 1`',
        'A and AAAA from one port',
        `${found.toSorted().join(', ')}; ${String(asked)} questions, none twice`,
      ];
      assert.equal(asked, 2);
      assertAsPrinted(HEADING, { program: 'glibc, getaddrinfo', version, verdicts });
      await running.stop();
    }
  },
);
