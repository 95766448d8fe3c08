import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort } from '../../sockets/traffic.ts';
import type { Dialogue } from '../dialogue.ts';
import { peerFolder, printed, startProgram } from '../program.ts';
import type { ReceiverKind } from '../receiver.ts';

/** Lets nobody in: the refusal names the client. */
const CONFIG = (folder: string, port: number): string => `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = /dev/stderr
info_log_path = /dev/stderr
instance_name = peer
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
haproxy_trusted_networks = 127.0.0.0/8
passdb {
  driver = static
  args = nopassword=y nologin=y reason=client=%r
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=${folder}
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
    haproxy = yes
  }
  inet_listener imaps {
    port = 0
  }
}
service stats {
  client_limit = 100
}
`;

export const dovecot: ReceiverKind = {
  name: 'Dovecot imap-login',
  program: 'dovecot',
  version: async () => (await printed('dovecot', ['--version'])).split(' ', 1)[0] ?? '',
  ask: askImap,
  async start(t) {
    const [folder, port] = [peerFolder(t), await freePort()];
    for (const name of ['run', 'state']) mkdirSync(join(folder, name));
    const config = join(folder, 'dovecot.conf');
    writeFileSync(config, CONFIG(folder, port));
    const address = { ip: '127.0.0.1', port };
    const program = await startProgram(t, 'dovecot', {
      args: ['-F', '-c', config],
      folder,
      address,
      wantsHeader: true,
    });
    return {
      address,
      complaints: () => program.lines.filter((line) => /\b(?:Warning|Error|Fatal|Panic): /.test(line)),
    };
  },
};

async function askImap(dialogue: Dialogue): Promise<string> {
  await dialogue.hears(/^\* OK .*\r\n/);
  dialogue.say('a login user password\r\n');
  const [, client = ''] = await dialogue.hears(/^a NO .*client=(\S+).*\r\n/m);
  dialogue.say('b logout\r\n');
  await dialogue.hears(/^b OK .*\r\n/m);
  return client;
}
