import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { peerFolder, printed, startProgram } from '../helpers/peers/program.ts';
import { startTslb } from '../helpers/processes/cli.ts';
import { missingTools } from '../helpers/processes/tools.ts';
import { freePort } from '../helpers/sockets/traffic.ts';

// dnsdist is the one program of Debian that speaks PROXY over UDP, in both directions.

/** Answers with an address that tells the client by its last byte. */
const RECEIVES = `setProxyProtocolACL({'127.0.0.0/8'})
addAction('127.0.0.7/32', SpoofAction({'192.0.2.7'}))
addAction('::1/128', SpoofAction({'192.0.2.6'}))
addAction(AllRule(), SpoofAction({'192.0.2.99'}))
`;

async function startDnsdist(t: TestContext, port: number, rules: string): Promise<void> {
  const folder = peerFolder(t);
  const config = join(folder, 'dnsdist.conf');
  const listens = `setLocal('127.0.0.1:${port}')\naddLocal('[::1]:${port}')\nsetACL({'127.0.0.0/8', '::1/128'})\n`;
  writeFileSync(config, `${listens}setSecurityPollSuffix('')\n${rules}`);
  const address = { ip: '127.0.0.1', port };
  const args = ['--supervised', '--disable-syslog', '-C', config];
  await startProgram(t, 'dnsdist', { args, folder, address, wantsHeader: false });
}

/** The address that a name has for a client. */
async function answerTo(client: string, server: string, port: number): Promise<string> {
  const options = ['+short', '+tries=5', '+time=5', '-b', client];
  return (await printed('dig', [...options, `@${server}`, '-p', String(port), 'a.example.test', 'A'])).trim();
}

for (const engine of ['epoll', 'net'] as const) {
  test(
    `${engine}: dnsdist and tslb tell each other the client of a datagram`,
    { skip: missingTools('dnsdist', 'dig') },
    async (t) => {
      const [receiver, sender, tells, isTold] = [
        await freePort(),
        await freePort(),
        await freePort(),
        await freePort(),
      ];
      const server = (name: string, port: number, keys: string): string => `[servers.${name}]
protocol = "udp"
bind = ["127.0.0.1:${port}", "[::1]:${port}"]
proxy_protocol = { version = "2" }
udp = { max_responses = 1 }
${keys}
[servers.${name}.discovery]
kind = "static"
static_list = ["127.0.0.1:${receiver}"]
`;
      const accepts = 'accept_proxy = "require"\naccept_proxy_from = ["127.0.0.0/8"]';
      const servers = server('tells', tells, '') + server('told', isTold, accepts);
      await startTslb(t, `[defaults]\nengine = "${engine}"\n${servers}`);
      await startDnsdist(t, receiver, RECEIVES);
      const target = `newServer({address='127.0.0.1:${isTold}', useProxyProtocol=true, healthCheckMode='up'})\n`;
      await startDnsdist(t, sender, target);
      for (const port of [tells, sender]) {
        assert.equal(await answerTo('127.0.0.7', '127.0.0.1', port), '192.0.2.7');
        assert.equal(await answerTo('::1', '::1', port), '192.0.2.6');
      }
    },
  );
}
