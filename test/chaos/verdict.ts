import type { AccessLine } from '../helpers/rigs/plane.ts';
import type { Client } from '../soak/client.ts';
import { disagreementOf, fateOf, leavesQueue, type Verdict } from '../soak/verdict.ts';
import type { Span } from '../soak/spans.ts';
import { LIMITS } from './config.ts';

/** What happened when, besides the connections. All times are Date.now's. */
export interface Circumstances {
  /** Whether the client's host was in trouble that breaks connections. */
  readonly wasCutOff: (client: Client, from: number, to: number) => boolean;
  /** The same of a backend. */
  readonly wasBroken: (backend: string, from: number, to: number) => boolean;
  /** Whether each backend was in trouble. */
  readonly wasNobodyThere: (from: number, to: number) => boolean;
  /** Whether the balancer's host had few ports. */
  readonly wasWithoutPorts: (from: number, to: number) => boolean;
  /** How much of this time the balancer stood still. */
  readonly stoodStillMs: (from: number, to: number) => number;
  /** As in the soak. */
  readonly uncountedBytes: number;
}

/** What a busy machine takes for anything, and a limit that is looked at only now and then. */
const SLACK_MS = 3000;

const MOST_DIALS_MS = LIMITS.dialMs * (1 + LIMITS.retries);

/**
 * Compares what a client saw with what the balancer says of it: bytes and times, and that nothing broke but what was in
 * trouble.
 */
export function judge(client: Client, line: AccessLine | undefined, circumstances: Circumstances): Verdict {
  const { isHung, end } = client;
  if (isHung) return fault(`hangs: ${client.sentBytes} bytes sent, ${client.receivedBytes} received`);
  if (client.fault !== undefined) return fault(client.fault);
  if (line === undefined) return judgeUnheard(client, circumstances);
  const wrong = disagreementOf(client, line, circumstances.uncountedBytes) ?? excessOf(client, line, circumstances);
  if (wrong !== undefined) return fault(wrong);
  const fate = fateAmong(client, line, circumstances);
  return fate === undefined ? fault(`ended with ${end} and cause ${line.cause}`) : { fate, fault: undefined };
}

function judgeUnheard(client: Client, circumstances: Circumstances): Verdict {
  const { startedAt, endedAt, plan, end } = client;
  if (plan.cut !== undefined) return { fate: 'left early', fault: undefined };
  if (circumstances.wasCutOff(client, startedAt, endedAt)) return { fate: 'cut off', fault: undefined };
  return fault(`has no line in the access log, and ended with ${end}`);
}

/** @returns which limit it waited beyond */
function excessOf(client: Client, line: AccessLine, circumstances: Circumstances): string | undefined {
  const { queueMs, connectMs, totalMs } = line;
  const endedAt = Date.parse(line.time);
  const allowedMs = SLACK_MS + circumstances.stoodStillMs(endedAt - totalMs, endedAt);
  if (queueMs > LIMITS.queueMs + MOST_DIALS_MS + allowedMs) return `waited ${queueMs} ms for a backend`;
  if (connectMs > MOST_DIALS_MS + allowedMs) return `waited ${connectMs} ms for a connect`;
  const servedAt = endedAt - totalMs + queueMs + connectMs;
  const silentMs = endedAt - Math.max(client.movedAt, servedAt);
  return silentMs > LIMITS.idleMs + allowedMs ? `was held for ${silentMs} ms in which nothing moved` : undefined;
}

function fateAmong(client: Client, line: AccessLine, circumstances: Circumstances): string | undefined {
  const { startedAt } = client;
  const { backend, tried } = line;
  const endedAt = Math.max(client.endedAt, Date.parse(line.time));
  const known = fateOf(client, line, {
    wasDead: (each, from, to) => circumstances.wasBroken(each, from, to),
    mayEndBy: (_cause, from, to) => circumstances.wasNobodyThere(from, to),
    uncountedBytes: circumstances.uncountedBytes,
  });
  if (known !== undefined) return known;
  // Clients may still wait when the last trouble is over.
  if (line.cause === 'CQ' && leavesQueue(client.plan)) return 'left early';
  if (backend === null && mayTurnAway(line, circumstances, { from: startedAt, to: endedAt })) return 'turned away';
  if (circumstances.wasCutOff(client, startedAt, endedAt)) return 'cut off';
  if (backend === null) return undefined;
  const isBroken = [backend, ...tried].some((each) => circumstances.wasBroken(each, startedAt, endedAt));
  return isBroken ? 'broken by its backend' : undefined;
}

/** A want of ports is told as what it is, unless another backend had failed for a reason of its own. */
function mayTurnAway({ cause, tried }: AccessLine, circumstances: Circumstances, { from, to }: Span): boolean {
  const { wasBroken, wasNobodyThere, wasWithoutPorts } = circumstances;
  if (wasNobodyThere(from, to)) return true;
  return wasWithoutPorts(from, to) && (cause === 'RC' || tried.some((backend) => wasBroken(backend, from, to)));
}

function fault(reason: string): Verdict {
  return { fate: undefined, fault: reason };
}
