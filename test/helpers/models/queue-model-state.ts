import type { Cause } from '../../../src/core/cause.ts';
import type { PairEnd } from '../../../src/core/engine.ts';
import type { Limits } from '../../../src/core/limits.ts';
import type { Candidate, Snapshot } from '../../../src/core/snapshot.ts';
import type { FailureReport } from '../../../src/data/protocol/messages.ts';
import { expectedCause } from '../rigs/ends.ts';
import type { ModelClient } from './queue-clients.ts';
import type { TellingPair } from './queue-threads.ts';

/** The model of a thread. */
export interface ModelThread {
  readonly number: number;
  snapshot: Snapshot;
  limits: Limits;
  /** Since when those limits hold here. */
  limitsSince: number;
  isDead: boolean;
  /** What it has to report next. */
  readonly reports: string[];
}

/** Where a connection is. While it is `deciding`, the policy has to say what becomes of it. */
export type Stage = 'deciding' | 'waiting' | 'dialling' | 'connected' | 'ending';

/** The model of one connection. */
export interface ModelConnection {
  readonly pair: TellingPair;
  readonly thread: ModelThread;
  /** Undefined where nobody is counted. */
  client: ModelClient | undefined;
  readonly acceptedAt: number;
  /** For the first time, and after each wait; when it gave up waiting. */
  electedAt: number;
  /** It has a place at the server. */
  isIn: boolean;
  stage: Stage;
  wasConnected: boolean;
  /** The backend whose place it holds. */
  backend: Candidate | undefined;
  /** One of its backend's addresses failed for want of something of this host. */
  isExhausted: boolean;
  readonly tried: Candidate[];
  /** Why the last of these failed. */
  failure: Cause | undefined;
  /** When its last dial failed, no backend was up for it any more, and it may wait for one. */
  waitsForBackend: boolean;
  /** Since when it waits. */
  since: number;
  /** When it began to wait the last time. */
  joinedAt: number;
  /** Among all that ever waited; 0 for one that never did. */
  turn: number;
  /** The backend whose dial failed last. */
  lastFailed: Candidate | undefined;
  /** When it has shown that its backend serves clients, if that is tried by it. */
  passesAt: number;
  rxBytes: number;
  txBytes: number;
  cause: Cause | undefined;
}

/** A connection that tries a backend has shown by then that it serves clients, if not before. */
const PASSES_AFTER_MS = 1_000;

/** How often a thread looks at those that wait there. */
export const TICK_MS = 50;

/** When one that waits has waited too long, at the latest. */
export function closedBy({ since, joinedAt, thread }: ModelConnection): number {
  return Math.max(since + thread.limits.queue.timeoutMs, joinedAt, thread.limitsSince) + TICK_MS;
}

/** The model of a backend: of a row of the ledger while it is this backend's. */
export class ModelBackend {
  active = 0;
  peak = 0;
  total = 0;
  refused = 0;
  retried = 0;
  rx = 0;
  tx = 0;
  failures = 0;
  /** A connection where it is being tried by one. */
  state: 'in use' | 'ejected' | 'probing' | ModelConnection = 'in use';

  get isInUse(): boolean {
    return this.state === 'in use';
  }

  /** Gets clients, or one. */
  get isWilling(): boolean {
    return this.state === 'in use' || this.state === 'probing';
  }

  elected(connection: ModelConnection): void {
    this.active += 1;
    this.peak = Math.max(this.peak, this.active);
    if (this.state === 'probing') this.state = connection;
  }

  connected(connection: ModelConnection, now: number): void {
    this.total += 1;
    connection.passesAt = now + PASSES_AFTER_MS;
  }

  /** The connection has shown that the backend serves it. */
  answered(connection: ModelConnection, { maxFails }: Candidate): FailureReport['what'] | undefined {
    if (this.state !== connection) return undefined;
    this.state = 'in use';
    this.failures = Math.max(1, maxFails) - 1;
    return 'passed';
  }

  failed(connection: ModelConnection, { maxFails }: Candidate): FailureReport['what'] | undefined {
    if (this.state === connection) {
      this.state = 'ejected';
      return 'ejected';
    }
    if (maxFails === 0) return undefined;
    this.failures += 1;
    if (this.failures < maxFails) return this.failures === 1 ? 'first' : undefined;
    if (this.state !== 'in use') return undefined;
    this.state = 'ejected';
    return 'ejected';
  }

  left(connection: ModelConnection): void {
    this.active -= 1;
    if (this.state === connection) this.state = 'probing';
  }

  restore(): void {
    this.failures = 0;
    this.state = 'in use';
  }
}

/** By end, while data flowed and after the backend had finished. */
export function causeOf(connection: ModelConnection, end: PairEnd, hadFinished: boolean): Cause {
  if (connection.cause === 'KD' && hadFinished) return 'KL';
  if (connection.cause === 'DD' && hadFinished) return 'DL';
  if (connection.cause !== undefined) return connection.cause;
  if (connection.wasConnected) return expectedCause(end, hadFinished);
  return connection.stage === 'waiting' ? 'CQ' : 'CC';
}
