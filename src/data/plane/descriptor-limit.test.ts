import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { extname } from 'node:path';
import { platform } from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Descriptors } from '../engines/common/descriptors.ts';
import { DescriptorLimit } from './descriptor-limit.ts';

const skip = platform === 'linux' ? false : 'counts come from /proc';

test('until it has measured, there is no limit', () => {
  const limit = new DescriptorLimit();
  assert.deepEqual([...new Int32Array(limit.budget('net').shared)], [0, 2 ** 31 - 1]);
  assert.equal(limit.pairs, 2 ** 31 - 1);
});

test('each two descriptors that are open for something else cost a connection', { skip }, (t) => {
  const limit = new DescriptorLimit();
  limit.measure();
  const before = limit.pairs;
  assert.ok(before > 0 && before < 2 ** 31 - 1);
  const held = Array.from({ length: 20 }, () => openSync('/dev/null', 'r'));
  t.after(() => {
    for (const fd of held) closeSync(fd);
  });
  limit.measure();
  assert.equal(limit.pairs, before - 10);
  // Those of connections that are open now are not for something else.
  new Int32Array(limit.budget('net').shared)[0] = 10;
  limit.measure();
  assert.equal(limit.pairs, before);
});

test('what a dead thread held is given back', () => {
  const limit = new DescriptorLimit();
  const [dead, alive] = [limit.budget('net'), limit.budget('net')];
  const threads = [new Descriptors(dead), new Descriptors(alive)];
  for (const thread of threads) for (let n = 0; n < 3; n++) assert.ok(thread.claim());
  threads[0]?.release();
  limit.reclaim(dead);
  assert.equal(new Int32Array(dead.shared)[0], 3);
});

/** What a process with this soft limit may have, asked of a process of its own. */
function pairsAt(softLimit: number, open: number): { readonly pairs: number; readonly open: number } {
  const module = new URL(`./descriptor-limit${extname(import.meta.url)}`, import.meta.url).href;
  const script = `
    import { openSync, readdirSync } from 'node:fs';
    import { DescriptorLimit } from ${JSON.stringify(module)};
    for (let i = 0; i < ${open}; i++) openSync('/dev/null', 'r');
    const limit = new DescriptorLimit();
    limit.measure();
    console.log(JSON.stringify({ pairs: limit.pairs, open: readdirSync('/proc/self/fd').length }));
  `;
  const shell = `ulimit -n ${softLimit} && exec "$0" --input-type=module --eval "$1"`;
  const said = execFileSync('/bin/sh', ['-c', shell, process.execPath, script], {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  });
  return JSON.parse(said) as { pairs: number; open: number };
}

test('connections are half of what the soft limit leaves, less a reserve', { skip }, () => {
  const { pairs, open } = pairsAt(256, 0);
  assert.equal(pairs, Math.floor((256 - open - 12) / 2));
});

test('however few are left, one client is served', { skip }, () => {
  assert.equal(pairsAt(64, 40).pairs, 1);
});
