import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';

import { ping, startEcho } from '../../scripts/bench/ping/programs.ts';
import type { PingResult } from '../../scripts/bench/ping/schedule.ts';
import { parseThreadSeconds } from '../../scripts/bench/usage.ts';
import { serverToml, startTslb, type Tslb } from '../helpers/cli.ts';

const CLIENTS = 1000;
const SECONDS = 10;

/** Of the main thread, for a thousand snapshots written in a second; traffic has threads of its own. */
const MOST_MS_A_SECOND = 100;

const PINGS = { connections: 50, messageBytes: 64, perSecond: 2_000, messages: 2_000 * SECONDS, warmup: 1_000 };

test('a thousand clients that listen to events and do nothing cost traffic nothing', async (t) => {
  const { child, port: echo } = startEcho();
  t.after(() => child.stop());
  const api = '[api]\nenabled = true\nbind = "127.0.0.1:0"\n';
  const running = await startTslb(t, api + serverToml('web', [`127.0.0.1:${await echo}`]));
  const order = { ...PINGS, port: running.at('web').port };
  const signal = AbortSignal.timeout(120_000);

  const alone = await ping(order, signal);
  const quiet = mainThreadSeconds(running);
  const listeners = await Promise.all(Array.from({ length: CLIENTS }, () => listen(t, portOfApi(running))));
  const [first] = listeners;
  assert.ok(first);
  await snapshots(first, 2);
  const before = mainThreadSeconds(running);
  const [beside] = await Promise.all([ping(order, signal), snapshots(first, SECONDS)]);
  const msASecond = ((mainThreadSeconds(running) - before) / SECONDS) * 1000;

  console.table({ alone, beside } satisfies Record<string, PingResult>);
  console.log(
    `main thread: ${msASecond.toFixed(1)} ms a second, ${((before - quiet) * 1000).toFixed(0)} ms to let them in`,
  );
  assert.ok(listeners.every((socket) => !socket.destroyed));
  assert.ok(msASecond < MOST_MS_A_SECOND, `${msASecond} ms`);
});

function portOfApi({ lines }: Tslb): number {
  const line = lines.find((each) => each.includes('(api): service listening'));
  return Number(/address=\S+:(\d+)/.exec(line ?? '')?.[1]);
}

function mainThreadSeconds({ pid }: Tslb): number {
  return parseThreadSeconds(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1'));
}

/** Resolves when the stream has begun. */
async function listen(t: TestContext, port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  t.after(() => void socket.destroy());
  socket.write('GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  socket.resume();
  return socket;
}

/** Resolves after so many more. */
function snapshots(socket: Socket, count: number): Promise<void> {
  let seen = 0;
  return new Promise((resolve) => {
    socket.on('data', function counted(chunk: Buffer) {
      seen += chunk.toString('latin1').match(/^event: snapshot$/gm)?.length ?? 0;
      if (seen < count) return;
      socket.off('data', counted);
      socket.resume();
      resolve();
    });
  });
}
