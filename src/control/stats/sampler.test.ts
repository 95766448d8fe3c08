import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import { backendStatus, serverStatus } from '../../../test/helpers/fakes/statuses.ts';
import type { BackendStatus } from '../../core/backend-status.ts';
import type { ServerStatus } from '../../core/server-status.ts';
import { Sampler } from './sampler.ts';

/** Two servers that a test changes between seconds. */
class Scene {
  readonly clock = new FakeClock();
  web: ServerStatus = serverStatus('web');
  backend: BackendStatus = backendStatus('10.0.0.1:80');

  servers(): readonly ServerStatus[] {
    return [this.web];
  }

  backends(): readonly BackendStatus[] {
    return [this.backend];
  }

  threads(): readonly never[] {
    return [];
  }

  counted(accepted: number, rx: number): void {
    this.web = { ...this.web, totals: { ...this.web.totals, accepted, rx } };
    this.backend = { ...this.backend, totals: { ...this.backend.totals, total: accepted, rx } };
  }
}

test('each second its rates are told to all listeners', (t) => {
  const scene = new Scene();
  scene.counted(1000, 5000);
  const sampler = new Sampler(scene, scene.clock);
  t.after(() => sampler.stop());
  const heard: number[][] = [];
  const stop = sampler.subscribe(({ servers: [web] }) => {
    heard.push([web?.rates.connections ?? -1, web?.backends[0]?.rates.rx ?? -1]);
  });
  scene.counted(1010, 9000);
  scene.clock.advance(1000);
  scene.clock.advance(1000);
  stop();
  scene.clock.advance(1000);
  assert.deepEqual(heard, [
    [10, 4000],
    [0, 0],
  ]);
  assert.deepEqual(sampler.latest().servers[0]?.rates, { connections: 0, peakConnections: 10, rx: 0, tx: 0 });
});

test('between two seconds the counters are told as they stand, the rates as they were', (t) => {
  const scene = new Scene();
  const sampler = new Sampler(scene, scene.clock);
  t.after(() => sampler.stop());
  scene.counted(7, 70);
  const [web] = sampler.now().servers;
  assert.deepEqual([web?.totals.accepted, web?.rates.connections, web?.backends[0]?.totals.rx], [7, 0, 70]);
  assert.equal(sampler.latest().servers[0]?.totals.accepted, 0);
});

test('a server that was removed and added again begins anew', (t) => {
  const scene = new Scene();
  const sampler = new Sampler(scene, scene.clock);
  t.after(() => sampler.stop());
  scene.counted(50, 0);
  for (let second = 0; second < 20; second++) scene.clock.advance(1000);
  assert.equal(sampler.history('web')?.connections.length, 2);
  scene.web = { ...serverStatus('web'), since: 1 };
  scene.backend = { ...backendStatus('10.0.0.1:80'), since: 1 };
  scene.counted(3, 0);
  scene.clock.advance(1000);
  assert.deepEqual(sampler.latest().servers[0]?.rates, { connections: 3, peakConnections: 3, rx: 0, tx: 0 });
  assert.equal(sampler.latest().servers[0]?.backends[0]?.rates.connections, 3);
  assert.deepEqual(sampler.history('web')?.connections, []);
  assert.equal(sampler.history('other'), undefined);
});

test('errors of a second are clients without a backend and failed dials', (t) => {
  const scene = new Scene();
  const sampler = new Sampler(scene, scene.clock);
  t.after(() => sampler.stop());
  const { totals } = scene.web;
  scene.web = { ...scene.web, totals: { ...totals, noBackend: 15, noResources: 5, refused: 10, connected: 99 } };
  for (let second = 0; second < 10; second++) scene.clock.advance(1000);
  assert.deepEqual(sampler.history('web')?.errors, [3]);
});

test('servers that come later than it are seen at once when it begins anew, and begin at their own 0', (t) => {
  const scene = new Scene();
  const sampler = new Sampler(scene, scene.clock);
  t.after(() => sampler.stop());
  scene.web = { ...serverStatus('late'), since: 1 };
  scene.counted(9, 0);
  sampler.begin();
  assert.equal(sampler.latest().servers[0]?.name, 'late');
  scene.clock.advance(1000);
  assert.equal(sampler.latest().servers[0]?.rates.connections, 0);
});

test('its first second is a whole one, whenever it begins anew', (t) => {
  const scene = new Scene();
  const sampler = new Sampler(scene, scene.clock);
  t.after(() => sampler.stop());
  scene.clock.advance(995);
  sampler.begin();
  scene.counted(20, 0);
  scene.clock.advance(5);
  assert.equal(sampler.latest().servers[0]?.totals.accepted, 0);
  scene.clock.advance(995);
  assert.equal(sampler.latest().servers[0]?.rates.peakConnections, 20);
});

test('no timer is left after the end', () => {
  const scene = new Scene();
  new Sampler(scene, scene.clock).stop();
  assert.equal(scene.clock.timers, 0);
});
