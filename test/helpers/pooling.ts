import { Pool } from '../../src/control/pool/pool.ts';
import type { BackendSpec } from '../../src/core/backend.ts';
import type { Candidate, Snapshot } from '../../src/core/snapshot.ts';
import { Names } from '../../src/io/names.ts';
import { ServerLedger } from '../../src/ledger/server-ledger.ts';
import { ThreadLedger } from '../../src/ledger/thread-ledger.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeLookup } from './fake-lookup.ts';

type Options = Partial<Omit<BackendSpec, 'target'>> & { readonly port?: number };

export function specOf(host: string, { port = 80, ...options }: Options = {}): BackendSpec {
  return { target: { host, port }, weight: 1, priority: 1, maxConnections: 0, ...options };
}

/** A pool with a ledger, a thread that may hold connections, a clock and a resolver that the test moves. */
export function pooling() {
  const clock = new FakeClock();
  const lookup = new FakeLookup();
  const ledger = new ServerLedger();
  const published: Snapshot[] = [];
  const unresolved: string[] = [];
  const pool = new Pool({
    ledger,
    names: new Names(clock, lookup.find),
    clock,
    publish: (snapshot) => published.push(snapshot),
    unresolved: (backend, { message }) => unresolved.push(`${backend}: ${message}`),
  });

  function candidate(host: string, port = 80): Candidate {
    const found = pool.snapshot.backends.find(({ key }) => key === `${host}:${port}`);
    if (found === undefined) throw new Error(`${host}:${port} is no candidate`);
    return found;
  }

  return { clock, lookup, ledger, published, unresolved, pool, thread: new ThreadLedger(ledger.open(0)), candidate };
}
