import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';

import type { Random } from '../../src/core/random.ts';
import { type EngineKind, whyNoEngine } from '../../src/data/engines/registry.ts';
import { FUZZ_SEED } from '../fuzz/fuzz.ts';
import { mutant } from '../fuzz/mutations.ts';
import { address, assertUnchanged, settled } from '../fuzz/settled.ts';
import { serverToml } from '../helpers/processes/cli.ts';
import { type DaemonProcess, startDaemon } from '../helpers/processes/daemon.ts';
import { PROXY_VECTORS, proxyVector, type ProxyVector } from '../helpers/texts/proxy-vectors.ts';
import { between, happens, nthRandom, oneOf } from '../soak/chance.ts';

const DATAGRAMS = Number(process.env['TSLB_FUZZ'] ?? 10_000);
const SOCKETS = 50;
/** Then one that has an answer is sent: what came before it has been read by then. */
const BURST = 100;
/** As long as one gets over IPv4. */
const LONGEST = 65_507;
const SIZES = [0, 1, 15, 16, 27, 28, 1200, 1472, 1473, 9000, 16_384, LONGEST];
/** One may be lost where nobody has read for a while. */
const TRIES = 50;
const ANSWER_MS = 200;

const VECTORS = (Object.keys(PROXY_VECTORS) as ProxyVector[]).map(proxyVector);
const HEADER = proxyVector('v2 PROXY UDP4');

for (const engine of ['epoll', 'net'] as const) {
  const skip = whyNoEngine(engine) ?? false;

  test(`${engine}: ${DATAGRAMS} datagrams of all sizes leave nothing behind`, { skip }, async (t) => {
    await fuzzed(t, await startUdp(t, engine, {}), Buffer.alloc(0));
  });

  test(
    `${engine}: ${DATAGRAMS} datagrams with and without a PROXY header leave nothing behind`,
    { skip },
    async (t) => {
      const proxied = { accept_proxy: 'require', accept_proxy_from: ['127.0.0.0/8'] };
      await fuzzed(t, await startUdp(t, engine, proxied), HEADER);
    },
  );
}

async function startUdp(t: TestContext, engine: EngineKind, keys: Record<string, unknown>): Promise<DaemonProcess> {
  const echo = await boundSocket(t);
  echo.on('message', (bytes, { port }) => echo.send(bytes, port, '127.0.0.1', () => undefined));
  const idle = { client_idle_timeout: '1s', backend_idle_timeout: '1s' };
  const backends = [`127.0.0.1:${echo.address().port}`];
  const daemon = await startDaemon(serverToml('udp', backends, { engine, protocol: 'udp', ...idle, ...keys }), 2);
  t.after(() => daemon.stop());
  return daemon;
}

async function boundSocket(t: TestContext): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return socket;
}

/** @param header what stands before the payload of a good one */
async function fuzzed(t: TestContext, daemon: DaemonProcess, header: Buffer): Promise<void> {
  const to = address(daemon);
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => boundSocket(t)));
  const asker = await boundSocket(t);
  await answered(asker, to.port, header, 'first');
  const before = await settled(daemon);
  let answers = 0;
  for (const socket of sockets) socket.on('message', () => answers++);
  for (let nth = 0; nth < DATAGRAMS; nth++) {
    const random = nthRandom(FUZZ_SEED, nth);
    const socket = oneOf(random, sockets);
    socket.send(datagram(random, header), to.port, to.ip, () => undefined);
    if (nth % BURST === BURST - 1) await answered(asker, to.port, header, String(nth));
  }
  t.diagnostic(`${answers} answers`);
  assert(answers > 0);
  await assertUnchanged(daemon, before);
}

function datagram(random: Random, header: Buffer): Buffer {
  if (happens(random, 0.5))
    return Buffer.concat([header, Buffer.alloc(oneOf(random, SIZES), 'x')]).subarray(0, LONGEST);
  return mutant(random, VECTORS).subarray(0, between(random, 0, LONGEST));
}

/** Has the text come back. @throws Error when it does not, however often it is sent */
async function answered(socket: Socket, port: number, header: Buffer, text: string): Promise<void> {
  for (let turn = 0; turn < TRIES; turn++) {
    const answer = new Promise<boolean>((resolve) => {
      const settle = (isRight: boolean): void => {
        clearTimeout(timer);
        socket.off('message', take);
        resolve(isRight);
      };
      const take = (bytes: Buffer): void => settle(bytes.toString() === text);
      const timer = setTimeout(() => settle(false), ANSWER_MS);
      socket.on('message', take);
    });
    socket.send(Buffer.concat([header, Buffer.from(text)]), port, '127.0.0.1');
    if (await answer) return;
  }
  assert.fail(`no answer to "${text}"`);
}
