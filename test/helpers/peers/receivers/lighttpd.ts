import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort } from '../../sockets/traffic.ts';
import { peerFolder, printed, startProgram } from '../program.ts';
import { askWeb, type ReceiverKind } from '../receiver.ts';

/** With mod_extforward. */
export const lighttpd: ReceiverKind = {
  name: 'lighttpd',
  program: 'lighttpd',
  version: async () => /lighttpd\/(\S+)/.exec(await printed('lighttpd', ['-v']))?.[1] ?? '',
  tellsPort: true,
  ask: askWeb,
  async start(t) {
    const [folder, port] = [peerFolder(t), await freePort()];
    writeFileSync(join(folder, 'client'), 'client=<!--#echo var="REMOTE_ADDR" -->/<!--#echo var="REMOTE_PORT" --> ');
    const config = join(folder, 'lighttpd.conf');
    writeFileSync(
      config,
      `server.modules = ( "mod_extforward", "mod_ssi" )
server.document-root = "${folder}"
server.bind = "127.0.0.1"
server.port = ${port}
server.username = "www-data"
server.groupname = "www-data"
ssi.extension = ( "client" )
extforward.hap-PROXY = "enable"
extforward.forwarder = ( "all" => "trust" )
`,
    );
    const address = { ip: '127.0.0.1', port };
    const program = await startProgram(t, 'lighttpd', {
      args: ['-D', '-f', config],
      folder,
      address,
      wantsHeader: true,
    });
    return { address, complaints: () => program.lines.filter((line) => !/server (?:started|stopped)/.test(line)) };
  },
};
