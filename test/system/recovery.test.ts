import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ab } from '../../scripts/bench/ab.ts';
import { serverToml, startTslb } from '../helpers/processes/cli.ts';
import { startNginx } from '../helpers/processes/nginx.ts';
import { machineOf, missingTools } from '../helpers/processes/tools.ts';

const CLIENTS = 100;
const SLOW_START_MS = 5_000;

test(
  'with checks, kill -9 of one of two nginx costs its own connections only, and it comes back slowly',
  { skip: missingTools('nginx', 'ab') },
  async (t) => {
    const [one, two] = [await startNginx(t, 'M1'), await startNginx(t, 'M2')];
    const toml = serverToml('web', [one.address, two.address], {
      'healthcheck.kind': 'ping',
      'healthcheck.interval': '100ms',
      slow_start: `${SLOW_START_MS}ms`,
      on_down: 'close',
    });
    const running = await startTslb(t, toml);
    const url = `http://127.0.0.1:${running.at('web').port}/swap.html`;
    /** Of so many connections, how many the second one got. */
    const shareOfTwo = async (count: number): Promise<number> => {
      const before = two.requests;
      const { complete, failed } = await ab(['-n', String(count), '-c', '10', url]);
      assert.deepEqual([complete, failed], [count, 0]);
      return two.requests - before;
    };

    for (const keepAlive of [['-k'], []]) {
      const seen = two.requests;
      // -r: go on after a connection that is cut.
      const load = ab(['-r', ...keepAlive, '-n', '20000', '-c', String(CLIENTS), url]);
      while (two.requests < seen + 500) await machineOf(url);
      await two.kill();
      const { complete, failed } = await load;
      assert.equal(complete, 20_000);
      // ab counts one that is cut up to three times: as a receive error, an exception and a wrong length.
      assert.ok(failed <= 3 * CLIENTS, `${failed} failed`);
      await running.logged(/backend down/);
      assert.equal(await shareOfTwo(1_000), 0);

      await two.start();
      await running.logged(/backend up/);
      const upAt = performance.now();
      const first = await shareOfTwo(100);
      // On a machine so slow that the start is over nothing can be said.
      if (performance.now() - upAt < SLOW_START_MS / 2) assert.ok(first < 40, `${first} of the first 100`);
      while ((await shareOfTwo(100)) !== 50);
    }
    assert.deepEqual(await running.stop(), { code: 0, signal: null });
  },
);
