import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { INTERVAL, monitoring, named, NONE, ping } from '../../../test/helpers/rigs/monitoring.ts';
import { Inconclusive } from '../../core/healthcheck.ts';

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
      assert.deepEqual([durationMs, checkedAt], [7, clock.date()]);
    }
    assert.deepEqual(states, [
      ...['falling 1', 'falling 2', 'up 1', 'falling 1', 'falling 2', 'down 3', 'down 4'],
      ...['rising 1', 'down 1', 'rising 1', 'up 2', 'up 3'],
    ]);
    assert.deepEqual(told, ['a:80 down: refused', 'a:80 up: passed']);
    assert.equal(checked.length, 12);
  });

  test('of one that begins as unhealthy and is found so is told, though it does not flip', async () => {
    const { clock, check, told, monitor, pass } = monitoring(ping({ initial_status: 'unhealthy', fails: 3 }));
    monitor.watch(named('a'));
    for (let checks = 0; checks < 4; checks++) {
      await pass(clock.nextInMs ?? 0);
      check.fail('a:80', 'refused');
      await turn();
    }
    assert.deepEqual(told, ['a:80 down: refused']);
    assert.equal(monitor.health('a:80')?.consecutive, 4);
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

test('a check that had no time because this thread had none gets its time again, once', async () => {
  const { clock, check, told, monitor, pass } = monitoring(ping({ timeout: '500ms' }));
  monitor.watch(named('a', 'b'));
  await pass(INTERVAL * 0.02);
  assert.deepEqual(check.open.toSorted(), ['a:80', 'b:80']);
  clock.stall(3_000);
  await pass(1);
  check.pass('a:80');
  await pass(498, 498);
  assert.deepEqual([check.open, told], [['b:80'], []]);
  await pass(2);
  assert.deepEqual([check.open, told], [[], ['b:80 down: not done after 500 ms']]);
});

test('without a timeout the interval is one', () => {
  assert.equal(ping().timeoutMs, INTERVAL);
  assert.equal(ping({ timeout: '3s' }).timeoutMs, 3_000);
});

describe('a new list', () => {
  test('ends the checks of removed backends at once, and tells nothing of them', async () => {
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

  test('takes a backend that comes back for a new one', async () => {
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
