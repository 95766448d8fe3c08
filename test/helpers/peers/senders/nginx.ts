import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { nginxCommand, nginxMain } from '../../../../scripts/bench/nginx.ts';
import { addressText } from '../../../../src/core/address.ts';
import { freePort } from '../../sockets/traffic.ts';
import { openDialogue } from '../dialogue.ts';
import { peerFolder, startProgram } from '../program.ts';
import { askWeb } from '../receiver.ts';
import { nginxStream, STREAM_MODULE } from '../receivers/nginx.ts';
import type { SenderKind } from '../sender.ts';

export const nginxSender: SenderKind = {
  name: 'nginx stream `proxy_protocol on`',
  program: 'nginx',
  version: () => nginxStream.version(),
  ask: async (listener, from) => askWeb(await openDialogue(listener, from)),
  async start(t, target) {
    const folder = peerFolder(t);
    const [inet, inet6, dual] = [await freePort(), await freePort(), await freePort()];
    const config = join(folder, 'nginx.conf');
    writeFileSync(
      config,
      `${nginxMain({ folder, workers: 1, modules: [STREAM_MODULE] })}stream {
  server {
    listen 127.0.0.1:${inet};
    listen [::1]:${inet6};
    listen [::]:${dual} ipv6only=off;
    proxy_pass ${addressText(target)};
    proxy_protocol on;
  }
}
`,
    );
    const address = { ip: '127.0.0.1', port: inet };
    const { args } = nginxCommand(folder, config);
    await startProgram(t, 'nginx', { args, folder, address, wantsHeader: false });
    return { inet: address, inet6: { ip: '::1', port: inet6 }, dual: { ip: '127.0.0.1', port: dual } };
  },
};
