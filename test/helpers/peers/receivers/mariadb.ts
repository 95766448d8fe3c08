import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { toolPath } from '../../../../scripts/bench/tools.ts';
import { freePort } from '../../sockets/traffic.ts';
import type { Dialogue } from '../dialogue.ts';
import { peerFolder, printed, startProgram } from '../program.ts';
import type { ReceiverKind } from '../receiver.ts';

/** Of a client that speaks the protocol of MySQL 4.1, with a password that is hashed. */
const CAPABILITIES = 0x00_00_82_00;
const USER = 'nobody';
const QUESTION =
  'select concat("client=", host, " ") as address from information_schema.processlist where id = connection_id()';

export const mariadb: ReceiverKind = {
  name: 'MariaDB',
  program: 'mariadbd',
  version: async () => /Ver (\d+\.\d+\.\d+)/.exec(await printed('mariadbd', ['--version']))?.[1] ?? '',
  tellsPort: true,
  ask: askMariadb,
  async start(t) {
    const [folder, port] = [peerFolder(t), await freePort()];
    const data = join(folder, 'data');
    mkdirSync(data);
    const common = [
      '--no-defaults',
      '--user=root',
      `--datadir=${data}`,
      '--skip-innodb',
      '--default-storage-engine=Aria',
    ];
    const tables = `create database mysql;
use mysql;
${readFileSync('/usr/share/mysql/mysql_system_tables.sql', 'utf8')}
insert into global_priv values ('%', '${USER}', '{"access": 0}');
`;
    execFileSync(toolPath('mariadbd') ?? 'mariadbd', [...common, '--bootstrap'], { input: tables, stdio: 'pipe' });
    const own = [`--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`];
    const listens = ['--bind-address=127.0.0.1', `--port=${port}`, '--skip-name-resolve'];
    const args = [...common, ...own, ...listens, '--proxy-protocol-networks=127.0.0.0/8', '--log-warnings=2'];
    const address = { ip: '127.0.0.1', port };
    const program = await startProgram(t, 'mariadbd', { args, folder, address, wantsHeader: true });
    return {
      address,
      complaints: () => program.lines.filter((line) => /\[(?:Warning|ERROR)\].*\b(?:proxy|connection)\b/i.test(line)),
    };
  },
};

/** Logs in without a password, and asks from where. */
async function askMariadb(dialogue: Dialogue): Promise<string> {
  await dialogue.hears(/mysql_native_password\0/);
  const login = Buffer.alloc(32 + USER.length + 2);
  login.writeUInt32LE(CAPABILITIES, 0);
  login.writeUInt32LE(1 << 24, 4);
  login.writeUInt8(33, 8);
  login.write(USER, 32);
  dialogue.say(packet(1, login));
  await dialogue.hears(/\x07\0\0\x02\0[^]{6}/);
  dialogue.say(packet(0, Buffer.from(`\x03${QUESTION}`)));
  const [, client = ''] = await dialogue.hears(/client=(\S+) /);
  dialogue.say(packet(0, Buffer.from('\x01')));
  return client.replace(/:(\d+)$/, '/$1');
}

function packet(number: number, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([body.length, 0, 0, number]), body]);
}
