import type { Measurement } from '../figures.ts';
import { sendHellos } from '../hello/programs.ts';
import type { ServiceName } from '../subjects/subject.ts';
import { roomForSockets } from './connections.ts';
import { type Bench, cpuFigure, type Work } from './work.ts';

const CLIENTS = 100;
const WARMUP = 500;

async function measure(bench: Bench, service: ServiceName): Promise<Measurement> {
  const connections = bench.scale.hellos;
  await roomForSockets(connections + WARMUP, bench.signal);
  const order = { port: bench.open.port(service), clients: CLIENTS, connections, warmup: WARMUP };
  const { seconds, rise: cpuS } = await sendHellos(order, () => bench.open.cpuSeconds(), bench.signal);
  return {
    perSecond: connections / seconds,
    ...cpuFigure('cpuSPer10kConnections', bench, (cpuS / connections) * 10_000),
  };
}

/** A new connection for each ClientHello, which is answered with a few bytes: the same through each service. */
function hello(title: string, service: ServiceName, isForDirect = false): Work {
  return { title, needs: ['koffi'], services: [service], isForDirect, measure: (bench) => measure(bench, service) };
}

export const helloPlain = hello('TLS hellos', 'hello', true);
export const helloByName = hello('TLS hellos by name', 'names');
export const helloProxyV1 = hello('TLS hellos behind PROXY v1', 'proxy-v1');
export const helloProxyV2 = hello('TLS hellos behind PROXY v2', 'proxy-v2');
