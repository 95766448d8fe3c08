import { ALLOW_ALL, type AccessRules } from '../../../src/access/rules.ts';
import { SilentAddresses } from '../../../src/core/happy-eyeballs.ts';
import type { Limits } from '../../../src/core/limits.ts';
import type { SendProxy } from '../../../src/core/proxy-protocol.ts';
import type { Random } from '../../../src/core/random.ts';
import type { Candidate, Snapshot } from '../../../src/core/snapshot.ts';
import type {
  FailureReport,
  LogFields,
  ServerSpec,
  ShortageReport,
  ThreadLogLevel,
} from '../../../src/data/protocol/messages.ts';
import { QueueDirectory, queueWorkers, setQueueWorker } from '../../../src/data/protocol/queue-directory.ts';
import { ShortageReports } from '../../../src/data/protocol/shortage-reports.ts';
import { ThreadCounters, threadCountersMemory } from '../../../src/data/protocol/thread-counters.ts';
import { ThreadLog } from '../../../src/data/protocol/thread-log.ts';
import { AccessLog, type AccessEntry } from '../../../src/data/session/access-log.ts';
import { Frontend } from '../../../src/data/session/frontend.ts';
import type { Step } from '../../../src/data/session/session.ts';
import { STEPS } from '../../../src/data/session/steps/steps.ts';
import type { ClientTable } from '../../../src/ledger/client-table.ts';
import { ServerLedger } from '../../../src/ledger/server-ledger.ts';
import { FakeEngine, FakePair } from '../fakes/fake-engine.ts';
import { seededRandom } from '../fakes/test-capacity.ts';

export interface FakeBackend {
  readonly addresses?: number;
  readonly maxConnections?: number;
  /** Where it starts slowly; else it has all that it can. */
  readonly fullMaxConnections?: number;
  readonly priority?: number;
  readonly weight?: number;
  readonly maxFails?: number;
  readonly sendProxy?: SendProxy;
  readonly sni?: readonly string[];
  readonly alpn?: readonly string[];
}

export interface FrontingOptions {
  readonly backends?: readonly FakeBackend[];
  readonly limits?: Partial<Limits>;
  readonly access?: AccessRules;
  readonly balance?: ServerSpec['balance'];
  readonly ledger?: ServerLedger;
  readonly clients?: ClientTable;
  readonly thread?: number;
  /** Those of threads of one engine, unless given. */
  readonly queues?: QueueDirectory;
  readonly debug?: boolean;
  readonly engine?: FakeEngine;
  readonly random?: Random;
  readonly steps?: readonly Step[];
  readonly silent?: SilentAddresses;
}

const WORKERS = 8;

export interface Said {
  readonly level: ThreadLogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

export const LIMITS: Limits = {
  maxConnections: 0,
  connectTimeoutMs: 0,
  clientIdleMs: 0,
  backendIdleMs: 0,
  clientFinMs: 0,
  backendFinMs: 0,
  unacknowledgedMs: 0,
  keepAlive: { idleMs: 15_000, intervalMs: 15_000, count: 9 },
  sourceAddresses: [],
  retries: 3,
  queue: { timeoutMs: 0, size: 0, perClient: 0, whenDown: false },
  perClient: { maxConnections: 0, rate: { count: 0, withinMs: 1_000 }, prefixV6: 64 },
  stickyMs: 0,
};

/** `b0:80`, `b1:80`, …, in slots 0, 1, …, with addresses 10.0.0.1, 10.0.0.2, … of port 8000 and its slot. */
export function snapshotOf(version: number, backends: readonly FakeBackend[]): Snapshot {
  return { version, backends: backends.map(candidateOf) };
}

function candidateOf(backend: FakeBackend, slot: number): Candidate {
  const { addresses = 1, maxConnections = 0, priority = 1, weight = 1, maxFails = 0 } = backend;
  return {
    slot,
    key: `b${slot}:80`,
    addresses: Array.from({ length: addresses }, (_, index) => ({ ip: `10.0.0.${index + 1}`, port: 8_000 + slot })),
    weight,
    priority,
    maxConnections,
    fullMaxConnections: backend.fullMaxConnections ?? maxConnections,
    serial: slot + 1,
    maxFails,
    ...(backend.sendProxy !== undefined && { sendProxy: backend.sendProxy }),
    ...(backend.sni !== undefined && { sni: backend.sni }),
    ...(backend.alpn !== undefined && { alpn: backend.alpn }),
  };
}

/** A server's policy over pairs without sockets, with a real ledger. */
export function fronting({
  backends = [{}],
  limits = {},
  access = ALLOW_ALL,
  balance = 'roundrobin',
  ledger = ledgerFor(backends.length),
  clients,
  thread = 0,
  debug = false,
  engine = new FakeEngine(),
  queues = queuesOf(engine.calls.workerIndex),
  random = seededRandom(),
  steps = STEPS,
  silent = new SilentAddresses(),
}: FrontingOptions = {}) {
  const said: Said[] = [];
  const lines: string[] = [];
  const log = new ThreadLog(
    (report) => report.type === 'log' && said.push(report),
    () => engine.now(),
    debug,
  );
  const accessLog = new AccessLog(engine, (text) => lines.push(...text.trimEnd().split('\n')), 'json');
  const failures: FailureReport[] = [];
  const shortages: ShortageReport[] = [];
  const spec: ServerSpec = {
    id: 1,
    name: 'web',
    binds: [],
    engine: 'net',
    balance,
    access,
    limits: { ...LIMITS, ...limits },
    ledger: ledger.open(thread),
    clients: clients?.open(thread),
    snapshot: snapshotOf(1, backends),
  };
  const frontend = new Frontend(spec, {
    engine,
    random,
    steps,
    log,
    accessLog,
    counters: new ThreadCounters(threadCountersMemory()),
    queues,
    shortages: new ShortageReports((shortage) => shortages.push(shortage), engine),
    silent,
    report: (failure) => failures.push(failure),
  });

  /** A client comes. */
  function accept(pair = new FakePair()): FakePair {
    frontend.accepted(pair);
    return pair;
  }

  /** The access log so far. */
  function entries(): readonly (AccessEntry & { readonly backend: string | null })[] {
    accessLog.flush();
    return lines.map((line) => JSON.parse(line) as AccessEntry & { readonly backend: string | null });
  }

  return { engine, clock: engine.clock, frontend, spec, ledger, said, failures, shortages, accept, entries };
}

/** Of the thread with this queue, where the first ones are those of the engine's workers in order. */
function queuesOf(number: number): QueueDirectory {
  const workers = queueWorkers();
  for (let worker = 0; worker < WORKERS; worker++) setQueueWorker(workers, worker, worker);
  return new QueueDirectory({ number, workers });
}

export function ledgerFor(backends: number): ServerLedger {
  const ledger = new ServerLedger();
  for (let slot = 0; slot < backends; slot++) ledger.allocate();
  return ledger;
}
