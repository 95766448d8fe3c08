import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort } from '../../sockets/traffic.ts';
import { peerFolder, printed, startProgram } from '../program.ts';
import { askWeb, type ReceiverKind } from '../receiver.ts';

const MODULES = '/usr/lib/apache2/modules';

/** With mod_remoteip. */
export const apache: ReceiverKind = {
  name: 'Apache httpd',
  program: 'apache2',
  version: async () => /Apache\/(\S+)/.exec(await printed('apache2', ['-v']))?.[1] ?? '',
  ask: askWeb,
  async start(t) {
    const [folder, port] = [peerFolder(t), await freePort()];
    const config = join(folder, 'apache2.conf');
    writeFileSync(
      config,
      `ServerName example.test
ServerRoot ${folder}
PidFile ${folder}/pid
DefaultRuntimeDir ${folder}
Mutex file:${folder}
LoadModule mpm_event_module ${MODULES}/mod_mpm_event.so
LoadModule authz_core_module ${MODULES}/mod_authz_core.so
LoadModule remoteip_module ${MODULES}/mod_remoteip.so
User www-data
Group www-data
Listen 127.0.0.1:${port}
RemoteIPProxyProtocol On
ErrorLog /dev/stderr
LogLevel warn
DocumentRoot ${folder}
ErrorDocument 404 "client=%{REMOTE_ADDR}/%{REMOTE_PORT} "
`,
    );
    const address = { ip: '127.0.0.1', port };
    const program = await startProgram(t, 'apache2', {
      args: ['-f', config, '-D', 'FOREGROUND'],
      folder,
      address,
      wantsHeader: true,
    });
    return { address, complaints: () => program.lines.filter((line) => /:(?:warn|error|crit)\]/.test(line)) };
  },
};
