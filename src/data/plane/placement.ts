import { addressText, isUdp, type SocketAddress } from '../../core/address.ts';
import { sharesListeners, type EngineKind } from '../engines/registry.ts';

/** A bind that some server is to listen at. */
export interface WantedBind {
  readonly server: string;
  readonly engine: EngineKind;
  readonly address: SocketAddress;
  /** The address as text, which identifies it. */
  readonly bind: string;
}

/** The threads that run; more may be started, up to `most` of each engine. */
export interface SpawnableWorkers<Thread> {
  readonly most: number;
  of(engine: EngineKind): readonly Thread[];
  /** @returns undefined when no thread can be started */
  spawn(engine: EngineKind): Thread | undefined;
}

export type Placement<Thread> = ReadonlyMap<string, readonly Thread[]>;

interface Listens {
  readonly name: string;
  readonly engine: EngineKind;
  readonly binds: readonly SocketAddress[];
}

export function bindsOf(servers: readonly Listens[]): readonly WantedBind[] {
  return servers.flatMap(({ name, engine, binds }) =>
    binds.map((address) => ({ server: name, engine, address, bind: addressText(address) })),
  );
}

/** Whether all threads of its engine have a bind. Datagrams of one client have to come to one thread, which knows its session. */
export function isOnAllThreads({ engine, address }: Pick<WantedBind, 'engine' | 'address'>): boolean {
  return sharesListeners(engine) && !isUdp(address);
}

/**
 * Which threads have which bind. Where an engine's threads can share a listening socket, all of them have it. Else one
 * has, because Node cannot share a listener between threads safely: closing it in one closes the descriptor under the
 * other; nor are datagrams shared. A thread that has the bind already keeps it, for whichever server, so that it goes from one server to another
 * without a gap; a new bind goes to the thread with the fewest, a new one first.
 * @param current where binds are now; threads that have died are not in it
 * @throws Error when an engine gets no thread at all; where some cannot be started, those that run have to do
 */
export function place<Thread>(
  wanted: readonly WantedBind[],
  current: Placement<Thread>,
  workers: SpawnableWorkers<Thread>,
): Placement<Thread> {
  const places = new Map<string, readonly Thread[]>();
  const load = new Map<Thread, number>();
  const settle = (bind: string, thread: Thread): void => {
    places.set(bind, [thread]);
    load.set(thread, (load.get(thread) ?? 0) + 1);
  };
  for (const one of wanted) {
    const { bind, engine } = one;
    const [thread] = current.get(bind) ?? [];
    if (isOnAllThreads(one)) places.set(bind, allOf(engine, workers));
    else if (thread !== undefined) settle(bind, thread);
  }
  for (const { bind, engine } of wanted) {
    if (!places.has(bind)) settle(bind, leastLoaded(engine, workers, load));
  }
  return places;
}

/** Whether a bind lacks a thread that it should have. */
export function isShort<Thread>(wanted: readonly WantedBind[], current: Placement<Thread>, most: number): boolean {
  return wanted.some((one) => (current.get(one.bind)?.length ?? 0) < (isOnAllThreads(one) ? most : 1));
}

function allOf<Thread>(engine: EngineKind, workers: SpawnableWorkers<Thread>): readonly Thread[] {
  while (workers.of(engine).length < workers.most && workers.spawn(engine) !== undefined);
  return nonEmpty(workers.of(engine));
}

function leastLoaded<Thread>(
  engine: EngineKind,
  workers: SpawnableWorkers<Thread>,
  load: ReadonlyMap<Thread, number>,
): Thread {
  const able = workers.of(engine);
  const loads = able.map((thread) => load.get(thread) ?? 0);
  const least = Math.min(...loads);
  const spawned = least > 0 && able.length < workers.most ? workers.spawn(engine) : undefined;
  return spawned ?? (nonEmpty(able)[loads.indexOf(least)] as Thread);
}

function nonEmpty<Thread>(threads: readonly Thread[]): readonly Thread[] {
  if (threads.length === 0) throw new Error('no data-plane thread could be started');
  return threads;
}
