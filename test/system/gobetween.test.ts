import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect, createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';

import { toolPath } from '../../scripts/bench/tools.ts';
import { temporaryFile } from '../helpers/processes/cli.ts';
import { makeCertificate } from '../helpers/sockets/certificate.ts';
import { answerOf, freePort, listed, startNamed } from '../helpers/sockets/traffic.ts';

/**
 * gobetween and tslb, started from the same file one after the other, carry the same traffic. No package has gobetween,
 * so this runs where somebody has put the program on the PATH.
 */
const GOBETWEEN = toolPath('gobetween');
const skip = GOBETWEEN === undefined && 'no program gobetween is on the PATH, and no package registry has one';

const TSLB = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const LOOPBACK = '127.0.0.1';
/** Between two tries of what may be lost, or asked of a program that is not ready. */
const AGAIN_MS = 100;

/** What clients see of one program and then of the other. @param ask resolves when the program has carried its traffic */
async function bothSay<Seen>(
  t: TestContext,
  toml: string,
  ask: (signal: AbortSignal) => Promise<Seen>,
): Promise<readonly [Seen, Seen]> {
  const file = temporaryFile(t, 'both.toml', toml);
  const seen: Seen[] = [];
  for (const [program = '', ...args] of [[GOBETWEEN ?? ''], [process.execPath, TSLB]]) {
    const child = spawn(program, [...args, 'from-file', file], { stdio: ['ignore', 'inherit', 'inherit'] });
    const exited = once(child, 'exit');
    const ended = new AbortController();
    const endedEarly = exited.then(([code]): never => {
      ended.abort();
      throw new Error(`${program} ended with ${String(code)} before its traffic was carried`);
    });
    t.after(() => child.kill('SIGKILL'));
    seen.push(await Promise.race([ask(ended.signal), endedEarly]));
    endedEarly.catch(() => undefined);
    child.kill('SIGTERM');
    await exited;
  }
  const [theirs, ours] = seen;
  assert.ok(theirs !== undefined && ours !== undefined);
  return [theirs, ours];
}

/** The first answer of a program that begins to listen. */
async function firstAnswer(signal: AbortSignal, ask: () => Promise<string>): Promise<string> {
  for (;;) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== 'ECONNREFUSED') return answer;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

test('TCP: balance, priority and access rules', { skip }, async (t) => {
  const [a, b, spare] = [await startNamed(t, 'a'), await startNamed(t, 'b'), await startNamed(t, 'spare')];
  const ports = { turns: await freePort(), first: await freePort(), denied: await freePort() };
  const server = (name: string, port: number, balance: string, list: readonly string[], more = '') =>
    `[servers.${name}]\nbind = "${LOOPBACK}:${port}"\nbalance = "${balance}"\n${more}` +
    `[servers.${name}.discovery]\nkind = "static"\nstatic_list = ${JSON.stringify(list)}\n`;
  const toml = [
    server('turns', ports.turns, 'roundrobin', [listed(a), listed(b)]),
    server('first', ports.first, 'weight', [listed(a), listed(spare, 'weight=100 priority=2')]),
    server(
      'denied',
      ports.denied,
      'iphash1',
      [listed(a), listed(b)],
      `[servers.denied.access]\ndefault = "deny"\nrules = ["allow ${LOOPBACK}"]\n`,
    ),
  ].join('');
  const [theirs, ours] = await bothSay(t, toml, async (signal) => {
    const at = (port: number, from?: string) => firstAnswer(signal, () => answerOf({ ip: LOOPBACK, port }, from));
    return {
      turns: [await at(ports.turns), await at(ports.turns), await at(ports.turns), await at(ports.turns)].sort(),
      first: [await at(ports.first), await at(ports.first)],
      allowed: await at(ports.denied),
      // Its connection is closed without an answer, in order or by a reset.
      denied: ['', 'ECONNRESET'].includes(await at(ports.denied, '127.0.0.2')),
    };
  });
  assert.deepEqual(ours, theirs);
  assert.deepEqual(ours.turns, ['a', 'a', 'b', 'b']);
});

/** A backend that answers each datagram with its name and what was asked. */
async function datagramBackend(t: TestContext, name: string): Promise<string> {
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  socket.on('message', (question, { port, address }) => socket.send(`${name}: ${question.toString()}`, port, address));
  socket.bind(0, LOOPBACK);
  await once(socket, 'listening');
  return `${LOOPBACK}:${socket.address().port}`;
}

/** Asks until it is answered: a datagram to a program that does not listen yet is lost. */
async function asked(client: Socket, port: number, question: string, signal: AbortSignal): Promise<string> {
  const ask = (): void => client.send(question, port, LOOPBACK);
  const timer = setInterval(ask, AGAIN_MS);
  ask();
  try {
    for (;;) {
      const [answer] = (await once(client, 'message', { signal })) as [Buffer];
      if (answer.toString().endsWith(question)) return answer.toString();
    }
  } finally {
    clearInterval(timer);
  }
}

test('UDP: an answer for each request, by the address of the client', { skip }, async (t) => {
  const port = await freePort();
  const backends = [await datagramBackend(t, 'a'), await datagramBackend(t, 'b')];
  const toml =
    `[servers.dns]\nbind = "${LOOPBACK}:${port}"\nprotocol = "udp"\nbalance = "iphash1"\nudp = { max_responses = 1 }\n` +
    `[servers.dns.discovery]\nkind = "static"\nstatic_list = ${JSON.stringify(backends)}\n`;
  const client = createSocket('udp4');
  t.after(() => client.close());
  const [theirs, ours] = await bothSay(t, toml, async (signal) => [
    await asked(client, port, 'first', signal),
    await asked(client, port, 'second', signal),
  ]);
  assert.deepEqual(ours, theirs);
});

/** A backend of TLS that says its name. */
async function tlsBackend(t: TestContext, name: string): Promise<string> {
  const { cert, key } = makeCertificate({ names: [name] });
  const server = createServer({ cert, key }, (socket) => {
    socket.on('error', () => undefined); // a client that has heard enough
    socket.end(name);
  });
  t.after(() => void server.close());
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  return `${LOOPBACK}:${(server.address() as AddressInfo).port}`;
}

/** Who answers for a name: its own, `closed`, or that nobody listens. */
function answerFor(port: number, servername: string): Promise<string> {
  const socket = connect({ host: LOOPBACK, port, servername, rejectUnauthorized: false });
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve) => {
    socket.on('error', ({ code }: NodeJS.ErrnoException) => (text ||= code === 'ECONNREFUSED' ? code : 'closed'));
    socket.on('close', () => resolve(text === '' ? 'closed' : text));
  });
}

test('names of TLS: exact ones, and one that is not expected', { skip }, async (t) => {
  const port = await freePort();
  const list = [
    `${await tlsBackend(t, 'a.example')} sni=a.example`,
    `${await tlsBackend(t, 'b.example')} weight=1 sni=b.example`,
  ];
  const toml =
    `[servers.https]\nbind = "${LOOPBACK}:${port}"\n[servers.https.sni]\nhostname_matching_strategy = "exact"\n` +
    `unexpected_hostname_strategy = "reject"\n` +
    `[servers.https.discovery]\nkind = "static"\nstatic_list = ${JSON.stringify(list)}\n`;
  const [theirs, ours] = await bothSay(t, toml, async (signal) => [
    await firstAnswer(signal, () => answerFor(port, 'a.example')),
    await answerFor(port, 'b.example'),
    await answerFor(port, 'B.EXAMPLE'),
    await answerFor(port, 'c.example'),
  ]);
  assert.deepEqual(ours, theirs);
  assert.deepEqual(ours, ['a.example', 'b.example', 'b.example', 'closed']);
});
