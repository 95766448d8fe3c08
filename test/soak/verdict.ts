import type { Cause } from '../../src/core/cause.ts';
import type { EngineKind } from '../../src/data/engines/registry.ts';
import type { AccessLine } from '../helpers/rigs/plane.ts';
import { KIB } from '../helpers/sockets/payload.ts';
import type { Client } from './client.ts';
import type { Plan } from './plan.ts';

/** What became of a connection. */
export const FATES = [
  'whole',
  'left early',
  'reset by the backend',
  'cut by a kill',
  'cut when marked down',
  'turned away',
] as const;
export type Fate = (typeof FATES)[number];

export interface Verdict {
  /** Absent when it should not have ended so. */
  readonly fate: string | undefined;
  /** What is wrong with it. */
  readonly fault: string | undefined;
}

/** What happened when, besides the connections. */
export interface Circumstances {
  /** Whether a backend was dead at any moment between two of Date.now. */
  wasDead(backend: string, from: number, to: number): boolean;
  /** Whether the configuration had clients closed for this cause. */
  mayEndBy(cause: Cause, from: number, to: number): boolean;
  /** So many bytes a client that breaks its connection may have got more than were counted: those of one write. */
  readonly uncountedBytes: number;
}

/** A write of `net` that fails after its first part is not counted; it has two chunks of Node's at most. */
export function uncountedBytesOf(engine: EngineKind): number {
  return engine === 'net' ? 2 * 64 * KIB : 0;
}

/** What a TLS client is told that gets no backend. */
const ALERT_BYTES = 7;

/** Causes that a client can bring about by leaving. */
const LEFT_CAUSES = ['--', 'CC', 'CD', 'CL'];

/** Causes of clients that are taken for gone when they are to wait; the second where there is a place after all. */
const LEFT_QUEUE_CAUSES = ['CQ', 'CC'];

/** Causes of a backend that dies. */
const DEATH_CAUSES = ['--', 'SD', 'SL'];

/** Causes of a backend that is marked down. */
const DOWN_CAUSES = ['DD', 'DL'];

/** Causes of clients that no backend was asked for, and of those for which all that were asked were dead. */
const UNTRIED_CAUSES = ['PR', 'PC', 'SC', 'PQ', 'sQ'];
const TRIED_CAUSES = ['SC', 'PQ', 'sQ'];

/**
 * Compares what a client saw with what the balancer says of it.
 * @param line absent when the access log has none: that may be for a client that left before it was accepted
 */
export function judge(client: Client, line: AccessLine | undefined, circumstances: Circumstances): Verdict {
  const { plan, isHung, end, name } = client;
  if (isHung) return fault(`hangs: ${client.sentBytes} bytes sent, ${client.receivedBytes} received`);
  if (client.fault !== undefined) return fault(client.fault);
  if (line === undefined) {
    if (plan.cut !== undefined && name !== '') return fine('left early');
    return fault(`has no line in the access log, and ended with ${end}`);
  }
  const disagreement = disagreementOf(client, line, circumstances.uncountedBytes);
  if (disagreement !== undefined) return fault(disagreement);
  const fate = fateOf(client, line, circumstances);
  return fate === undefined ? fault(`ended with ${end} and cause ${line.cause}`) : fine(fate);
}

/** @returns bytes or a backend of which the two say different things */
export function disagreementOf(client: Client, line: AccessLine, uncountedBytes: number): string | undefined {
  const { sentBytes, receivedBytes, reply, plan } = client;
  const { rxBytes, txBytes, backend } = line;
  const moreBytes = plan.cut === undefined ? 0 : uncountedBytes;
  const alertBytes = backend === null && plan.lead.hello !== undefined ? ALERT_BYTES : 0;
  if (receivedBytes > rxBytes + moreBytes + alertBytes)
    return `got ${receivedBytes} bytes, of which the access log has ${rxBytes}`;
  if (txBytes > sentBytes) return `sent ${sentBytes} bytes, and the access log has ${txBytes}`;
  if (reply.name !== '' && reply.name !== backend)
    return `was served by ${reply.name}, not by ${backend ?? 'nobody'} as the access log says`;
  return undefined;
}

/** @returns what became of it, if that may have been */
export function fateOf(client: Client, line: AccessLine, circumstances: Circumstances): Fate | undefined {
  const { plan, isWhole, sentBytes, receivedBytes, startedAt } = client;
  const { rxBytes, txBytes, backend } = line;
  const cause = line.cause as Cause;
  const [from, to] = [startedAt, endOf(client, line)];
  if (backend === null && wasTurnedAway(client, line, circumstances)) return 'turned away';
  const isCounted = rxBytes === receivedBytes && [sentBytes, sentBytes - client.proxyHeaderBytes].includes(txBytes);
  if (isWhole && cause === '--' && isCounted) return 'whole';
  if (plan.cut !== undefined && LEFT_CAUSES.includes(cause)) return 'left early';
  // One that is awaited to speak first.
  if (cause === 'CR' && leavesQueue(plan) && circumstances.mayEndBy('CR', from, to)) return 'left early';
  if (LEFT_QUEUE_CAUSES.includes(cause) && leavesQueue(plan) && circumstances.mayEndBy('CQ', from, to))
    return 'left early';
  if (plan.request?.exchange === 'abort' && cause === 'SD') return 'reset by the backend';
  if (backend === null) return undefined;
  if (DEATH_CAUSES.includes(cause) && circumstances.wasDead(backend, from, to)) return 'cut by a kill';
  const isMarkedDown = DOWN_CAUSES.includes(cause) && circumstances.mayEndBy(cause, from, to);
  return isMarkedDown ? 'cut when marked down' : undefined;
}

/** A client that finishes without a word is taken for gone while it waits. */
export function leavesQueue({ cut, request }: Plan): boolean {
  return cut !== undefined || request === undefined;
}

/** Backends that could not be reached were dead, and the others full or down. */
function wasTurnedAway(client: Client, line: AccessLine, circumstances: Circumstances): boolean {
  const { tried } = line;
  const cause = line.cause as Cause;
  const [from, to] = [client.startedAt, endOf(client, line)];
  const isExpected = (tried.length === 0 ? UNTRIED_CAUSES : TRIED_CAUSES).includes(cause);
  return (
    isExpected &&
    circumstances.mayEndBy(cause, from, to) &&
    tried.every((backend) => circumstances.wasDead(backend, from, to))
  );
}

/** A client may have left while its last bytes were still on their way. */
function endOf({ endedAt }: Client, { time }: AccessLine): number {
  return Math.max(endedAt, Date.parse(time));
}

function fine(fate: Fate): Verdict {
  return { fate, fault: undefined };
}

function fault(reason: string): Verdict {
  return { fate: undefined, fault: reason };
}
