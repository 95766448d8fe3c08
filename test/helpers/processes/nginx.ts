import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { nginxCommand, nginxHttpFolders, nginxMain } from '../../../scripts/bench/nginx.ts';
import { freePort } from '../sockets/traffic.ts';
import { temporaryFolder } from './cli.ts';
import { answers } from './tools.ts';

/** As in the report: both machines' page has this length, which `ab` compares. */
export const SWAP_PAGE_BYTES = 112;

/** Headers of its own, so that a client sees which one answered. */
function configText(name: string, port: number, folder: string): string {
  return `${nginxMain({ folder, workers: 1 })}http {
${nginxHttpFolders(folder)}
  log_format line '$request_uri $status';
  access_log ${folder}/access.log line;
  keepalive_requests 1000000;
  keepalive_timeout 600;
  types { text/html html; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${folder}/html;
    add_header X-Machine ${name};
    location = /quiet.html { access_log off; alias ${folder}/html/swap.html; }
  }
}
`;
}

/** A real nginx with two pages of 112 bytes: /swap.html, and /quiet.html which it does not log. */
export class Nginx {
  readonly name: string;
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  constructor(name: string, port: number, folder: string) {
    this.name = name;
    this.port = port;
    this.#folder = folder;
    mkdirSync(join(folder, 'html'));
    const page = `<!doctype html><title>swap</title><h1>${name}</h1>`.padEnd(SWAP_PAGE_BYTES - 1) + '\n';
    writeFileSync(join(folder, 'html', 'swap.html'), page);
    writeFileSync(join(folder, 'html', 'index.html'), `<h1>This page comes from ${name}</h1>\n`);
    writeFileSync(join(folder, 'nginx.conf'), configText(name, port, folder));
  }

  /** As a line of a static list. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `http://${this.address}`;
  }

  /** Requests that its access log has. */
  get requests(): number {
    return readFileSync(join(this.#folder, 'access.log'), 'latin1').split('\n').length - 1;
  }

  async start(): Promise<void> {
    const { program, args } = nginxCommand(this.#folder, join(this.#folder, 'nginx.conf'));
    // In a group of its own, so that a kill takes its worker too.
    const child = spawn(program, args, { stdio: 'inherit', detached: true });
    this.#child = child;
    const died = once(child, 'exit').then(([code]) => {
      throw new Error(`nginx ${this.name} ended with code ${String(code)}`);
    });
    died.catch(() => {});
    await Promise.race([answers(this.url), died]);
  }

  /** Without a word to its clients. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid, 'SIGKILL');
    await once(child, 'exit');
  }
}

export async function startNginx(t: TestContext, name: string, port?: number): Promise<Nginx> {
  const nginx = new Nginx(name, port ?? (await freePort()), temporaryFolder(t));
  t.after(() => nginx.kill());
  await nginx.start();
  return nginx;
}
