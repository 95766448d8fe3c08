import { HealthMonitor } from '../../../src/control/healthcheck/monitor.ts';
import { type HealthcheckConfig, healthcheckSchema } from '../../../src/control/healthcheck/registry.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { Dialer } from '../../../src/io/dialer.ts';
import { FakeCheck } from '../fakes/fake-check.ts';
import { FakeClock, turn } from '../fakes/fake-clock.ts';

/** Of `ping`, in milliseconds. */
export const INTERVAL = 10_000;

export function ping(keys: Record<string, unknown> = {}): HealthcheckConfig {
  return healthcheckSchema.parse({ kind: 'ping', interval: `${INTERVAL}ms`, ...keys });
}

export const NONE = healthcheckSchema.parse({ kind: 'none' });

export function named(...names: readonly string[]) {
  const addresses = () => [{ ip: '192.0.2.1', port: 80 }];
  return names.map((host) => ({ key: `${host}:80`, target: { host, port: 80 }, addresses }));
}

/** A monitor over checks that the test answers, and what it told. Chance is in the middle: no jitter. */
export function monitoring(config: HealthcheckConfig, random = () => 0.5) {
  const clock = new FakeClock(1_000_000);
  const check = new FakeCheck(clock);
  const told: string[] = [];
  const checked: string[] = [];
  const monitor = new HealthMonitor(
    config,
    {
      clock,
      random,
      dialer: new Dialer(systemClock),
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
