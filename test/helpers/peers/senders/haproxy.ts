import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { addressText } from '../../../../src/core/address.ts';
import { freePort } from '../../sockets/traffic.ts';
import { openDialogue } from '../dialogue.ts';
import { peerFolder, startProgram } from '../program.ts';
import { askWeb } from '../receiver.ts';
import { haproxy } from '../receivers/haproxy.ts';
import { openTls, type SenderKind, writeCertificate } from '../sender.ts';

/** @param options of the server line @param isTls clients speak TLS with it */
function sends(options: string, isTls = false): SenderKind {
  return {
    name: `HAProxy \`${options}\``,
    program: 'haproxy',
    version: () => haproxy.version(),
    async ask(listener, from) {
      return askWeb(isTls ? await openTls(listener, from) : await openDialogue(listener, from));
    },
    async start(t, target) {
      const folder = peerFolder(t);
      const [inet, inet6, dual] = [await freePort(), await freePort(), await freePort()];
      const tls = isTls ? ` ssl crt ${writeCertificate(folder)}` : '';
      const config = join(folder, 'haproxy.cfg');
      writeFileSync(
        config,
        `defaults
  mode tcp
  timeout connect 5s
  timeout client 20s
  timeout server 20s
listen peer
  bind 127.0.0.1:${inet}${tls}
  bind ::1:${inet6}${tls}
  bind :::${dual} v4v6${tls}
  unique-id-format request-id
  tcp-request inspect-delay 5s
  tcp-request content accept if { req_len gt 0 }
  server target ${addressText(target)} ${options}
`,
      );
      const address = { ip: '127.0.0.1', port: inet };
      await startProgram(t, 'haproxy', { args: ['-f', config, '-db'], folder, address, wantsHeader: false });
      return { inet: address, inet6: { ip: '::1', port: inet6 }, dual: { ip: '127.0.0.1', port: dual } };
    },
  };
}

export const haproxySenders: readonly SenderKind[] = [
  sends('send-proxy'),
  sends('send-proxy-v2'),
  sends('send-proxy-v2-ssl'),
  sends('send-proxy-v2 proxy-v2-options unique-id,crc32c'),
  sends('send-proxy-v2-ssl-cn proxy-v2-options authority,unique-id,crc32c', true),
];
