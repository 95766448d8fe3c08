import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';

import { type AbReport, cleanAb } from '../../scripts/bench/ab.ts';
import { runTool } from '../../scripts/bench/tools.ts';
import { parseThreadSeconds } from '../../scripts/bench/usage.ts';
import type { IpAddress } from '../../src/core/address.ts';
import { openFilesLimit } from '../../src/io/open-files.ts';
import { serverToml, startTslb, temporaryFolder, type Tslb } from '../helpers/processes/cli.ts';
import { startNginx } from '../helpers/processes/nginx.ts';
import { serviceOf } from '../helpers/processes/services.ts';
import { missingTools, usageOf } from '../helpers/processes/tools.ts';

const CLIENTS = 1_000;
/** An eighth of the descriptors may be used by those who look on, half of them by streams. */
const OPEN_FILES = 8 * 2 * CLIENTS;
const AT_ONCE = 50;
const ROUNDS = 5;
const LOAD = { requests: 20_000, clients: 50, keepsAlive: false } as const;
const IDLE_SECONDS = 5;

/** Of the best round without them, where both have theirs: the others tell more of the machine. */
const MOST_P99 = { ratio: 1.5, ms: 3 } as const;
/** Of a core: a write a second for each of them, by the main thread; of all threads while there is no traffic. */
const MOST_CPU = 0.1;

const tooFew = (openFilesLimit() ?? 0) < OPEN_FILES && `needs ${OPEN_FILES} open files (ulimit -n)`;

/** Clients that watch, and do nothing else. */
class Watchers {
  readonly #sockets: readonly Socket[];

  private constructor(sockets: readonly Socket[]) {
    this.#sockets = sockets;
  }

  /** Resolves when each has its first snapshot. */
  static async open(address: IpAddress): Promise<Watchers> {
    const sockets: Socket[] = [];
    while (sockets.length < CLIENTS) {
      sockets.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => watch(address)))));
    }
    return new Watchers(sockets);
  }

  get open(): number {
    return this.#sockets.filter((socket) => !socket.destroyed).length;
  }

  /** Bytes that all of them have got. */
  get bytes(): number {
    return this.#sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  }

  leave(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

function watch({ ip, port }: IpAddress): Promise<Socket> {
  const socket = connect({ host: ip, port });
  socket.write('GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      if (chunk.includes('event: snapshot')) resolve(socket);
    });
  });
}

interface Round {
  readonly p99Ms: number;
  readonly cpuUs: number;
  /** Of a core, meanwhile. */
  readonly mainThread: number;
}

async function measure(running: Tslb, csv: string): Promise<Round> {
  const url = `http://127.0.0.1:${running.at('web').port}/quiet.html`;
  const [before, mainBefore, from] = [usageOf(running.pid).cpuMs, mainThreadMs(running), performance.now()];
  const report: AbReport = await cleanAb({ ...LOAD, url }, csv, AbortSignal.timeout(60_000));
  const cpuUs = ((usageOf(running.pid).cpuMs - before) * 1000) / LOAD.requests;
  const mainThread = (mainThreadMs(running) - mainBefore) / (performance.now() - from);
  return { p99Ms: report.percentiles.get('99%') ?? NaN, cpuUs, mainThread };
}

function mainThreadMs({ pid }: Tslb): number {
  return parseThreadSeconds(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1')) * 1000;
}

/** Share of a core while nothing happens but snapshots. */
async function idleCpu(pid: number): Promise<number> {
  const [before, from] = [usageOf(pid).cpuMs, performance.now()];
  await runTool('sleep', [String(IDLE_SECONDS)]);
  return (usageOf(pid).cpuMs - before) / (performance.now() - from);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}

/** With one digit behind the point. */
function percent(share: number): number {
  return Math.round(share * 1000) / 10;
}

function best(rounds: readonly Round[]): number {
  return Math.min(...rounds.map(({ p99Ms }) => p99Ms));
}

test('1,000 clients that watch cost traffic no latency', { skip: tooFew || missingTools('nginx', 'ab') }, async (t) => {
  const nginx = await startNginx(t, 'M1');
  const api = '[api]\nenabled = true\nbind = "127.0.0.1:0"\n';
  const running = await startTslb(t, api + serverToml('web', [nginx.address], { bind: '127.0.0.1:0' }));
  const address = await serviceOf(running, 'api');
  const csv = join(temporaryFolder(t), 'ab.csv');
  await measure(running, csv);

  const without: Round[] = [];
  const withThem: Round[] = [];
  let idle = { without: await idleCpu(running.pid), withThem: NaN };
  for (let round = 0; round < ROUNDS; round++) {
    without.push(await measure(running, csv));
    const watchers = await Watchers.open(address);
    t.after(() => watchers.leave());
    const before = watchers.bytes;
    withThem.push(await measure(running, csv));
    if (round === 0) idle = { ...idle, withThem: await idleCpu(running.pid) };
    assert.equal(watchers.open, CLIENTS);
    // The load may be over before the next second is.
    while (watchers.bytes <= before + CLIENTS * 1000) await runTool('true', []);
    watchers.leave();
    const descriptors = (): number => usageOf(running.pid).descriptors;
    while (descriptors() > CLIENTS) await runTool('true', []);
  }

  const figures = (rounds: readonly Round[], idleShare: number) => ({
    'p99 [ms]': median(rounds.map(({ p99Ms }) => p99Ms)),
    'best p99 [ms]': best(rounds),
    'CPU a request [µs]': Math.round(median(rounds.map(({ cpuUs }) => cpuUs))),
    'CPU of the main thread [%]': percent(median(rounds.map(({ mainThread }) => mainThread))),
    'CPU without traffic [%]': percent(idleShare),
  });
  console.log(`\nab -n ${LOAD.requests} -c ${LOAD.clients}, medians of ${ROUNDS} rounds each, in turn`);
  console.table({
    'nobody watches': figures(without, idle.without),
    '1,000 watch': figures(withThem, idle.withThem),
  });
  const [alone, watched] = [best(without), best(withThem)];
  assert.ok(watched <= alone * MOST_P99.ratio + MOST_P99.ms, `p99 ${alone} ms alone, ${watched} ms watched`);
  const mainThread = median(withThem.map((round) => round.mainThread));
  assert.ok(mainThread <= MOST_CPU, `${mainThread} of a core for the main thread beside traffic`);
  assert.ok(idle.withThem <= MOST_CPU, `${idle.withThem} of a core without traffic`);
  assert.deepEqual(await running.stop(), { code: 0, signal: null });
});
