import { mkdirSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { toolPath } from '../../../../scripts/bench/tools.ts';
import { freePort } from '../../sockets/traffic.ts';
import type { Dialogue } from '../dialogue.ts';
import { peerFolder, printed, startProgram } from '../program.ts';
import type { ReceiverKind } from '../receiver.ts';

/** Refuses every recipient: the refusal names the client. */
const MAIN = (folder: string): string => `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
maillog_file = /dev/stdout
inet_interfaces = 127.0.0.1
myhostname = peer.example.test
mydestination = example.test
alias_maps =
smtpd_upstream_proxy_protocol = haproxy
smtpd_peername_lookup = no
smtpd_client_restrictions = reject
`;

const MASTER = (port: number): string => `127.0.0.1:${port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
anvil unix - - n - 1 anvil
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
`;

export const postfix: ReceiverKind = {
  name: 'Postfix smtpd',
  program: 'postfix',
  version: async () => (await printed('postconf', ['-d', '-h', 'mail_version'])).trim(),
  ask: askSmtp,
  async start(t) {
    const [folder, port] = [peerFolder(t), await freePort()];
    for (const name of ['conf', 'queue', 'data']) mkdirSync(join(folder, name));
    execFileSync('chown', ['postfix', join(folder, 'data')]);
    writeFileSync(join(folder, 'conf', 'main.cf'), MAIN(folder));
    writeFileSync(join(folder, 'conf', 'master.cf'), MASTER(port));
    const address = { ip: '127.0.0.1', port };
    // What `postfix start-fg` runs, as a child that a signal to the script would not end.
    execFileSync(toolPath('postfix') ?? 'postfix', ['-c', join(folder, 'conf'), 'check']);
    const args = ['-c', join(folder, 'conf'), '-s'];
    const program = await startProgram(t, '/usr/lib/postfix/sbin/master', {
      args,
      folder,
      address,
      wantsHeader: true,
    });
    return {
      address,
      complaints: () => program.lines.filter((line) => /\b(?:warning|error|fatal|panic): /.test(line)),
    };
  },
};

async function askSmtp(dialogue: Dialogue): Promise<string> {
  await dialogue.hears(/^220 .*\r\n/);
  for (const command of ['EHLO client.example.test', 'MAIL FROM:<a@example.test>']) {
    dialogue.say(`${command}\r\n`);
    await dialogue.hears(/^250 .*\r\n/m);
  }
  dialogue.say('RCPT TO:<b@example.test>\r\n');
  const [, client = ''] = await dialogue.hears(/^554 .*\[(?:IPv6:)?(\S+)\]>: .*\r\n/m);
  dialogue.say('QUIT\r\n');
  await dialogue.hears(/^221 .*\r\n/m);
  return client;
}
