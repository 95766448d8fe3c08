import type { BackendStatus } from '../../../src/core/backend-status.ts';
import type { Control } from '../../../src/core/control.ts';
import { TslbError } from '../../../src/core/errors.ts';
import type { ControlEvent, Events } from '../../../src/core/events.ts';
import type { Reading } from '../../../src/core/reading.ts';
import type { ServerStatus } from '../../../src/core/server-status.ts';
import type { BackendStats, Rates, ServerStats, Stats, StatsSnapshot } from '../../../src/core/stats.ts';
import type { Steering } from '../../../src/core/steering.ts';
import { serverStatus } from './statuses.ts';

const NO_RATES: Rates = { connections: 0, peakConnections: 0, rx: 0, tx: 0 };

/** Events that a test tells. */
export class FakeEvents implements Events {
  recent: ControlEvent[] = [];
  readonly listeners = new Set<(event: ControlEvent) => void>();

  subscribe(listener: (event: ControlEvent) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  tell(event: ControlEvent): void {
    this.recent.push(event);
    for (const listener of this.listeners) listener(event);
  }
}

/** Stats of servers that a test makes up; a second passes when it says so. */
export class FakeStats implements Stats {
  snapshot: StatsSnapshot;
  readonly listeners = new Set<(snapshot: StatsSnapshot) => void>();

  constructor(servers: readonly ServerStats[] = []) {
    this.snapshot = {
      at: Date.UTC(2026, 0, 31),
      process: { uptimeMs: 1000, rssBytes: 50_000_000, cpu: 0.1, loopDelayMs: 0.5 },
      threads: [{ number: 0, engine: 'net', connections: 0, accepted: 0 }],
      servers,
    };
  }

  latest(): StatsSnapshot {
    return this.snapshot;
  }

  now(): StatsSnapshot {
    return this.snapshot;
  }

  subscribe(listener: (snapshot: StatsSnapshot) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  history(): undefined {
    return undefined;
  }

  tick(): void {
    this.snapshot = { ...this.snapshot, at: this.snapshot.at + 1000 };
    for (const listener of this.listeners) listener(this.snapshot);
  }
}

/** @param backends with what differs from one at which nothing has happened */
export function serverStats(name: string, backends: readonly BackendStatus[]): ServerStats {
  const withRates = backends.map((backend): BackendStats => ({ ...backend, rates: NO_RATES }));
  return { ...serverStatus(name), rates: NO_RATES, backends: withRates };
}

/** What a test has a change do. */
type GivenSteering = { readonly [Role in keyof Steering]?: Partial<Steering[Role]> };

interface FakeControl extends Control {
  readonly reading: Reading & { readonly events: FakeEvents };
}

/** A control that has one empty server `web`, and refuses what a test does not give it. */
export function fakeControl({ servers, backends, connections, configuration }: GivenSteering = {}): FakeControl {
  const refuse = (): never => {
    throw new TslbError('TSLB_NOT_GIVEN', 'the test has not given this');
  };
  const web: ServerStatus = serverStatus('web');
  return {
    reading: {
      about: { version: '1.2.3', pid: 4711, startedAt: Date.UTC(2026, 0, 31), engine: 'net' },
      events: new FakeEvents(),
      logLevel: 'info',
      servers: () => [web],
      server: (name) => (name === 'web' ? web : undefined),
      backends: () => [],
      orphanedOverrides: () => [],
      threads: () => [],
      connections: refuse,
      serverConfig: () => ({ bind: ':1' }),
      dump: refuse,
      reloads: refuse,
      host: refuse,
      names: refuse,
    },
    steering: {
      servers: { put: refuse, patch: refuse, remove: refuse, ...servers },
      backends: { change: refuse, add: refuse, remove: refuse, ...backends },
      connections: { kill: refuse, killAll: refuse, ...connections },
      counters: { reset: refuse },
      logLevel: { set: refuse },
      configuration: { reload: refuse, ...configuration },
    },
  };
}
