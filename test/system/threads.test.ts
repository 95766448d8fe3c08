import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { ab } from '../../scripts/bench/ab.ts';
import { parseThreadSeconds } from '../../scripts/bench/usage.ts';
import { whyNoEngine } from '../../src/data/engines/registry.ts';
import { serverToml, startTslb } from '../helpers/processes/cli.ts';
import { startNginx } from '../helpers/processes/nginx.ts';
import { missingTools } from '../helpers/processes/tools.ts';

const THREADS = 2;
/** A machine that is busy with something else can starve one thread for a while. */
const ATTEMPTS = 3;

/** Processor time of each thread of a process. */
function threadSeconds(pid: number): ReadonlyMap<string, number> {
  const read = (thread: string) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1');
  return new Map(readdirSync(`/proc/${pid}/task`).map((thread) => [thread, parseThreadSeconds(read(thread))]));
}

const reason = whyNoEngine('epoll');

test(
  'threads end within 20 % of each other under a load of short connections',
  { skip: reason ?? missingTools('nginx', 'ab') },
  async (t) => {
    const backend = await startNginx(t, 'M1');
    const config = `[process]\nthreads = ${THREADS}\n` + serverToml('web', [backend.address], { engine: 'epoll' });
    const running = await startTslb(t, config);
    const url = `http://127.0.0.1:${running.at('web').port}/swap.html`;
    await ab(['-n', '5000', '-c', '100', url]);
    let ratio = 0;
    for (let attempt = 0; attempt < ATTEMPTS && ratio < 0.8; attempt++) {
      const before = threadSeconds(running.pid);
      const { failed, complete } = await ab(['-n', '20000', '-c', '100', url]);
      assert.deepEqual({ failed, complete }, { failed: 0, complete: 20_000 });
      const used = [...threadSeconds(running.pid)].map(([thread, seconds]) => seconds - (before.get(thread) ?? 0));
      const [most = 0, next = 0] = used.sort((one, other) => other - one).slice(0, THREADS);
      ratio = next / most;
      console.log(`processor time: ${most.toFixed(2)} s and ${next.toFixed(2)} s, ratio ${ratio.toFixed(2)}`);
    }
    assert.ok(ratio >= 0.8, `${ratio}`);
    assert.deepEqual(await running.stop(), { code: 0, signal: null });
  },
);
