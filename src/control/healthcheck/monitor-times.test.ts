import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { FakeCheck } from '../../../test/helpers/fakes/fake-check.ts';
import { FakeClock, turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { INTERVAL, monitoring, named, ping } from '../../../test/helpers/rigs/monitoring.ts';
import { systemClock } from '../../core/clock.ts';
import { Dialer } from '../../io/dialer.ts';
import { HealthMonitor } from './monitor.ts';

describe('the times of the checks', () => {
  test('first ones of 500 backends spread over the whole interval, and no tenth of it has more than its share', () => {
    const { clock, check, monitor } = monitoring(ping(), Math.random);
    monitor.watch(named(...Array.from({ length: 500 }, (_, index) => `b${index}`)));
    check.answer = 'pass';
    const start = clock.now();
    clock.advance(INTERVAL);
    const tenths = Array.from({ length: 10 }, (_, tenth) => {
      const [from, to] = [start + (tenth * INTERVAL) / 10, start + ((tenth + 1) * INTERVAL) / 10];
      return check.begun.filter(({ at }) => at >= from && at < to).length;
    });
    assert.deepEqual(tenths, Array<number>(10).fill(50));
  });

  test('of two new backends come practically at once, also besides others', async () => {
    const { check, monitor, pass } = monitoring(ping());
    check.answer = 'pass';
    monitor.watch(named('a', 'b'));
    await pass(INTERVAL * 0.02);
    assert.deepEqual([check.times('a:80').length, check.times('b:80').length], [1, 1]);
    monitor.watch(named('a', 'b', 'c'));
    await pass(INTERVAL * 0.01);
    assert.deepEqual([check.times('a:80').length, check.times('c:80').length], [1, 1]);
  });

  test('are an interval apart, give or take 5 %, from start to start', async () => {
    const { clock, check, monitor, pass } = monitoring(ping(), Math.random);
    monitor.watch(named('a'));
    for (let round = 0; round < 200; round++) {
      await pass(clock.nextInMs ?? 0, INTERVAL);
      clock.advance(1_000);
      check.pass('a:80');
      await turn();
    }
    const times = check.times('a:80');
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    for (const gap of gaps) assert.ok(gap >= INTERVAL * 0.95 - 1 && gap <= INTERVAL * 1.05 + 1, `${gap} ms`);
    assert.ok(Math.max(...gaps) - Math.min(...gaps) > INTERVAL * 0.05, 'they vary');
  });

  test('come sooner while a state is changing', async () => {
    const { clock, check, monitor, pass } = monitoring(ping({ fails: 3, passes: 2, fast_interval: '1s' }));
    monitor.watch(named('a'));
    const gaps: (number | undefined)[] = [];
    for (const result of 'FFFFPP') {
      await pass(clock.nextInMs ?? 0);
      if (result === 'P') check.pass('a:80');
      else check.fail('a:80');
      await turn();
      gaps.push(clock.nextInMs);
    }
    assert.deepEqual(gaps, [1_000, 1_000, INTERVAL, INTERVAL, 1_000, INTERVAL]);
    assert.equal(ping().fastIntervalMs, INTERVAL / 4);
    assert.equal(ping({ fast_interval: '1h' }).fastIntervalMs, INTERVAL);
  });

  test('never overlap: a late check delays the next one', async () => {
    const { clock, check, monitor, pass } = monitoring(ping({ timeout: '25s' }));
    monitor.watch(named('a'));
    await pass(50);
    await pass(24_000, 1_000);
    assert.equal(check.begun.length, 1);
    check.pass('a:80');
    await turn();
    assert.equal(clock.nextInMs, 0);
    await pass(50);
    assert.deepEqual([check.begun.length, check.overlaps], [2, 0]);
  });

  test('are bounded by the limit that all share, and waiting for room is no fault', async () => {
    const clock = new FakeClock();
    const check = new FakeCheck(clock);
    const told: string[] = [];
    const waiting: (() => void)[] = [];
    const monitor = new HealthMonitor(
      ping({ timeout: '1s' }),
      {
        clock,
        random: () => 0.5,
        dialer: new Dialer(systemClock),
        limit: async (run) => {
          await new Promise<void>((resolve) => waiting.push(resolve));
          return run();
        },
        events: { changed: (key) => told.push(key) },
      },
      () => check.healthcheck,
    );
    monitor.watch(named('a', 'b'));
    clock.advance(60_000);
    await turn();
    assert.deepEqual([waiting.length, check.begun.length, clock.timers], [2, 0, 0]);
    waiting.shift()?.();
    await turn();
    assert.deepEqual(check.open, ['a:80']);
    check.pass('a:80');
    await turn();
    assert.deepEqual([told, clock.nextInMs], [[], INTERVAL]);
    monitor.stop();
    waiting.shift()?.();
    await turn();
    assert.deepEqual([check.begun.length, clock.timers], [1, 0]);
  });
});
