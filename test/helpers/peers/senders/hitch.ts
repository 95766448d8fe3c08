import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort } from '../../sockets/traffic.ts';
import { peerFolder, printed, startProgram } from '../program.ts';
import { askWeb } from '../receiver.ts';
import { openTls, type SenderKind, writeCertificate } from '../sender.ts';

function sends(option: string): SenderKind {
  return {
    name: `hitch \`${option}\``,
    program: 'hitch',
    version: async () => /hitch (\S+)/.exec(await printed('hitch', ['--version']))?.[1] ?? '',
    ask: async (listener, from) => askWeb(await openTls(listener, from)),
    async start(t, target) {
      const folder = peerFolder(t);
      const [inet, inet6] = [await freePort(), await freePort()];
      const config = join(folder, 'hitch.conf');
      writeFileSync(
        config,
        `frontend = "[127.0.0.1]:${inet}"
frontend = "[::1]:${inet6}"
backend = "[${target.ip}]:${target.port}"
pem-file = "${writeCertificate(folder)}"
workers = 1
daemon = off
syslog = off
user = "nobody"
${option} = on
`,
      );
      const address = { ip: '127.0.0.1', port: inet };
      await startProgram(t, 'hitch', { args: [`--config=${config}`], folder, address, wantsHeader: false });
      return { inet: address, inet6: { ip: '::1', port: inet6 } };
    },
  };
}

export const hitchSenders: readonly SenderKind[] = [sends('write-proxy-v1'), sends('write-proxy-v2')];
