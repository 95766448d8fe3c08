import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import { ab } from '../../../scripts/bench/ab.ts';
import { addressText } from '../../../src/core/address.ts';
import { echo, REFUSING, type Serve, startBackend, type TestBackend } from '../sockets/backends.ts';
import { payload } from '../sockets/payload.ts';
import { connectTo } from '../sockets/peer.ts';
import { answerOf, listed } from '../sockets/traffic.ts';
import type { BackendFigures, Figures, ServerFigures } from '../texts/figures.ts';
import { serverToml, startTslb, type Tslb } from './cli.ts';

const REQUESTS = 3_000;
export const AB_CLIENTS = 20;
/** Sizes of what is sent and comes back. */
const ECHOES = [0, 1, 1_000, 65_536, 300_001, 4_194_304];
const CLIENT_RESETS = 5;
const BACKEND_RESETS = 4;
const DENIED = 7;
const UNREACHED = 6;
const BEYOND = 3;

const SERVICES = ['api', 'metrics', 'stats']
  .map((name) => `[${name}]\nenabled = true\nbind = "127.0.0.1:0"\n`)
  .join('');

const PAGE = Buffer.from(`HTTP/1.0 200 OK\r\nContent-Length: 12345\r\nConnection: close\r\n\r\n${'p'.repeat(12_345)}`);

/** Answers each request with the same page, and closes. */
const page: Serve = ({ socket }) => {
  let request = '';
  socket.on('data', (chunk: Buffer) => {
    request += chunk.toString('latin1');
    if (request.endsWith('\r\n\r\n')) socket.end(PAGE);
  });
  socket.on('end', () => socket.end());
};

/** Says two bytes to the first five, and resets at the sixth, so that nothing is under way then. */
const abrupt: Serve = (peer) => {
  peer.socket.on('data', () => {
    if (peer.bytes === 5) peer.socket.write('ok');
    if (peer.bytes === 6) peer.reset();
  });
};

export interface KnownScene {
  readonly running: Tslb;
  readonly pages: readonly TestBackend[];
  readonly echoing: TestBackend;
  readonly abrupt: TestBackend;
}

export async function startKnown(t: TestContext, engine: string): Promise<KnownScene> {
  const pages = [await startBackend(t, page), await startBackend(t, page)];
  const echoing = await startBackend(t, echo);
  const breaking = await startBackend(t, abrupt);
  const refusing = addressText(REFUSING);
  const bind = (host: number) => ({ engine, bind: `127.0.0.${host}:0`, max_fails: 0 });
  const config = [
    SERVICES,
    serverToml(
      'pages',
      pages.map((backend) => listed(backend)),
      bind(1),
    ),
    serverToml('echo', [`${refusing} priority=1`, listed(echoing, 'priority=2')], bind(2)),
    serverToml('abrupt', [listed(breaking)], bind(3)),
    serverToml('private', [listed(echoing)], bind(4)),
    '[servers.private.access]\ndefault = "deny"\nrules = ["allow 127.0.0.9"]\n',
    serverToml('dead', [refusing], bind(5)),
    serverToml('tight', [listed(echoing)], { ...bind(6), max_connections: 1 }),
  ];
  const running = await startTslb(t, config.join(''));
  return { running, pages, echoing, abrupt: breaking };
}

/** One client after the other sends so much, gets it back and ends in order. @returns bytes of all together */
async function echoAll(t: TestContext, { running }: KnownScene, sizes: readonly number[]): Promise<number> {
  for (const size of sizes) {
    const client = connectTo(t, running.at('echo'));
    await client.finish(payload(size));
    assert.deepEqual((({ bytes, end }) => [bytes, end])(await client.closed()), [size, 'FIN']);
  }
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The load, each part with a known outcome. @returns what must have been counted, when all has ended */
export async function knownLoad(t: TestContext, scene: KnownScene): Promise<() => Figures> {
  const { running, pages, echoing } = scene;
  const report = await ab([
    '-n',
    String(REQUESTS),
    '-c',
    String(AB_CLIENTS),
    `http://127.0.0.1:${running.at('pages').port}/`,
  ]);
  assert.deepEqual([report.complete, report.failed, report.non2xx], [REQUESTS, 0, 0]);

  const echoed = await echoAll(t, scene, ECHOES);
  for (let n = 0; n < CLIENT_RESETS; n++) {
    const client = connectTo(t, running.at('echo'));
    await client.send(payload(500));
    await client.received(500);
    client.reset();
  }
  const viaEcho = { connections: ECHOES.length + CLIENT_RESETS, bytes: echoed + 500 * CLIENT_RESETS };

  for (let n = 0; n < BACKEND_RESETS; n++) {
    const client = connectTo(t, running.at('abrupt'));
    await client.send('hello');
    await client.received(2);
    await client.send('x');
    assert.equal((await client.closed()).end, 'ECONNRESET');
  }

  for (let n = 0; n < DENIED; n++) await answerOf(running.at('private'));
  const allowed = connectTo(t, running.at('private'), { from: '127.0.0.9' });
  await allowed.finish('let in');
  await allowed.closed();

  for (let n = 0; n < UNREACHED; n++) assert.equal(await answerOf(running.at('dead')), '');

  const holder = connectTo(t, running.at('tight'));
  await holder.send('1');
  await holder.received(1);
  for (let n = 0; n < BEYOND; n++) assert.equal(await answerOf(running.at('tight')), '');
  await holder.finish();
  await holder.closed();

  const shared = (total: number, refused: number, bytes: number) => ({
    total,
    refused,
    active: 0,
    rx: bytes,
    tx: bytes,
  });
  const refusing = addressText(REFUSING);
  // That one is tried first by everybody.
  const refusals = viaEcho.connections;
  return () => ({
    pages: server({ '--': sumOf(pages.map(({ peers }) => peers.length)) }, byKey(pages)),
    echo: server(
      { '--': ECHOES.length, CD: CLIENT_RESETS },
      { [listed(echoing)]: shared(viaEcho.connections, 0, viaEcho.bytes), [refusing]: shared(0, refusals, 0) },
      { retried: refusals },
    ),
    abrupt: server({ SD: BACKEND_RESETS }, byKey([scene.abrupt])),
    private: server({ '--': 1, PR: DENIED }, { [listed(echoing)]: shared(1, 0, 6) }, { denied: DENIED }),
    dead: server({ SC: UNREACHED }, { [refusing]: shared(0, UNREACHED, 0) }),
    tight: server({ '--': 1, PC: BEYOND }, { [listed(echoing)]: shared(1, 0, 1) }, { noBackend: BEYOND }),
  });
}

/** What backends have seen themselves. */
function byKey(backends: readonly TestBackend[]): ServerFigures['backends'] {
  const seenBy = ({ peers }: TestBackend): BackendFigures => ({
    total: peers.length,
    refused: 0,
    active: 0,
    rx: sumOf(peers.map((peer) => peer.sentBytes)),
    tx: sumOf(peers.map((peer) => peer.bytes)),
  });
  return Object.fromEntries(backends.map((backend) => [listed(backend), seenBy(backend)]));
}

/** A server whose clients have all come and ended as the causes say. */
function server(
  causes: Readonly<Record<string, number>>,
  backends: ServerFigures['backends'],
  counts: Partial<ServerFigures> = {},
): ServerFigures {
  const all = Object.values(backends);
  const [rx, tx] = [sumOf(all.map((each) => each.rx)), sumOf(all.map((each) => each.tx))];
  const connected = sumOf(all.map(({ total }) => total));
  return {
    active: 0,
    rx,
    tx,
    accepted: sumOf(Object.values(causes)),
    denied: 0,
    noBackend: 0,
    connected,
    refused: sumOf(all.map(({ refused }) => refused)),
    retried: 0,
    causes,
    measured: { connect: connected, queue: 0, duration: connected, bytes: connected, sumOfBytes: rx + tx },
    backends,
    ...counts,
  };
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
