import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Logger } from '../../log/log.ts';
import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import { Shortages } from './shortages.ts';

function watching() {
  const said: string[] = [];
  const say = (level: string) => (fields: { about: string }, message: string) =>
    said.push(`${level} ${message}: ${fields.about}`);
  const clock = new FakeClock();
  const shortages = new Shortages({ warn: say('warn'), info: say('info') } as unknown as Logger, clock);
  const ports = (about: string, count = 1) => shortages.met({ shortage: 'ports', code: 'EADDRNOTAVAIL', about, count });
  return { said, clock, shortages, ports };
}

test('a shortage is told once while it lasts, when it is over, and anew when it comes back', () => {
  const { said, clock, shortages, ports } = watching();
  for (let second = 0; second < 30; second++) {
    ports('10.0.0.5:80', 100);
    clock.advance(1_000);
  }
  assert.deepEqual(said.splice(0), ['warn no local port is left for a connection: 10.0.0.5:80']);
  clock.advance(9_000);
  assert.deepEqual(said.splice(0), ['info shortage is over: 10.0.0.5:80']);
  assert.equal(clock.timers, 0, 'nothing runs while nothing is lacking');
  ports('10.0.0.5:80');
  assert.deepEqual(said.splice(0), ['warn no local port is left for a connection: 10.0.0.5:80']);
  assert.equal(shortages.counts.get('ports'), 3_001);
  shortages.stop();
  assert.equal(clock.timers, 0);
});

test('each address is told of, but not a thousand', () => {
  const { said, shortages, ports } = watching();
  for (let backend = 0; backend < 1_000; backend++) ports(`10.0.${backend >> 8}.${backend & 255}:80`);
  assert.equal(said.length, 10);
  assert.equal(shortages.counts.get('ports'), 1_000);
  shortages.met({ shortage: 'source_address', code: 'bind EADDRNOTAVAIL', about: '10.9.9.9', count: 1 });
  assert.equal(said.at(-1), 'warn source_address is not an address of this host: 10.9.9.9');
});
