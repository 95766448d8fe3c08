import { writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { freePort } from '../../sockets/traffic.ts';
import { peerFolder, printed, startProgram } from '../program.ts';
import { askWeb, type ReceiverKind } from '../receiver.ts';

/** Sends everybody away, to an address with the client's name. */
export const squid: ReceiverKind = {
  name: 'Squid',
  program: 'squid',
  version: async () => /Version (\S+)/.exec(await printed('squid', ['-v']))?.[1] ?? '',
  ask: async (dialogue) => decodeURIComponent(await askWeb(dialogue, 'http://example.test/client')),
  async start(t) {
    const [folder, port] = [peerFolder(t), await freePort()];
    execFileSync('chown', ['proxy', folder]);
    const config = join(folder, 'squid.conf');
    writeFileSync(
      config,
      `http_port 127.0.0.1:${port} require-proxy-header
proxy_protocol_access allow all
deny_info 302:http://example.test/?client=%i all
http_access deny all
cache deny all
access_log none
cache_log /dev/stderr
pid_filename ${folder}/pid
coredump_dir ${folder}
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
`,
    );
    const address = { ip: '127.0.0.1', port };
    const args = ['-N', '-f', config, '-n', `peer${port}`];
    const program = await startProgram(t, 'squid', { args, folder, address, wantsHeader: true });
    return {
      address,
      complaints: () => program.lines.filter((line) => /PROXY protocol error|\b(?:ERROR|FATAL): /.test(line)),
    };
  },
};
