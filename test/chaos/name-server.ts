import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Host } from '../helpers/netns/host.ts';
import type { NameCommand } from './name-server-process.ts';

const PROGRAM = fileURLToPath(new URL(`./name-server-process${extname(import.meta.url)}`, import.meta.url));

/** A DNS server in a host, which knows names by one IPv4 address each, for a second. */
export class NameServer {
  readonly host: Host;
  readonly #child: ChildProcess;

  constructor(host: Host, child: ChildProcess) {
    this.host = host;
    this.#child = child;
  }

  async set(name: string, ip: string): Promise<void> {
    const done = once(this.#child, 'message');
    this.#child.send([name, ip] satisfies NameCommand);
    await done;
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

export async function startNameServer(host: Host): Promise<NameServer> {
  const child = host.fork(PROGRAM, [host.ip]);
  await once(child, 'message');
  return new NameServer(host, child);
}
