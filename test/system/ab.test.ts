import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ab, type AbReport } from '../../scripts/bench/ab.ts';
import { sideBySide } from '../helpers/processes/ab.ts';
import { serverToml, startTslb } from '../helpers/processes/cli.ts';
import { startNginx } from '../helpers/processes/nginx.ts';
import { machineOf, missingTools, usageOf } from '../helpers/processes/tools.ts';

const RUNS = [
  ['ab -k -n 100000 -c 100', 100_000],
  ['ab -n 20000 -c 100', 20_000],
] as const;

function assertClean(report: AbReport, requests: number): void {
  const { complete, failed, non2xx } = report;
  assert.deepEqual({ complete, failed, non2xx }, { complete: requests, failed: 0, non2xx: 0 });
}

test('ab loads two real nginx through tslb, and no request fails', { skip: missingTools('nginx', 'ab') }, async (t) => {
  const [one, two] = [await startNginx(t, 'M1'), await startNginx(t, 'M2')];
  const running = await startTslb(t, serverToml('web', [`${one.address} weight=2`, `${two.address} weight=3`]));
  const url = `http://127.0.0.1:${running.at('web').port}/swap.html`;
  await machineOf(url);
  const idle = usageOf(running.pid);

  for (const [command, requests] of RUNS) {
    const [, ...args] = command.split(' ');
    const straight = await ab([...args, `${one.url}/swap.html`]);
    const before = usageOf(running.pid);
    const through = await ab([...args, url]);
    const cpuUs = ((usageOf(running.pid).cpuMs - before.cpuMs) * 1000) / requests;
    console.log(sideBySide(command, through, straight));
    console.log(`  CPU time of tslb: ${cpuUs.toFixed(1)} µs a request`);
    assertClean(straight, requests);
    assertClean(through, requests);
  }

  // The last clients may have left before tslb saw their backends leave.
  while (usageOf(running.pid).descriptors > idle.descriptors) await machineOf(url);
  const after = usageOf(running.pid);
  console.table({ before: idle, after: after });
  running.signal('SIGTERM');
  await running.logged(/: stopping connections=0 /);
  assert.deepEqual(await running.ended, { code: 0, signal: null });
});
