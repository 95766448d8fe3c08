import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { INTERVAL, monitoring, named, NONE, ping } from '../../../test/helpers/rigs/monitoring.ts';

describe('another configuration', () => {
  test('the same one changes nothing', async () => {
    const { clock, check, monitor, pass } = monitoring(ping());
    monitor.watch(named('a'));
    await pass(INTERVAL * 0.01);
    monitor.reconfigure(ping());
    assert.deepEqual([check.begun[0]?.signal.aborted, clock.timers], [false, 1]);
  });

  test('fifty of them leave the rate of checks as it is', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `b${index}`);
    const rates = await Promise.all(
      [0, 50].map(async (reloads) => {
        const { check, monitor, pass } = monitoring(ping(), Math.random);
        check.answer = 'pass';
        monitor.watch(named(...names));
        for (let step = 0; step < 100; step++) {
          await pass(INTERVAL / 10, INTERVAL / 20);
          if (step % 2 === 0 && step < reloads * 2) monitor.reconfigure(ping({ fails: 1 + (step % 3) }));
        }
        monitor.stop();
        return check.begun.length;
      }),
    );
    for (const rate of rates) assert.ok(rate > 180 && rate < 235, `${rates.join(' and ')} checks in ten intervals`);
  });

  test('keeps what is known, drops the result of a check that goes on, and keeps the pace', async () => {
    const { clock, check, told, checked, monitor, pass } = monitoring(ping({ fails: 1 }));
    monitor.watch(named('a'));
    await pass(50);
    check.fail('a:80', 'refused');
    await turn();
    await pass(INTERVAL);
    const second = check.begun[1]!;
    assert.deepEqual(check.open, ['a:80']);
    clock.advance(100);
    monitor.reconfigure(ping({ passes: 2 }));
    assert.equal(second.signal.aborted, true);
    await turn();
    const { isLive, reason } = monitor.health('a:80')!;
    assert.deepEqual([isLive, reason, checked.length], [false, 'refused', 1]);
    const sinceStart = clock.now() - second.at;
    assert.equal(clock.nextInMs, INTERVAL - sinceStart);
    assert.deepEqual(told, ['a:80 down: refused']);
  });

  test('a shorter interval brings no herd', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `b${index}`);
    const { clock, check, monitor, pass } = monitoring(ping(), Math.random);
    check.answer = 'pass';
    monitor.watch(named(...names));
    await pass(INTERVAL, 500);
    await pass(INTERVAL * 0.9, 500);
    const before = check.begun.length;
    const now = clock.now();
    monitor.reconfigure(ping({ interval: '1s' }));
    await pass(1_100, 10);
    const soon = check.begun.slice(before).filter(({ at }) => at < now + 100);
    assert.ok(soon.length <= 40, `${soon.length} of ${names.length} within a tenth of the interval`);
    assert.ok(check.begun.length - before >= names.length);
  });

  test('without checks all are live and nothing goes on', async () => {
    const { clock, check, told, monitor, pass } = monitoring(ping());
    monitor.watch(named('a', 'b', 'c'));
    await pass(INTERVAL * 0.03);
    check.fail('a:80', 'refused');
    await turn();
    monitor.reconfigure(NONE);
    await turn();
    assert.deepEqual(told, ['a:80 down: refused', 'a:80 up: not checked']);
    assert.deepEqual([check.open, clock.timers], [[], 0]);
    assert.equal(monitor.health('a:80'), undefined);
    monitor.reconfigure(ping({ initial_status: 'unhealthy' }));
    await pass(INTERVAL, 500);
    assert.deepEqual(check.open.toSorted(), ['a:80', 'b:80', 'c:80']);
    assert.equal(monitor.health('a:80')?.isLive, true, 'it was seen before');
  });
});
