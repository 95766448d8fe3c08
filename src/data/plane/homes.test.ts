import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EngineKind } from '../engines/registry.ts';
import { Homes } from './homes.ts';
import { bindsOf, place } from './placement.ts';

const UDP = { ip: '127.0.0.1', port: 53, protocol: 'udp' } as const;
const TCP = { ip: '127.0.0.1', port: 53 } as const;

interface Thread {
  readonly name: string;
  readonly engine: EngineKind;
}

function binds(engine: EngineKind = 'epoll') {
  return bindsOf([{ name: 'dns', engine, binds: [TCP, UDP] }]);
}

test('a bind of UDP is on one thread of an engine whose threads share listeners', () => {
  const threads = [1, 2].map((n): Thread => ({ name: `${n}`, engine: 'epoll' }));
  const places = place(binds(), new Map(), { most: 2, of: () => threads, spawn: () => undefined });
  assert.deepEqual(
    [...places].map(([bind, on]) => [bind, on.length]),
    [
      ['127.0.0.1:53', 2],
      ['127.0.0.1:53/udp', 1],
    ],
  );
});

test('a bind of UDP returns to the thread that it was on, until that has died, and with its engine alone', () => {
  const homes = new Homes<Thread>();
  const home: Thread = { name: 'home', engine: 'epoll' };
  const other: Thread = { name: 'other', engine: 'epoll' };
  const everywhere = [home, other];
  homes.note(binds(), new Map(binds().map(({ bind }) => [bind, bind.endsWith('udp') ? [home] : everywhere])));
  assert.deepEqual([...homes.with(new Map(), binds())], [['127.0.0.1:53/udp', [home]]]);
  assert.deepEqual([...homes.with(new Map(), binds('net'))], []);
  const moved = new Map([['127.0.0.1:53/udp', [other]]]);
  assert.deepEqual([...homes.with(moved, binds())], [...moved]);
  homes.threadDied(home);
  assert.deepEqual([...homes.with(new Map(), binds())], []);
});
