import { setTimeout as pause } from 'node:timers/promises';
import { balancers } from '../../src/balance/registry.ts';
import { kindsOf } from '../../src/config/schema/kind.ts';
import type { Random } from '../../src/core/random.ts';
import { serverToml } from '../helpers/processes/cli.ts';
import { type DaemonProcess, type DaemonState, startDaemon } from '../helpers/processes/daemon.ts';
import type { LogRecord } from '../helpers/rigs/plane.ts';
import { between, happens, nthRandom, oneOf } from './chance.ts';
import { DatagramEcho } from './datagram-echo.ts';
import { visit, type Visit } from './datagram-visitor.ts';
import { waited } from './fleet.ts';
import { settled } from './settled.ts';
import type { SoakOptions } from './soak.ts';

const BACKENDS = 4;
const FEWEST_ALIVE = 2;
const CLIENTS = 48;
const WARM_UP_CLIENTS = 300;

export interface DatagramSoakResult {
  readonly options: SoakOptions;
  readonly before: DaemonState;
  readonly after: DaemonState;
  readonly clients: number;
  readonly sums: Omit<Visit, 'faults'>;
  readonly faults: readonly string[];
  readonly kills: number;
  readonly reloads: number;
  readonly errors: readonly LogRecord[];
}

/** Random clients of UDP against a balancer whose backends die and whose configuration changes meanwhile. */
export async function datagramSoak(options: SoakOptions): Promise<DatagramSoakResult> {
  const echoes = Array.from({ length: BACKENDS }, (_, nth) => new DatagramEcho(String(nth), `127.${90 + nth}.0.1`));
  let daemon: DaemonProcess | undefined;
  const errors: LogRecord[] = [];
  try {
    for (const echo of echoes) await echo.start();
    daemon = await startDaemon(plainConfig(options, echoes), options.threads, {
      onLog: (record) => {
        if (record.level === 'error') errors.push(record);
      },
    });
    return { ...(await run(options, daemon, echoes)), errors };
  } finally {
    await daemon?.stop();
    for (const echo of echoes) if (echo.isAlive) echo.kill();
  }
}

async function run(
  options: SoakOptions,
  daemon: DaemonProcess,
  echoes: readonly DatagramEcho[],
): Promise<Omit<DatagramSoakResult, 'errors'>> {
  const { seed, durationMs } = options;
  const sums = { requests: 0, answers: 0, resent: 0, unanswered: 0 };
  const faults: string[] = [];
  let clients = 0;
  let reloads = 0;

  async function visitAll(isWanted: () => boolean): Promise<void> {
    const to = daemon.addresses[0]!;
    const visitors = Array.from({ length: CLIENTS }, async () => {
      while (isWanted()) {
        const seen = await visit(seed, clients++, to);
        for (const count of ['requests', 'answers', 'resent', 'unanswered'] as const) sums[count] += seen[count];
        faults.push(...seen.faults);
      }
    });
    await Promise.all(visitors);
  }

  async function reload(signal: AbortSignal): Promise<void> {
    const random = nthRandom(seed, -2);
    while (await waited(between(random, 0, 3000), signal)) {
      await daemon.apply(randomConfig(options, echoes, random));
      reloads += 1;
    }
  }

  await visitAll(() => clients < WARM_UP_CLIENTS);
  const before = await idle(daemon);
  const ending = new AbortController();
  const trouble = [suffer(echoes, nthRandom(seed, -1), ending.signal), reload(ending.signal)];
  const endsAt = performance.now() + durationMs;
  await visitAll(() => performance.now() < endsAt);
  ending.abort();
  await Promise.all(trouble);
  await daemon.apply(plainConfig(options, echoes));
  const after = await idle(daemon, before);
  const kills = echoes.reduce((sum, echo) => sum + echo.kills, 0);
  return { options, before, after, clients, sums, faults, kills, reloads };
}

async function suffer(echoes: readonly DatagramEcho[], random: Random, signal: AbortSignal): Promise<void> {
  while (await waited(between(random, 200, 2000), signal)) {
    const alive = echoes.filter(({ isAlive }) => isAlive);
    if (alive.length <= FEWEST_ALIVE) continue;
    const victim = oneOf(random, alive);
    victim.kill();
    void pause(between(random, 100, 3000)).then(() => victim.start());
  }
  while (echoes.some(({ isAlive }) => !isAlive)) await pause(100);
}

function idle(daemon: DaemonProcess, before?: DaemonState): Promise<DaemonState> {
  return settled(
    () => daemon.state(),
    ({ totals, clientsConnected, descriptors }) =>
      totals.active === 0 && clientsConnected === 0 && descriptors <= (before?.descriptors ?? Infinity),
  );
}

const IDLE = { client_idle_timeout: '2s', backend_idle_timeout: '2s' };

function plainConfig({ engine }: SoakOptions, echoes: readonly DatagramEcho[]): string {
  const keys = { engine, protocol: 'udp', ...IDLE };
  return serverToml(
    'soak',
    echoes.map(({ key }) => key),
    keys,
  );
}

/** A backend that has refused is left alone for a while, so that clients find another. */
function randomConfig({ engine }: SoakOptions, echoes: readonly DatagramEcho[], random: Random): string {
  const idle = `${between(random, 300, 3000)}ms`;
  const keys = {
    engine,
    protocol: 'udp',
    client_idle_timeout: idle,
    backend_idle_timeout: idle,
    balance: oneOf(random, kindsOf(balancers)),
    max_fails: 1,
    fail_timeout: `${between(random, 200, 2000)}ms`,
    ...(happens(random, 0.3) && { sticky: 'client_ip', sticky_expire: '300ms' }),
    ...(happens(random, 0.3) && { max_connections: 1000 }),
    ...(happens(random, 0.3) && { on_down: 'close' }),
  };
  const table = {
    max_requests: oneOf(random, [0, 0, 2, 5]),
    max_responses: oneOf(random, [0, 1, 1]),
  };
  const lines = Object.entries(table).map(([key, value]) => `${key} = ${value}\n`);
  return `${serverToml(
    'soak',
    echoes.map(({ key }) => key),
    keys,
  )}[servers.soak.udp]\n${lines.join('')}`;
}
