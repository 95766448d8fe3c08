import type { PoolEvent } from '../../../src/control/pool/events.ts';
import { Pool } from '../../../src/control/pool/pool.ts';
import type { PoolSettings } from '../../../src/control/pool/settings.ts';
import { type BackendOverrides, NO_OVERRIDES, type BackendOverride } from '../../../src/core/backend-overrides.ts';
import type { BackendStatus } from '../../../src/core/backend-status.ts';
import { backendKey, type BackendSpec, type BackendState } from '../../../src/core/backend.ts';
import type { Candidate, Snapshot } from '../../../src/core/snapshot.ts';
import { Resolver } from '../../../src/io/names/resolver.ts';
import { ServerLedger } from '../../../src/ledger/server-ledger.ts';
import { ThreadLedger } from '../../../src/ledger/thread-ledger.ts';
import { FakeChecks } from '../fakes/fake-checks.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeLookup } from '../fakes/fake-lookup.ts';

type Options = Partial<Omit<BackendSpec, 'target'>> & { readonly port?: number };

export function specOf(host: string, { port = 80, ...options }: Options = {}): BackendSpec {
  return { target: { host, port }, weight: 1, priority: 1, maxConnections: 0, ...options };
}

/** As a server's that has none of the keys. */
export const SETTINGS: PoolSettings = {
  maxFails: 0,
  failTimeoutMs: 10_000,
  queuesWhenDown: false,
  panicThreshold: 0,
  closesOnDown: false,
  slowStartMs: 0,
};

export interface Pooling {
  readonly settings?: Partial<PoolSettings>;
  readonly checks?: FakeChecks;
}

/** A pool with a ledger, a thread that may hold connections, and checks, a clock and a resolver that the test moves. */
export function pooling({ settings = {}, checks = new FakeChecks() }: Pooling = {}) {
  const clock = new FakeClock();
  const lookup = new FakeLookup();
  const ledger = new ServerLedger();
  const published: Snapshot[] = [];
  let publishedAt = 0;
  const closed: number[] = [];
  const events: PoolEvent[] = [];
  const pool = new Pool(
    { ...SETTINGS, ...settings },
    {
      ledger,
      names: new Resolver(clock, lookup.find),
      clock,
      checks,
      publish: (snapshot) => {
        published.push(snapshot);
        publishedAt = clock.now();
      },
      close: (slot) => closed.push(slot),
      tell: (event) => events.push(event),
    },
  );
  checks.changed = (key, health) => pool.checked(key, health);
  const thread = new ThreadLedger(ledger.open(0));

  function configure(changed: Partial<PoolSettings>): void {
    pool.configure({ ...SETTINGS, ...settings, ...changed });
  }

  function candidate(host: string, port = 80): Candidate {
    const found = pool.snapshot.backends.find(({ key }) => key === `${host}:${port}`);
    if (found === undefined) throw new Error(`${host}:${port} is no candidate`);
    return found;
  }

  function status(host: string, port = 80): BackendStatus {
    const found = pool.status().find(({ key }) => key === `${host}:${port}`);
    if (found === undefined) throw new Error(`${host}:${port} is not in the pool`);
    return found;
  }

  let overrides = NO_OVERRIDES;

  function applyOverrides(change: Partial<BackendOverrides>): void {
    overrides = { ...overrides, ...change };
    pool.applyOverrides(overrides);
  }

  /** Puts the override in place of the one that the backend had. */
  function override(host: string, values: BackendOverride): void {
    applyOverrides({ changed: new Map(overrides.changed).set(`${host}:80`, values) });
  }

  /** Overrides the state; undefined clears the override. */
  function setState(host: string, state: BackendState | undefined): void {
    override(host, state === undefined ? {} : { state });
  }

  /** Adds a backend by an override. */
  function add(spec: BackendSpec): void {
    const key = backendKey(spec);
    const removed = new Set([...overrides.removed].filter((each) => each !== key));
    applyOverrides({ added: new Map(overrides.added).set(key, spec), removed });
  }

  /** Removes a backend by an override. */
  function remove(host: string): void {
    const key = `${host}:80`;
    const added = new Map([...overrides.added].filter(([each]) => each !== key));
    applyOverrides({ added, removed: new Set(overrides.removed).add(key) });
  }

  /** Hosts that get clients. */
  function serving(): readonly string[] {
    thread.refresh();
    return pool.snapshot.backends
      .filter(({ slot }) => thread.isInService(slot))
      .map(({ key }) => key.slice(0, -':80'.length));
  }

  /** What was told since the last time, in short. */
  function told(): readonly string[] {
    return events.splice(0).map(({ type, ...rest }) => ('backend' in rest ? `${type} ${rest.backend}` : type));
  }

  /** A client cannot connect; the thread counts it and reports what matters. */
  function fail(host: string, code = 'ECONNREFUSED'): void {
    const { slot, key, maxFails } = candidate(host);
    thread.refresh();
    if (maxFails === 0) return;
    const counted = thread.countFailure(slot, maxFails);
    if (counted !== undefined) pool.failed(key, slot, { what: counted === 'first' ? 'first' : 'ejected', code });
  }

  /** A client probes the backend. @returns false when it is not, or another does */
  function takeProbe(host: string, isWell: boolean): boolean {
    const { slot, key, maxFails } = candidate(host);
    thread.refresh();
    if (!thread.takeProbe(slot)) return false;
    if (isWell) thread.passesProbe(slot, maxFails);
    else thread.failsProbe(slot);
    pool.failed(key, slot, { what: isWell ? 'passed' : 'ejected', code: isWell ? '' : 'ECONNREFUSED' });
    return true;
  }

  return {
    clock,
    lookup,
    ledger,
    published,
    /** When the last one was. */
    publishedAt: () => publishedAt,
    closed,
    events,
    pool,
    checks,
    thread,
    configure,
    candidate,
    status,
    override,
    setState,
    add,
    remove,
    serving,
    told,
    fail,
    takeProbe,
  };
}
