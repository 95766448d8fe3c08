/**
 * A client that sends datagrams, in a process of its own. Prints `ready` after a warm-up, goes on when its input ends,
 * and prints what it has found. Argument: an order, as JSON.
 */
import { once } from 'node:events';

import { asError } from '../../../src/core/errors.ts';
import { loadLibc } from '../../../src/data/engines/linux/libc.ts';
import { Bursts } from './bursts.ts';
import type { BurstsOrder, RequestsOrder } from './orders.ts';
import { Requests } from './requests.ts';
import { UdpCalls } from './udp-calls.ts';

try {
  const order = JSON.parse(process.argv[2] ?? '') as RequestsOrder | BurstsOrder;
  const libc = loadLibc();
  const calls = new UdpCalls(libc);
  const load = order.kind === 'requests' ? new Requests(libc, calls, order) : new Bursts(libc, calls, order);
  load.run(order.warmupSeconds);
  process.stdout.write('ready\n');
  process.stdin.resume();
  await once(process.stdin, 'end');
  process.stdout.write(`${JSON.stringify(load.run(order.seconds))}\n`);
} catch (thrown) {
  process.stderr.write(`${asError(thrown).message}\n`);
  process.exitCode = 1;
}
