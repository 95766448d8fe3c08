import { balancers, type BalanceKind } from '../../../src/balance/registry.ts';
import type { Candidate } from '../../../src/core/snapshot.ts';
import type { ModelBackend, ModelConnection, ModelThread } from './queue-model-state.ts';

/** One that has waited so long asks again those that failed it. */
export const FORGIVES_AFTER_MS = 1_000;

type Backends = ReadonlyMap<number, ModelBackend>;

/** Whether there is a backend that gets clients, be it full. */
export function isUp(backends: Backends, { snapshot }: ModelThread, tried: readonly Candidate[]): boolean {
  const untried = snapshot.backends.filter((one) => !tried.some(({ serial }) => serial === one.serial));
  if (tried.length === 0 && !countsFailures(snapshot.backends)) return untried.length > 0;
  return untried.some(({ slot }) => backends.get(slot)?.isInUse);
}

/**
 * Where a client may go: untried or forgiven, with room, and not ejected unless all are. One that starts slowly has more
 * room where no other has any.
 */
export function available(backends: Backends, known: ModelConnection, at: number): readonly Candidate[] {
  const untried = free(backends, known.thread, known.tried);
  if (untried.length > 0 || known.stage !== 'waiting' || at - known.joinedAt < FORGIVES_AFTER_MS) return untried;
  return free(backends, known.thread, []);
}

function free(backends: Backends, thread: ModelThread, tried: readonly Candidate[]): readonly Candidate[] {
  const { snapshot, limits } = thread;
  const untried = snapshot.backends.filter(({ serial }) => !tried.some((one) => one.serial === serial));
  const withRoom = untried.filter(({ slot, fullMaxConnections }) => isBelow(backends, slot, fullMaxConnections));
  const willing = withRoom.filter(({ slot }) => backends.get(slot)!.isWilling);
  const eager = willing.filter(({ slot, maxConnections }) => isBelow(backends, slot, maxConnections));
  if (eager.length > 0) return eager;
  if (willing.length > 0 || limits.queue.whenDown) return willing;
  return countsFailures(snapshot.backends) && !isUp(backends, thread, []) ? withRoom : [];
}

/** Those that the policy may choose from now: the one that the client sticks to, or what the strategy goes by. */
export function choices(
  backends: Backends,
  known: ModelConnection,
  { balance, at }: { readonly balance: BalanceKind; readonly at: number },
): readonly Candidate[] {
  const { client } = known;
  const { stickyMs } = known.thread.limits;
  const sticks = client === undefined || stickyMs === 0 ? 'no' : client.ask(stickyMs, at);
  const all = available(backends, known, at);
  const own = all.filter(({ slot, serial, maxConnections }) => {
    return serial === client?.serial && backends.get(slot)?.isWilling && isBelow(backends, slot, maxConnections);
  });
  if (sticks === 'surely' && own.length > 0) return own;
  const preferred = byStrategy(backends, all, balance);
  return sticks === 'perhaps' ? [...own, ...preferred] : preferred;
}

/** Of the lowest priority that there is, those with a weight first where weights count, and of these the least busy. */
function byStrategy(backends: Backends, all: readonly Candidate[], balance: BalanceKind): readonly Candidate[] {
  const lowest = Math.min(...all.map(({ priority }) => priority));
  const tier = all.filter(({ priority }) => priority === lowest);
  if (!balancers[balance].weighted) return tier;
  const weighty = tier.filter(({ weight }) => weight > 0);
  const group = weighty.length > 0 ? weighty : tier;
  if (balance !== 'leastconn') return group;
  const load = ({ slot, weight }: Candidate): number => backends.get(slot)!.active / Math.max(1, weight);
  const least = Math.min(...group.map(load));
  return group.filter((one) => load(one) <= least + 1e-9);
}

function isBelow(backends: Backends, slot: number, limit: number): boolean {
  return limit === 0 || backends.get(slot)!.active < limit;
}

function countsFailures(backends: readonly Candidate[]): boolean {
  return backends.some(({ maxFails }) => maxFails > 0);
}
