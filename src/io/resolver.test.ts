import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { FakeClock, turn } from '../../test/helpers/fakes/fake-clock.ts';
import { Resolver } from './resolver.ts';

const SRC = fileURLToPath(new URL('../../../src/', import.meta.url));

test('no more than two names are looked up at once in all, and a bind goes before names that are watched', async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const resolver = new Resolver(new FakeClock(), (host) => {
    asked.push(host);
    return new Promise((resolve) => answers.push(() => resolve(['192.0.2.1'])));
  });
  const events = { found: () => undefined, failed: () => undefined };
  const watches = ['a', 'b', 'c', 'd'].map((host) => resolver.names.watch(host, events));
  await turn();
  const checked = resolver.lookups.addresses('check', new AbortController().signal);
  const bound = resolver.names.resolve('bind');
  await turn();
  assert.deepEqual(asked, ['a', 'b']);
  answers[0]?.();
  answers[1]?.();
  await turn();
  assert.deepEqual(asked, ['a', 'b', 'check', 'bind']);
  answers[2]?.();
  answers[3]?.();
  assert.deepEqual([await checked, await bound], [['192.0.2.1'], ['192.0.2.1']]);
  for (const watch of watches) watch.stop();
});

test('a process has one resolver', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  const making = files.filter((file) => /new (?:Resolver|Names|Lookups)\(/.test(readFileSync(join(SRC, file), 'utf8')));
  assert.deepEqual(making.sort(), ['app/daemon.ts', 'io/resolver.ts']);
});
