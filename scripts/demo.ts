/**
 * `npm start`: two small web servers, M1 and M2, and tslb before them with the repository's gobetween.toml.
 * Ctrl-C ends all three.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

import { asError, errorCode } from '../src/core/errors.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const HOST = '127.0.0.1';
const MACHINES = [
  { name: 'M1', port: 8001 },
  { name: 'M2', port: 8002 },
] as const;
const BALANCER_URL = 'http://localhost:8080/';
/** What tslb logs when a server is open. */
const READY = /\blistening\b/;
const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Both machines' /swap.html has this length, so that `ab`, which compares lengths, sees one site. */
const SWAP_PAGE_BYTES = 112;

function swapPage(machine: string): string {
  return `<!doctype html><title>swap</title><h1>${machine}</h1>`.padEnd(SWAP_PAGE_BYTES - 1) + '\n';
}

function homePage(machine: string): string {
  return `<!doctype html>\n<title>${machine}</title>\n<h1>This page comes from ${machine}</h1>\n`;
}

function answer(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': Buffer.byteLength(page) });
  response.end(page);
}

/** @throws Error with a message for the terminal */
async function startMachine({ name, port }: (typeof MACHINES)[number]): Promise<Server> {
  const server = createServer(({ url }, response) => {
    if (url === '/') answer(response, 200, homePage(name));
    else if (url === '/swap.html') answer(response, 200, swapPage(name));
    else answer(response, 404, `<!doctype html>\n<title>404</title>\n<h1>${name} has no such page</h1>\n`);
  });
  server.listen(port, HOST);
  try {
    await once(server, 'listening');
  } catch (thrown) {
    const isTaken = errorCode(thrown) === 'EADDRINUSE';
    const reason = isTaken ? 'the port is taken by another program; end it and try again' : asError(thrown).message;
    throw new Error(`demo web server ${name} cannot listen on ${HOST}:${port}: ${reason}`, { cause: thrown });
  }
  return server;
}

/**
 * In a process group of its own: a terminal's Ctrl-C goes to a whole group, and one that was passed on besides would be
 * the second, at which tslb cuts its connections.
 */
function startBalancer(): ChildProcess {
  const args = [MAIN, 'start', '-c', 'gobetween.toml', '--drain-timeout', '5s'];
  return spawn(process.execPath, args, { cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Shows what tslb says; resolves when it listens. */
function showOutput(balancer: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    for (const [from, to] of [
      [balancer.stdout, process.stdout],
      [balancer.stderr, process.stderr],
    ] as const) {
      if (!from) continue;
      createInterface({ input: from }).on('line', (line) => {
        to.write(`${line}\n`);
        if (READY.test(line)) resolve();
      });
    }
  });
}

function sayWhatNext(): void {
  const [first, second] = MACHINES;
  const command = `curl ${BALANCER_URL}`;
  process.stdout.write(`
${first.name} listens on http://${HOST}:${first.port}/ and ${second.name} on http://${HOST}:${second.port}/; tslb stands before them on ${BALANCER_URL}
Type this twice in another terminal, and see both answer:

    ${process.stdout.isTTY ? styleText('bold', command) : command}

Ctrl-C ends all three.
`);
}

async function demo(): Promise<void> {
  const machines: Server[] = [];
  try {
    for (const machine of MACHINES) machines.push(await startMachine(machine));
    const balancer = startBalancer();
    const ending = new AbortController();
    for (const signal of END_SIGNALS) {
      process.on(signal, () => {
        ending.abort();
        balancer.kill('SIGTERM');
      });
    }
    void showOutput(balancer).then(sayWhatNext);
    const [code, signal] = (await once(balancer, 'close')) as [number | null, NodeJS.Signals | null];
    if (!ending.signal.aborted || code !== 0) throw new Error(`tslb ended with ${signal ?? `exit code ${code ?? 0}`}`);
  } finally {
    for (const machine of machines) {
      machine.close();
      machine.closeAllConnections();
    }
  }
}

try {
  await demo();
} catch (thrown) {
  process.stderr.write(`${asError(thrown).message}\n`);
  process.exitCode = 1;
}
