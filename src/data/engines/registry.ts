import type { SocketAddress } from '../../core/address.ts';
import type { DatagramEngine } from '../../core/datagrams.ts';
import type { EngineCapabilities, EngineDefinition } from './common/engine-kind.ts';
import type { EngineSetup } from './common/engine-setup.ts';
import type { Lifeline } from './common/lifeline.ts';
import type { SharedListener } from './common/shared-listener.ts';
import type { EngineWorker, Wakers } from './common/wakers.ts';
import * as kinds from './kinds.ts';

export type { EngineWorker, Wakers } from './common/wakers.ts';
export type { EngineSetup } from './common/engine-setup.ts';
export type { SharedListener } from './common/shared-listener.ts';
export { PortSharing } from './linux/port-sharing.ts';
export type { Lifeline } from './common/lifeline.ts';

/** What engines are called. */
export type EngineKind = (typeof kinds)[keyof typeof kinds]['kind'];

const engines: ReadonlyMap<EngineKind, EngineDefinition<EngineKind>> = new Map(
  Object.values(kinds).map((definition) => [definition.kind, definition]),
);

export const ENGINE_KINDS: readonly EngineKind[] = [...engines.keys()];

/** Those among which `auto` chooses, the best one first. */
export const AUTO_KINDS: readonly EngineKind[] = ENGINE_KINDS.filter((kind) => rankOf(kind) < Infinity).sort(
  (one, other) => rankOf(one) - rankOf(other),
);

function rankOf(kind: EngineKind): number {
  return definitionOf(kind).autoRank ?? Infinity;
}

/** @throws RangeError when no engine is called so */
function definitionOf(kind: EngineKind): EngineDefinition<EngineKind> {
  const definition = engines.get(kind);
  if (definition === undefined) throw new RangeError(`there is no engine "${kind}"`);
  return definition;
}

/** @throws Error when the engine cannot run here */
export function createEngine(kind: EngineKind, setup: EngineSetup): DatagramEngine {
  return definitionOf(kind).create(setup);
}

export function capabilitiesOf(kind: EngineKind): EngineCapabilities {
  return definitionOf(kind).capabilities;
}

/** @param workers threads that may live at once @throws Error when the engine cannot run here */
export function createWakers(kind: EngineKind, workers: number): Wakers {
  return definitionOf(kind).wakers(workers);
}

/** Of this thread. @returns undefined for an engine that runs under Node's event loop */
export function createLifeline(kind: EngineKind, worker: EngineWorker): Lifeline | undefined {
  return capabilitiesOf(kind).ownsThread?.(worker);
}

export function youngGenerationMb(kind: EngineKind): number | undefined {
  return definitionOf(kind).youngGenerationMb;
}

/** Whether all threads of an engine can accept from one socket; where they cannot, a bind lives on one of them. */
export function sharesListeners(kind: EngineKind): boolean {
  return capabilitiesOf(kind).sharesListeners !== undefined;
}

interface SharedOptions {
  /** Threads that may hold it at once. */
  readonly workers: number;
  /** Whether it may overlap with listeners that allow it. */
  readonly isBeside: boolean;
}

/** @throws Error with the system's code, or when the engine cannot share */
export function openShared(
  kind: EngineKind,
  address: SocketAddress,
  { workers, isBeside }: SharedOptions,
): SharedListener {
  const open = capabilitiesOf(kind).sharesListeners;
  if (open === undefined) throw new TypeError(`threads of the engine ${kind} cannot share a listening socket`);
  return open(address, workers, isBeside);
}

/** @returns why an engine cannot run here, undefined when it can */
export function whyNoEngine(kind: EngineKind): string | undefined {
  return definitionOf(kind).whyNot?.();
}
