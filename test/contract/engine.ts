import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import {
  capabilitiesOf,
  ENGINE_KINDS,
  sharesListeners,
  whyNoEngine,
  type EngineKind,
} from '../../src/data/engines/registry.ts';
import { startPlane, type PlaneOptions, type TestPlane } from '../helpers/rigs/plane.ts';
import { addresses } from './engine/addresses.ts';
import { backpressure } from './engine/backpressure.ts';
import { balance } from './engine/balance.ts';
import { calls } from './engine/calls.ts';
import { chaos } from './engine/chaos.ts';
import { connections } from './engine/connections.ts';
import { dials } from './engine/dials.ts';
import { ends } from './engine/ends.ts';
import { failures } from './engine/failures.ts';
import { halfClosed } from './engine/half-closed.ts';
import { handover } from './engine/handover.ts';
import { idle } from './engine/idle.ts';
import { keepAlive } from './engine/keep-alive.ts';
import { kernelFacts } from './engine/kernel-facts.ts';
import { lastWords } from './engine/last-words.ts';
import { linkLocal } from './engine/link-local.ts';
import { limits } from './engine/limits.ts';
import { peeks } from './engine/peeks.ts';
import { prefaces } from './engine/prefaces.ts';
import { taken } from './engine/taken.ts';
import { proxyProtocol } from './engine/proxy-protocol.ts';
import { queue } from './engine/queue.ts';
import { reload } from './engine/reload.ts';
import { resources } from './engine/resources.ts';
import { silence } from './engine/silence.ts';
import { slowReaders } from './engine/slow-readers.ts';
import { standstill } from './engine/standstill.ts';
import { tlsNames } from './engine/tls-names.ts';
import { threads } from './engine/threads.ts';
import { transfer } from './engine/transfer.ts';
import { vanished } from './engine/vanished.ts';
import { waits } from './engine/waits.ts';

/** One engine, as the suite runs it. */
export interface EngineUnderTest {
  readonly kind: EngineKind;
  /** Whether all its threads accept from one socket. */
  readonly sharesListeners: boolean;
  /** Whether a client for whom there are no descriptors waits in the backlog, or is closed at once. */
  readonly pausesAccepting: boolean;
}

/** Says one thing that every engine does. */
export type Check = (
  name: string,
  run: (t: TestContext, start: Start) => Promise<void>,
  options?: CheckOptions,
) => void;

export interface CheckOptions {
  /** Why it cannot run here. */
  readonly skip?: string | false;
}

/** Starts a data plane whose threads run the engine. */
export type Start = (options: PlaneOptions) => Promise<TestPlane>;

type Theme = (check: Check, engine: EngineUnderTest) => void;

/** In parts, each with a test file of its own: those run at the same time. */
const THEMES = {
  bytes: { transfer, ends, backpressure, peeks, taken, prefaces, proxyProtocol, addresses, linkLocal, lastWords },
  limits: { idle, keepAlive, halfClosed, slowReaders, silence, vanished },
  clients: { dials, failures, waits, limits, balance, queue, connections, reload, handover, tlsNames },
  threads: { resources, threads, calls, chaos, standstill, kernelFacts },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Theme>>>>;

/** A case that takes longer hangs. */
const TIMEOUT_MS = 60_000;

/** What every engine does, on real sockets, under the policy of the data plane. */
export function engineContract(part: keyof typeof THEMES, kinds: readonly EngineKind[] = ENGINE_KINDS): void {
  for (const kind of kinds) oneEngine(kind, THEMES[part]);
}

function oneEngine(kind: EngineKind, themes: Readonly<Record<string, Theme>>): void {
  const engine: EngineUnderTest = {
    kind,
    sharesListeners: sharesListeners(kind),
    pausesAccepting: capabilitiesOf(kind).pausesAccepting === true,
  };
  const skip = whyNoEngine(kind) ?? false;
  const names = new Set<string>();
  const check: Check = (name, run, { skip: why = false } = {}) => {
    assert(!names.has(name), `two cases are called "${name}"`);
    names.add(name);
    test(name, { timeout: TIMEOUT_MS, skip: why }, async (t) => {
      await run(t, (options) => startPlane(t, { engine: kind, ...options }));
    });
  };
  suite(`engine ${kind}`, { skip }, () => {
    for (const [theme, cases] of Object.entries(themes)) suite(theme, () => cases(check, engine));
  });
}
