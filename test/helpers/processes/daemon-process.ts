import { readdirSync } from 'node:fs';
import type { ServerConfig } from '../../../src/app/config/config.ts';
import { loadConfig } from '../../../src/app/config/load.ts';
import { Server } from '../../../src/app/runtime/server.ts';
import { fetchLimit } from '../../../src/control/discovery/loop.ts';
import { checkLimit } from '../../../src/control/healthcheck/monitor.ts';
import type { SocketAddress } from '../../../src/core/address.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { asError } from '../../../src/core/errors.ts';
import type { ServerTotals } from '../../../src/core/totals.ts';
import { DataPlane } from '../../../src/data/plane/data-plane.ts';
import { Dialer } from '../../../src/io/dialer.ts';
import { LOCAL_NAMES } from '../fakes/local-names.ts';
import { QueueWords } from '../../../src/ledger/queue-words.ts';
import { createLog } from '../../../src/log/log.ts';
import type { LogRecord } from '../rigs/plane.ts';

/** What a balancer tells of itself. */
export interface DaemonState {
  readonly totals: ServerTotals;
  /** Connections by row of the ledger; the rows that no backend has are 0. */
  readonly backendsActive: readonly number[];
  /** Clients that wait, as all threads know it. */
  readonly waiting: number;
  /** Clients that are counted and connected. */
  readonly clientsConnected: number;
  readonly descriptors: number;
  /** After a collection of the main thread's garbage; the others cannot be asked for theirs. */
  readonly rssBytes: number;
}

export type DaemonCommand =
  /** Makes this the configuration, with binds by address alone; answered by where it listens besides. */
  | { readonly type: 'apply'; readonly toml: string }
  /** Answered by a DaemonState. */
  | { readonly type: 'state' }
  /** Has the access log hand on what it has gathered. */
  | { readonly type: 'flush' }
  /** Ends it, once what it has said is on its way. */
  | { readonly type: 'stop' };

export type DaemonMessage =
  | { readonly type: 'answer'; readonly to: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly to: number; readonly reason: string }
  | { readonly type: 'access'; readonly lines: string }
  | { readonly type: 'log'; readonly record: LogRecord };

/** Rows that a ledger has from the start; no test has as many backends. */
const ROWS = 16;

const OBSERVE = { debug: false, accessLog: 'json' } as const;

const plane = new DataPlane({
  threads: Number(process.argv[2]),
  observe: OBSERVE,
  onLog: (level, message, fields) => tell({ type: 'log', record: { ...fields, level, message } }),
  onAccessLines: (lines) => tell({ type: 'access', lines }),
  onApplied: (_server, version) => running?.applied(version),
  onFailure: (report) => running?.failed(report),
  onShortage: () => undefined,
});

const log = createLog({ level: 'error', output: 'stderr', format: 'text' });

/** The one server, once there is a configuration. */
let running: Server | undefined;

async function answer(command: DaemonCommand): Promise<unknown> {
  switch (command.type) {
    case 'apply':
      return apply(await serverOf(command.toml));
    case 'state':
      return state();
    case 'flush':
      plane.observe(OBSERVE);
      return undefined;
    case 'stop':
      return stop();
    default:
      return command satisfies never;
  }
}

/** @throws Error when the text has errors */
async function serverOf(toml: string): Promise<ServerConfig> {
  const { config, diagnostics } = await loadConfig({ bytes: Buffer.from(toml), file: 'test.toml' });
  const server = config?.servers[0];
  if (server === undefined) throw new Error(JSON.stringify(diagnostics));
  return server;
}

/** As the program starts and reloads a server. @returns where it listens besides */
async function apply(server: ServerConfig): Promise<readonly SocketAddress[]> {
  const isNew = running === undefined;
  running ??= new Server(1, server, {
    resolver: LOCAL_NAMES,
    dialer: new Dialer(systemClock),
    clock: systemClock,
    random: Math.random,
    checkLimit: checkLimit(),
    fetchLimit: fetchLimit(),
    log: log.child('scheduler'),
    tell: () => undefined,
    publish: (id, snapshot) => plane.publish(id, snapshot),
    lacks: () => undefined,
    close: (id, slot) => plane.close(id, slot),
  });
  if (isNew) await running.start();
  const binds = server.binds.map((bind) => {
    if ('path' in bind) return bind;
    const { host, ...where } = bind;
    return { ip: host, ...where };
  });
  const listening = await plane.apply([running.deployment(server, binds)]);
  if (!isNew) await running.reconfigure(server);
  return listening.map(({ address }) => address);
}

function state(): DaemonState {
  if (running === undefined) throw new Error('there is no configuration yet');
  const { ledger } = running;
  globalThis.gc?.();
  return {
    totals: ledger.serverTotals(),
    backendsActive: Array.from({ length: ROWS }, (_, slot) => ledger.active(slot)),
    waiting: new QueueWords(ledger.open(0).queue, 0).waiting,
    clientsConnected: running.clients()?.connected ?? 0,
    descriptors: readdirSync('/proc/self/fd').length,
    rssBytes: process.memoryUsage.rss(),
  };
}

function tell(message: DaemonMessage): void {
  if (process.connected) process.send?.(message);
}

// One command after the other: a reload is over before the next begins.
let inTurn = Promise.resolve();
process.on('message', ({ number, command }: { readonly number: number; readonly command: DaemonCommand }) => {
  inTurn = inTurn.then(async () => {
    try {
      tell({ type: 'answer', to: number, value: await answer(command) });
    } catch (thrown) {
      tell({ type: 'failed', to: number, reason: asError(thrown).message });
    }
  });
});
process.once('disconnect', () => void stop());

async function stop(): Promise<void> {
  running?.stop();
  await plane.stop();
  // Nothing else keeps the process.
  process.removeAllListeners('message').removeAllListeners('disconnect');
}
