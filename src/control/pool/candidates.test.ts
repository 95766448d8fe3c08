import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LOCAL_NAMES } from '../../../test/helpers/fakes/local-names.ts';
import { specOf } from '../../../test/helpers/rigs/pool.ts';
import type { BackendSpec } from '../../core/backend.ts';
import { Backend } from './backend.ts';
import { candidatesOf } from './candidates.ts';

let made = 0;

function backendOf(spec: BackendSpec): Backend {
  made += 1;
  const backend = new Backend(spec, { slot: made * 10, serial: made });
  backend.resolve(LOCAL_NAMES, () => {}, assert.ifError);
  return backend;
}

const ALL = { warmupFactor: () => 1, maxFails: () => 0 };

test('a candidate has what the list says of it, and its own row and serial', () => {
  const backend = backendOf(specOf('10.0.0.1', { weight: 7, priority: 2, maxConnections: 9 }));
  assert.deepEqual(candidatesOf([backend], { ...ALL, maxFails: () => 3 }), [
    {
      slot: backend.slot,
      serial: backend.serial,
      key: '10.0.0.1:80',
      addresses: [{ ip: '10.0.0.1', port: 80 }],
      weight: 7,
      priority: 2,
      maxConnections: 9,
      fullMaxConnections: 9,
      maxFails: 3,
    },
  ]);
});

test('they come in byte order of their keys', () => {
  const backends = ['10.0.0.2', '10.0.0.10', '10.0.0.1'].map((host) => backendOf(specOf(host)));
  assert.deepEqual(
    candidatesOf(backends, ALL).map(({ key }) => key),
    ['10.0.0.10:80', '10.0.0.1:80', '10.0.0.2:80'],
  );
});

test('while one starts slowly, all weights count in hundredths, and its part is at least one', () => {
  const slow = backendOf(specOf('10.0.0.1', { weight: 3, maxConnections: 10 }));
  const slowest = backendOf(specOf('10.0.0.2', { weight: 1, maxConnections: 1 }));
  const whole = backendOf(specOf('10.0.0.3', { weight: 2, maxConnections: 5 }));
  const reserve = backendOf(specOf('10.0.0.4', { weight: 0 }));
  const factors = new Map([
    [slow, 0.255],
    [slowest, 0.001],
    [reserve, 0.5],
  ]);
  const candidates = candidatesOf([slow, slowest, whole, reserve], {
    ...ALL,
    warmupFactor: (backend) => factors.get(backend) ?? 1,
  });
  assert.deepEqual(
    candidates.map(({ weight, maxConnections }) => [weight, maxConnections]),
    [
      [76, 2],
      [1, 1],
      [200, 5],
      [0, 0],
    ],
  );
});
