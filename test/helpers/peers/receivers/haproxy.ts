import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort } from '../../sockets/traffic.ts';
import { peerFolder, printed, startProgram } from '../program.ts';
import { askWeb, type ReceiverKind } from '../receiver.ts';

export const haproxy: ReceiverKind = {
  name: 'HAProxy',
  program: 'haproxy',
  version: async () => /version (\d+\.\d+\.\d+)/.exec(await printed('haproxy', ['-v']))?.[1] ?? '',
  tellsPort: true,
  ask: askWeb,
  async start(t) {
    const [folder, port] = [peerFolder(t), await freePort()];
    const config = join(folder, 'haproxy.cfg');
    writeFileSync(
      config,
      `global
  log stderr format raw daemon info
defaults
  mode http
  log global
  timeout client 10s
frontend web
  bind 127.0.0.1:${port} accept-proxy
  http-request return status 200 content-type text/plain lf-string "client=%[src]/%[src_port] authority=%[fc_pp_authority] id=%[fc_pp_unique_id] "
`,
    );
    const address = { ip: '127.0.0.1', port };
    const program = await startProgram(t, 'haproxy', {
      args: ['-f', config, '-db'],
      folder,
      address,
      wantsHeader: true,
    });
    return {
      address,
      complaints: () => program.lines.filter((line) => /\bweb\/1: |Timeout while|Connection closed/.test(line)),
    };
  },
};
