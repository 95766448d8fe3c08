import type { RequestsResult } from '../datagrams/orders.ts';
import { sendDatagrams } from '../datagrams/programs.ts';
import type { Measurement } from '../figures.ts';
import type { ServiceName } from '../subjects/subject.ts';
import { type Bench, cpuFigure, type Work } from './work.ts';

const CLIENT_PORTS = 1000;
const NEW_AT_ONCE = 100;
const NEW_BYTES = 64;
const WARMUP_SECONDS = 0.5;
const US_PER_SECOND = 1_000_000;

const BURST = { ports: 10, bytes: 1200, datagrams: 16, perSecond: 150_000 } as const;

/** For datagrams of one address, so of one thread. */
const COMMON = { needs: ['koffi'], isForDirect: true, isForOneThread: true } as const satisfies Partial<Work>;

interface Load {
  readonly ports: number;
  readonly bytes: number;
  readonly isNewEach: boolean;
}

async function measure(bench: Bench, service: ServiceName, load: Load): Promise<Measurement> {
  const { open, scale, signal } = bench;
  const times = { warmupSeconds: WARMUP_SECONDS, seconds: scale.datagramSeconds };
  const order = { kind: 'requests', port: open.port(service), ...load, ...times } as const;
  const { result, rise: cpuS } = await sendDatagrams(order, () => open.cpuSeconds(), signal);
  const { answered, lost, seconds } = result satisfies RequestsResult;
  return {
    perSecond: answered / seconds,
    ...cpuFigure('cpuUsPerPair', bench, (cpuS / answered) * US_PER_SECOND),
    lossPercent: (lost / (answered + lost)) * 100,
  };
}

/** A request and its answer from each of a thousand ports, one after the other. */
export function requests(title: string, bytes: number): Work {
  const load = { ports: CLIENT_PORTS, bytes, isNewEach: false };
  return { ...COMMON, title, services: ['datagrams'], measure: (bench) => measure(bench, 'datagrams', load) };
}

/** As a resolver asks: each request from a port of its own, and a session that ends with its answer. */
export const newSessions: Work = {
  ...COMMON,
  title: 'new UDP sessions',
  services: ['datagrams-once'],
  measure: (bench) => measure(bench, 'datagrams-once', { ports: NEW_AT_ONCE, bytes: NEW_BYTES, isNewEach: true }),
};

/** Bursts of 16 datagrams of 1,200 bytes, one way, from 10 clients that send each with one call. */
export const bursts: Work = {
  ...COMMON,
  title: 'UDP bursts of 16 × 1,200 bytes',
  services: ['sink'],
  async measure(bench) {
    const { open, scale, lab, signal } = bench;
    const order = {
      kind: 'bursts',
      port: open.port('sink'),
      sinkPort: lab.backendPort('sink'),
      ports: BURST.ports,
      bytes: BURST.bytes,
      datagrams: BURST.datagrams,
      burstsPerSecond: BURST.perSecond / BURST.datagrams,
      warmupSeconds: WARMUP_SECONDS,
      seconds: scale.datagramSeconds,
    } as const;
    const { result, rise: cpuS } = await sendDatagrams(order, () => open.cpuSeconds(), signal);
    const { sent, arrived, seconds } = result;
    if (arrived === 0) throw new Error('no datagram has arrived');
    return {
      perSecond: arrived / seconds,
      ...cpuFigure('cpuUsPerDatagram', bench, (cpuS / arrived) * US_PER_SECOND),
      lossPercent: (1 - arrived / sent) * 100,
    };
  },
};
