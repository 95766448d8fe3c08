import { afterPoll, systemClock } from '../../../core/clock.ts';
import type { DatagramEngine } from '../../../core/datagrams.ts';
import { LocalPorts } from '../../../io/local-ports.ts';
import { Descriptors } from '../common/descriptors.ts';
import type { EngineSetup } from '../common/engine-setup.ts';
import { UsedUpPorts } from '../common/used-up-ports.ts';
import { NetCalls } from './calls.ts';
import { NetDatagrams } from './datagram-listener.ts';
import { KernelTable } from './kernel-table.ts';
import { NetListener } from './listener.ts';
import { PeriodicVisitor } from './periodic-visitor.ts';
import { SendQueues } from './send-queues.ts';
import type { NetShared } from './shared.ts';
import { VISIT_EVERY_MS } from './silence.ts';

/** How long a client that has left may keep its place in a queue, where no event tells that it has. */
const PROBE_EVERY_MS = 1000;

/** Runs everywhere Node does: `net.Server`, `net.Socket` and `pipe`, under Node's own event loop. */
export function createNetEngine({ descriptors, worker }: EngineSetup): DatagramEngine {
  const clock = afterPoll(systemClock);
  const table = new KernelTable(systemClock);
  const shared: NetShared = {
    clock,
    table,
    descriptors: new Descriptors(descriptors),
    relays: new PeriodicVisitor(clock, VISIT_EVERY_MS, (relay) => relay.visit()),
    waiting: new PeriodicVisitor(clock, PROBE_EVERY_MS, (client) => client.probe()),
    sendQueues: new SendQueues(systemClock, table),
    localPorts: new LocalPorts(() => systemClock.now()),
    usedUpPorts: new UsedUpPorts(() => systemClock.now()),
  };
  return {
    kind: 'net',
    now: () => clock.now(),
    every: (ms, run) => clock.every(ms, run),
    calls: new NetCalls(worker),
    listen: (options) => new NetListener(options, shared),
    datagrams: new NetDatagrams(shared),
  };
}
