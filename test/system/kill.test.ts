import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ab } from '../../scripts/bench/ab.ts';
import { serverToml, startTslb } from '../helpers/processes/cli.ts';
import { startNginx } from '../helpers/processes/nginx.ts';
import { machineOf, missingTools } from '../helpers/processes/tools.ts';

const CLIENTS = 50;

async function untilMachine(url: string, wanted: string): Promise<void> {
  while ((await machineOf(url)) !== wanted);
}

test(
  'kill -9 of one of two nginx under load costs its own connections only',
  { skip: missingTools('nginx', 'ab') },
  async (t) => {
    const [one, two] = [await startNginx(t, 'M1'), await startNginx(t, 'M2')];
    const running = await startTslb(t, serverToml('web', [one.address, two.address]));
    const url = `http://127.0.0.1:${running.at('web').port}/swap.html`;

    // -r: go on after a connection that is cut.
    const load = ab(['-r', '-n', '20000', '-c', String(CLIENTS), url]);
    while (two.requests < 500) await machineOf(url);
    await two.kill();
    const during = await load;
    await running.logged(/backend connect failed/);
    const after = await ab(['-n', '5000', '-c', String(CLIENTS), url]);
    await two.start();
    await untilMachine(url, 'M2');
    await running.logged(/backend reachable again/);
    const before = { M1: one.requests, M2: two.requests };
    const again = await ab(['-n', '5000', '-c', String(CLIENTS), url]);

    console.log('\nkill -9 of one of two nginx under ab, a connection for each request');
    console.table({
      'killed during the run': { complete: during.complete, failed: during.failed },
      'without it': { complete: after.complete, failed: after.failed },
      'with it back': { complete: again.complete, failed: again.failed },
    });
    assert.equal(during.complete, 20_000);
    // ab counts one that is cut up to three times: as a receive error, an exception and a wrong length.
    assert.ok(during.failed <= 3 * CLIENTS, `${during.failed} failed`);
    assert.deepEqual([after.complete, after.failed, after.non2xx], [5000, 0, 0]);
    assert.deepEqual([again.complete, again.failed, again.non2xx], [5000, 0, 0]);
    const [m1, m2] = [one.requests - before.M1, two.requests - before.M2];
    // nginx may count the request before it a moment later.
    assert.ok(Math.abs(m1 - m2) <= 1 && m1 + m2 <= 5001, `${m1} and ${m2}`);
    assert.deepEqual(await running.stop(), { code: 0, signal: null });
  },
);
