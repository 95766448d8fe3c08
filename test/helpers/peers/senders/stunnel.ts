import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { addressText } from '../../../../src/core/address.ts';
import { freePort } from '../../sockets/traffic.ts';
import { peerFolder, printed, startProgram } from '../program.ts';
import { askWeb } from '../receiver.ts';
import { openTls, type SenderKind, writeCertificate } from '../sender.ts';

export const stunnelSender: SenderKind = {
  name: 'stunnel `protocol = proxy`',
  program: 'stunnel',
  version: async () => /stunnel (\S+)/.exec(await printed('stunnel', ['-version']))?.[1] ?? '',
  ask: async (listener, from) => askWeb(await openTls(listener, from)),
  async start(t, target) {
    const folder = peerFolder(t);
    const [inet, inet6, dual] = [await freePort(), await freePort(), await freePort()];
    const service = (name: string, accept: string): string => `[${name}]
accept = ${accept}
connect = ${addressText(target)}
cert = ${join(folder, 'certificate.pem')}
protocol = proxy
`;
    writeCertificate(folder);
    const config = join(folder, 'stunnel.conf');
    writeFileSync(
      config,
      `foreground = yes
pid =
debug = warning
${service('inet', `127.0.0.1:${inet}`)}${service('inet6', `::1:${inet6}`)}${service('dual', `:::${dual}`)}`,
    );
    const address = { ip: '127.0.0.1', port: inet };
    await startProgram(t, 'stunnel', { args: [config], folder, address, wantsHeader: false });
    return { inet: address, inet6: { ip: '::1', port: inet6 }, dual: { ip: '127.0.0.1', port: dual } };
  },
};
