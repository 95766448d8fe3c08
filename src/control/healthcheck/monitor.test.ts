import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { FakeCheck } from '../../../test/helpers/fake-check.ts';
import { FakeClock, turn } from '../../../test/helpers/fake-clock.ts';
import { Inconclusive } from '../../core/healthcheck.ts';
import { HealthMonitor } from './monitor.ts';
import { type HealthcheckConfig, healthcheckSchema } from './registry.ts';

const INTERVAL = 10_000;

function ping(keys: Record<string, unknown> = {}): HealthcheckConfig {
  return healthcheckSchema.parse({ kind: 'ping', interval: `${INTERVAL}ms`, ...keys });
}

const NONE = healthcheckSchema.parse({ kind: 'none' });

function named(...names: readonly string[]) {
  return names.map((host) => ({ key: `${host}:80`, target: { host, port: 80 } }));
}

/** A monitor over checks that the test answers, and what it told. Chance is in the middle: no jitter. */
function monitoring(config: HealthcheckConfig, random = () => 0.5) {
  const clock = new FakeClock(1_000_000);
  const check = new FakeCheck(clock);
  const told: string[] = [];
  const checked: string[] = [];
  const monitor = new HealthMonitor(
    config,
    {
      clock,
      random,
      limit: (run) => run(),
      events: {
        changed: (key, { isLive, reason }) => told.push(`${key} ${isLive ? 'up' : 'down'}: ${reason}`),
        checked: (key, { reason }) => checked.push(`${key} ${reason}`),
      },
    },
    () => check.healthcheck,
  );
  /** Lets time pass in small steps, so that what was begun can end before the next is due. */
  async function pass(ms: number, stepMs = 50): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      clock.advance(Math.min(stepMs, ms - passed));
      await turn();
    }
  }
  return { clock, check, told, checked, monitor, pass };
}

describe('what is known of a backend', () => {
  test('begins with the initial status', () => {
    for (const [status, isLive] of [
      ['healthy', true],
      ['unhealthy', false],
    ] as const) {
      const { monitor, told } = monitoring(ping({ initial_status: status }));
      monitor.watch(named('a'));
      const expected = { isLive, state: 'unchecked', consecutive: 0, reason: 'not checked yet', durationMs: 0 };
      assert.deepEqual(monitor.health('a:80'), expected);
      assert.equal(monitor.health('b:80'), undefined);
      assert.deepEqual(told, []);
    }
  });

  test('changes with its results, each flip is told once, and every check is told', async () => {
    const { clock, check, told, checked, monitor, pass } = monitoring(ping({ fails: 3, passes: 2 }));
    monitor.watch(named('a'));
    const states: string[] = [];
    for (const result of 'FFPFFFFPFPPP') {
      await pass(clock.nextInMs ?? 0);
      clock.advance(7);
      if (result === 'P') check.pass('a:80');
      else check.fail('a:80', 'refused');
      await turn();
      const { state, consecutive, durationMs, checkedAt } = monitor.health('a:80')!;
      states.push(`${state} ${consecutive}`);
      assert.deepEqual([durationMs, checkedAt], [7, clock.now()]);
    }
    assert.deepEqual(states, [
      ...['falling 1', 'falling 2', 'up 1', 'falling 1', 'falling 2', 'down 3', 'down 4'],
      ...['rising 1', 'down 1', 'rising 1', 'up 2', 'up 3'],
    ]);
    assert.deepEqual(told, ['a:80 down: refused', 'a:80 up: passed']);
    assert.equal(checked.length, 12);
  });

  test('does not change by a check that says neither', async () => {
    const { clock, check, told, monitor, pass } = monitoring(ping({ fails: 2 }));
    monitor.watch(named('a'));
    for (const result of 'F?F') {
      await pass(clock.nextInMs ?? 0);
      check.fail('a:80', result === '?' ? new Inconclusive('who knows') : 'refused');
      await turn();
      if (result !== '?') continue;
      const { state, consecutive, reason } = monitor.health('a:80')!;
      assert.deepEqual([state, consecutive, reason], ['falling', 1, 'who knows']);
    }
    assert.deepEqual(told, ['a:80 down: refused']);
  });
});

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

test('a check that takes too long is aborted and has failed', async () => {
  const { check, told, monitor, pass } = monitoring(ping({ timeout: '500ms' }));
  monitor.watch(named('a'));
  await pass(50);
  const first = check.begun[0]!;
  await pass(499, 499);
  assert.equal(first.signal.aborted, false);
  await pass(1);
  assert.equal(first.signal.aborted, true);
  assert.deepEqual(told, ['a:80 down: not done after 500 ms']);
  assert.equal(monitor.health('a:80')?.durationMs, 500);
});

test('without a timeout the interval is one', () => {
  assert.equal(ping().timeoutMs, INTERVAL);
  assert.equal(ping({ timeout: '3s' }).timeoutMs, 3_000);
});

describe('a new list', () => {
  test('ends the checks of those who are gone at once, and tells nothing of them', async () => {
    const { clock, check, told, checked, monitor, pass } = monitoring(ping());
    monitor.watch(named('a', 'b'));
    await pass(INTERVAL * 0.02);
    const gone = check.begun.find(({ key }) => key === 'b:80');
    monitor.watch(named('a'));
    assert.equal(gone?.signal.aborted, true);
    await turn();
    check.pass('a:80');
    await turn();
    assert.deepEqual([told, checked], [[], ['a:80 passed']]);
    assert.equal(monitor.health('b:80'), undefined);
    assert.equal(clock.timers, 1);
  });

  test('does not disturb the others', async () => {
    const { clock, check, monitor, pass } = monitoring(ping({ fails: 1 }));
    check.answer = 'fail';
    monitor.watch(named('a'));
    await pass(INTERVAL * 0.01);
    const dueInMs = clock.nextInMs;
    const before = monitor.health('a:80');
    for (let update = 0; update < 50; update++) monitor.watch(named(...(update % 2 === 0 ? ['a', 'b'] : ['a'])));
    assert.deepEqual([monitor.health('a:80'), clock.nextInMs], [before, dueInMs]);
    assert.equal(check.times('a:80').length, 1);
  });

  test('takes one who comes back for new', async () => {
    const { check, monitor, pass } = monitoring(ping());
    check.answer = 'fail';
    monitor.watch(named('a'));
    await pass(INTERVAL * 0.01);
    assert.equal(monitor.health('a:80')?.isLive, false);
    monitor.watch([]);
    monitor.watch(named('a', 'a'));
    assert.equal(monitor.health('a:80')?.state, 'unchecked');
  });
});

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

test('without checks there is no timer, and nothing is known', () => {
  const { clock, monitor } = monitoring(NONE);
  monitor.watch(named('a', 'b'));
  assert.equal(clock.timers, 0);
  assert.equal(monitor.health('b:80'), undefined);
});

test('a stop leaves nothing: no check, no timer, no word', async () => {
  const { clock, check, told, checked, monitor, pass } = monitoring(ping());
  monitor.watch(named(...Array.from({ length: 10 }, (_, index) => `b${index}`)));
  await pass(INTERVAL * 0.05);
  assert.ok(check.open.length > 2 && check.open.length < 10);
  monitor.stop();
  monitor.stop();
  monitor.watch(named('z'));
  monitor.reconfigure(ping({ fails: 9 }));
  await turn();
  assert.ok(check.begun.every(({ signal }) => signal.aborted));
  assert.deepEqual([check.open, clock.timers, told, checked], [[], 0, [], []]);
});
