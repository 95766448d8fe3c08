import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort } from '../../sockets/traffic.ts';
import { peerFolder, printed, startProgram } from '../program.ts';
import { askWeb, type ReceiverKind } from '../receiver.ts';

const PROGRAM = `vcl 4.1;
import std;
backend default none;
sub vcl_recv { return (synth(200)); }
sub vcl_synth {
  synthetic("client=" + client.ip + "/" + std.port(client.ip) + " ");
  return (deliver);
}
`;

export const varnish: ReceiverKind = {
  name: 'Varnish',
  program: 'varnishd',
  version: async () => /varnish-(\d+\.\d+\.\d+)/.exec(await printed('varnishd', ['-V']))?.[1] ?? '',
  tellsPort: true,
  ask: askWeb,
  async start(t) {
    const [folder, port] = [peerFolder(t), await freePort()];
    const vcl = join(folder, 'default.vcl');
    writeFileSync(vcl, PROGRAM);
    const address = { ip: '127.0.0.1', port };
    const args = ['-F', '-n', join(folder, 'run'), '-a', `127.0.0.1:${port},PROXY`, '-f', vcl, '-s', 'malloc,4m'];
    const program = await startProgram(t, 'varnishd', { args, folder, address, wantsHeader: true });
    return { address, complaints: () => program.lines.filter((line) => /\b(?:Error|Warning)\b/.test(line)) };
  },
};
