import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { nginxCommand, nginxHttpFolders, nginxMain } from '../../../../scripts/bench/nginx.ts';
import { freePort } from '../../sockets/traffic.ts';
import { peerFolder, printed, startProgram } from '../program.ts';
import { askWeb, type ReceiverKind } from '../receiver.ts';

export const STREAM_MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so';

/** Of a server block: whose header is believed. `real_ip_header` is of http alone. */
const TRUST = 'set_real_ip_from 0.0.0.0/0; set_real_ip_from ::/0;';
const ANSWER = 'return "client=$remote_addr/$remote_port ";';

function nginx(
  name: string,
  modules: readonly string[],
  block: (folder: string, port: number) => string,
): ReceiverKind {
  return {
    name,
    program: 'nginx',
    version: async () => (await printed('nginx', ['-v'])).replace(/^.*nginx\//s, '').trim(),
    tellsPort: true,
    ask: askWeb,
    async start(t) {
      const [folder, port] = [peerFolder(t), await freePort()];
      const config = join(folder, 'nginx.conf');
      writeFileSync(config, nginxMain({ folder, workers: 1, modules }) + block(folder, port));
      const address = { ip: '127.0.0.1', port };
      const { args } = nginxCommand(folder, config);
      await startProgram(t, 'nginx', { args, folder, address, wantsHeader: true });
      const complaints = () => readFileSync(join(folder, 'error.log'), 'utf8').split('\n').filter(Boolean);
      return { address, complaints };
    },
  };
}

export const nginxHttp = nginx(
  'nginx http',
  [],
  (folder, port) => `http {
${nginxHttpFolders(folder)}
  access_log off;
  server {
    listen 127.0.0.1:${port} proxy_protocol;
    ${TRUST} real_ip_header proxy_protocol;
    location / { ${ANSWER.replace('return', 'return 200')} }
  }
}
`,
);

/** Answers once the header is there: a protocol in which the server speaks first. */
export const nginxStream = nginx(
  'nginx stream',
  [STREAM_MODULE],
  (_folder, port) => `stream {
  server {
    listen 127.0.0.1:${port} proxy_protocol;
    ${TRUST}
    ${ANSWER}
  }
}
`,
);
