import assert from 'node:assert/strict';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { describe, test, type TestContext } from 'node:test';
import { whyNoEpoll } from '../epoll/engine.ts';
import { loadFfi } from './ffi.ts';
import type * as libc from './libc.ts';
import { HUNG_UP, READABLE } from './event-list.ts';

const reason = whyNoEpoll();

// What differs between the platforms, as one of them sees it.
describe('libc on', () => {
  /** The module anew, as a process of that platform has it. */
  async function elsewhere(t: TestContext, value: string, key: 'arch' | 'platform' = 'arch'): Promise<typeof libc> {
    const own = Object.getOwnPropertyDescriptor(process, key)!;
    const set = (descriptor: PropertyDescriptor) => {
      Object.defineProperty(process, key, descriptor);
      syncBuiltinESMExports();
    };
    t.after(() => set(own));
    set({ ...own, value });
    return (await import(`${import.meta.url.replace('platforms.test.', 'libc.')}?${value}`)) as typeof libc;
  }

  // Packed on x86-64 alone: sys/epoll.h of glibc and of musl.
  for (const [name, bytes, dataAt] of [
    ['x64', 12, 4],
    ['arm64', 16, 8],
    ['riscv64', 16, 8],
  ] as const) {
    test(`${name}: an event has ${bytes} bytes, its data from ${dataAt} on`, { skip: reason ?? false }, async (t) => {
      const { loadLibc: load } = await elsewhere(t, name);
      const list = load().eventList(2);
      assert.equal(list.memory.length, 2 * bytes);
      const second = new DataView(list.memory.buffer, list.memory.byteOffset + bytes);
      second.setInt32(0, READABLE | HUNG_UP, true);
      second.setInt32(dataAt, 1234, true);
      second.setUint32(dataAt + 4, 0xffff_fff0, true);
      assert.deepEqual([list.events(1), list.fd(1), list.tag(1)], [READABLE | HUNG_UP, 1234, 0xffff_fff0]);
    });
  }

  test('an architecture that is not known: no engine, and why', { skip: reason ?? false }, async (t) => {
    const { loadLibc: load } = await elsewhere(t, 'mips');
    assert.throws(load, { message: "the layout of epoll's events on mips is not known" });
  });

  test('another system: no engine, and why', async (t) => {
    const { loadLibc: load } = await elsewhere(t, 'darwin', 'platform');
    assert.throws(load, { message: 'epoll needs Linux, and this is darwin' });
  });

  test('glibc and musl alike: it is the one that the process has', { skip: reason ?? false }, (t) => {
    const load = t.mock.method(createRequire(import.meta.url)('koffi') as { load(path: null): unknown }, 'load');
    loadFfi();
    assert.deepEqual(
      load.mock.calls.map(({ arguments: [path] }) => path),
      [null],
    );
  });
});
