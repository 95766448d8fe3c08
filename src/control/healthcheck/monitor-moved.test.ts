import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { INTERVAL, monitoring, ping } from '../../../test/helpers/rigs/monitoring.ts';
import type { SocketAddress } from '../../core/address.ts';

/** A monitor of one backend whose addresses the test sets. */
function moving(first?: string) {
  const rig = monitoring(ping());
  let addresses: readonly SocketAddress[] | undefined;
  const set = (ip: string): void => void (addresses = [{ ip, port: 80 }]);
  if (first !== undefined) set(first);
  const backend = { key: 'web:80', target: { host: 'web', port: 80 }, addresses: () => addresses };
  rig.monitor.watch([backend]);
  const move = (ip: string): void => {
    set(ip);
    rig.monitor.moved(backend.key);
  };
  const asked = () => rig.check.begun.map((each) => each.ip);
  return { ...rig, move, asked };
}

describe('a backend whose name moves', () => {
  test('is checked at once at its new address', async () => {
    const { clock, check, move, asked, pass, monitor } = moving('192.0.2.1');
    check.answer = 'pass';
    await pass(INTERVAL);
    assert.deepEqual(asked(), ['192.0.2.1']);
    move('192.0.2.2');
    clock.advance(0);
    await turn();
    assert.deepEqual(asked(), ['192.0.2.1', '192.0.2.2']);
    assert.equal(clock.nextInMs, INTERVAL);
    monitor.stop();
  });

  test('is not held to what its old address says', async () => {
    const { clock, check, move, asked, pass, checked, monitor } = moving('192.0.2.1');
    await pass(INTERVAL);
    move('192.0.2.2');
    await turn();
    clock.advance(0);
    await turn();
    assert.deepEqual([asked(), checked], [['192.0.2.1', '192.0.2.2'], []]);
    check.pass('web:80');
    await turn();
    assert.deepEqual(checked, ['web:80 passed']);
    monitor.stop();
  });

  test('is checked also when it moves faster than a check ends: the second is let end, and counts if it passed', async () => {
    const { clock, check, move, asked, pass, checked, monitor } = moving('192.0.2.1');
    await pass(INTERVAL);
    for (const ip of ['192.0.2.2', '192.0.2.3']) {
      move(ip);
      await turn();
      clock.advance(0);
      await turn();
    }
    assert.deepEqual([asked(), check.open], [['192.0.2.1', '192.0.2.2'], ['web:80']]);
    check.fail('web:80');
    await turn();
    clock.advance(0);
    await turn();
    assert.deepEqual([asked(), checked], [['192.0.2.1', '192.0.2.2', '192.0.2.3'], []]);
    move('192.0.2.4');
    await turn();
    clock.advance(0);
    await turn();
    move('192.0.2.5');
    check.pass('web:80');
    await turn();
    assert.deepEqual(checked, ['web:80 passed']);
    monitor.stop();
  });

  test('is checked as soon as its name is resolved, and not before', async () => {
    const { clock, check, move, asked, pass, monitor } = moving();
    check.answer = 'pass';
    await pass(INTERVAL);
    assert.deepEqual([asked(), clock.timers], [[], 0]);
    assert.equal(monitor.health('web:80')?.reason, 'the name is not resolved yet');
    move('192.0.2.1');
    clock.advance(0);
    await turn();
    assert.deepEqual(asked(), ['192.0.2.1']);
    monitor.stop();
  });

  test('waits for its turn when it is new: its first check is spread over the interval', async () => {
    const { clock, move, asked, monitor } = moving();
    const inMs = clock.nextInMs;
    move('192.0.2.1');
    clock.advance(0);
    await turn();
    assert.deepEqual([asked(), clock.nextInMs], [[], inMs]);
    monitor.stop();
  });
});
