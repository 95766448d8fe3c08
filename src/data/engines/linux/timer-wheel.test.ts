import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Timer, SLOTS, TICK_MS, TimerWheel } from './timer-wheel.ts';

const ROUND_MS = SLOTS * TICK_MS;

/** A wheel from some time on, and a clock that goes forward by as much as the wheel lets a poller wait. */
class Rig {
  now: number;
  readonly wheel: TimerWheel;

  constructor(start: number) {
    this.now = start;
    this.wheel = new TimerWheel(start);
  }

  /** @returns false when nothing is set */
  wait(): boolean {
    const ms = this.wheel.waitMs(this.now);
    assert((ms === -1) === this.wheel.isEmpty);
    if (ms < 0) return false;
    this.now += ms;
    this.wheel.advance(this.now);
    return true;
  }
}

const start = fc.double({ min: 0, max: 1e6, noNaN: true });
const delay = fc.double({ min: -ROUND_MS, max: 4 * ROUND_MS, noNaN: true });

describe('timers', () => {
  test('fire once, never early, and within two ticks', () => {
    fc.assert(
      fc.property(start, fc.array(delay, { maxLength: 50 }), (from, delays) => {
        const rig = new Rig(from);
        const fired = delays.map(() => [] as number[]);
        delays.forEach((ms, index) => rig.wheel.set(new Timer(() => fired[index]?.push(rig.now)), from + ms));
        while (rig.wait());
        delays.forEach((ms, index) => {
          const [at = NaN, ...more] = fired[index] ?? [];
          assert.equal(more.length, 0);
          assert(at >= from + ms, `${at} is before ${from + ms}`);
          assert(at - Math.max(from, from + ms) < 2 * TICK_MS + 1, `${at} is long after ${from + ms}`);
        });
      }),
    );
  });

  test('fire once, never early, whatever the clock does between looks', () => {
    const jump = fc.double({ min: 0, max: 3 * ROUND_MS, noNaN: true });
    const step = fc.record({
      jump,
      sets: fc.array(delay, { maxLength: 5 }),
      clears: fc.array(fc.nat(), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 30 }), (from, steps) => {
        const rig = new Rig(from);
        const live = new Map<Timer, number>();
        for (const { jump: ms, sets, clears } of steps) {
          for (const after of sets) {
            const at = rig.now + after;
            const timer: Timer = new Timer(() => {
              assert(live.delete(timer), 'fired once, and not after it was cleared');
              assert(at <= rig.now);
            });
            live.set(timer, Math.max(at, rig.now));
            rig.wheel.set(timer, at);
          }
          for (const pick of clears) {
            const timer = [...live.keys()][pick % Math.max(1, live.size)];
            if (timer === undefined) continue;
            rig.wheel.clear(timer);
            live.delete(timer);
          }
          rig.now += ms;
          rig.wheel.advance(rig.now);
          for (const at of live.values()) assert(at > rig.now - TICK_MS, 'nothing is overdue');
        }
        while (rig.wait());
        assert.equal(live.size, 0);
      }),
    );
  });

  test('that are set anew fire at the new time only', () => {
    const rig = new Rig(0);
    const fired: number[] = [];
    const timer = new Timer(() => fired.push(rig.now));
    rig.wheel.set(timer, 100);
    rig.wheel.set(timer, 3 * ROUND_MS);
    while (rig.wait());
    assert.deepEqual([fired.length, (fired[0] ?? 0) >= 3 * ROUND_MS], [1, true]);
    assert(!timer.isSet);
  });

  test('may set and clear themselves and others from within', () => {
    const rig = new Rig(0);
    const log: string[] = [];
    const never = new Timer(() => log.push('never'));
    const other = new Timer(() => log.push('other'));
    const again: Timer = new Timer(() => {
      log.push('again');
      rig.wheel.clear(never);
      if (log.length === 1) rig.wheel.set(again, rig.now + ROUND_MS);
      else rig.wheel.set(other, rig.now);
    });
    rig.wheel.set(again, 10);
    rig.wheel.set(never, 10);
    while (rig.wait());
    assert.deepEqual(log, ['again', 'again', 'other']);
  });

  test('of the past that set themselves do not keep the wheel from its end', () => {
    const rig = new Rig(0);
    let runs = 0;
    const timer: Timer = new Timer(() => {
      runs += 1;
      rig.wheel.set(timer, rig.now - 1000);
    });
    rig.wheel.set(timer, 0);
    rig.now = 10 * TICK_MS;
    rig.wheel.advance(rig.now);
    assert(runs <= 10, `${runs} runs`);
    assert(timer.isSet);
  });
});

describe('the wait', () => {
  test('is for ever when nothing is set, or nothing any more', () => {
    const { wheel } = new Rig(5);
    assert.equal(wheel.waitMs(5), -1);
    const timer = new Timer(() => {});
    wheel.set(timer, 50);
    assert(wheel.waitMs(5) > 0);
    wheel.clear(timer);
    wheel.clear(timer);
    assert.equal(wheel.waitMs(5), -1);
  });

  test('for far timers is no more than a few wakes for each round of the wheel', () => {
    const rig = new Rig(0);
    let wakes = 0;
    rig.wheel.set(new Timer(() => {}), 10 * ROUND_MS);
    while (rig.wait()) wakes += 1;
    assert(wakes <= 11, `${wakes} wakes`);
  });
});
