/**
 * Looks at a tslb as people and tools do: an open stats page and `tslb top` follow the stream of events, Prometheus
 * scrapes once a second. Arguments: the unix sockets of the API, the metrics and the stats page. It prints `at work` when
 * each has answered, and fails when one does not any more.
 */
import { Agent, request } from 'undici';

import { systemClock } from '../../src/core/clock.ts';

const EVERY_MS = 1000;

const [api = '', metrics = '', stats = ''] = process.argv.slice(2);
const prometheus = clientOf(metrics);

/** Connections are kept, as Prometheus and browsers keep theirs. */
function clientOf(socketPath: string): Agent {
  return new Agent({ connect: { socketPath }, bodyTimeout: 0, keepAliveTimeout: 10 * EVERY_MS });
}

async function open(dispatcher: Agent, path: string) {
  const { statusCode, body } = await request(`http://tslb${path}`, { dispatcher });
  if (statusCode !== 200) throw new Error(`${path} answers ${statusCode}`);
  return body;
}

/** Resolves when the first bytes have come; then goes on to the end of the process. */
async function follow(socketPath: string, path: string): Promise<void> {
  const chunks = (await open(clientOf(socketPath), path))[Symbol.asyncIterator]();
  await chunks.next();
  void drain(chunks, path);
}

async function drain(chunks: AsyncIterator<unknown>, path: string): Promise<void> {
  while ((await chunks.next()).done !== true);
  throw new Error(`${path} has ended`);
}

async function scrape(): Promise<void> {
  await (await open(prometheus, '/metrics')).dump({ limit: Infinity });
}

await follow(api, '/v1/events');
await follow(stats, '/stats/v1/events');
await scrape();
process.stdout.write('at work\n');
systemClock.every(EVERY_MS, () => void scrape());
