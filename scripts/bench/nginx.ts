import { join } from 'node:path';

import type { Command } from './child.ts';
import { toolPath } from './tools.ts';

export interface NginxProcess {
  /** Of this process alone. */
  readonly folder: string;
  readonly workers: number;
  /** Paths of modules to load. */
  readonly modules?: readonly string[];
}

const CONNECTIONS = 16_384;
const OPEN_FILES = 18_000;

/** What stands before `http` or `stream`; in the foreground, and writing nowhere but into its folder. */
export function nginxMain({ folder, workers, modules = [] }: NginxProcess): string {
  return [
    ...modules.map((path) => `load_module ${path};`),
    // Workers of another user could not read its folder.
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    `worker_processes ${workers};`,
    `worker_rlimit_nofile ${OPEN_FILES};`,
    'daemon off;',
    `pid ${join(folder, 'nginx.pid')};`,
    `error_log ${join(folder, 'error.log')} warn;`,
    `events { worker_connections ${CONNECTIONS}; }`,
    '',
  ].join('\n');
}

/** Where `http` would keep what it does not hold in memory; the defaults are the system's own folders. */
export function nginxHttpFolders(folder: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return kinds.map((kind) => `  ${kind}_temp_path ${join(folder, kind)};\n`).join('');
}

export function nginxCommand(folder: string, configFile: string): Command {
  const args = ['-p', folder, '-c', configFile, '-e', join(folder, 'error.log')];
  return { program: toolPath('nginx') ?? 'nginx', args };
}
