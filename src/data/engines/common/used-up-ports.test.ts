import assert from 'node:assert/strict';
import { test } from 'node:test';

import { UsedUpPorts } from './used-up-ports.ts';

test('a destination without a port is not looked at anew for 50 ms, by source address', () => {
  let now = 1_000;
  const ports = new UsedUpPorts(() => now);
  const [to, other] = [80, 81].map((port) => ({ ip: '10.0.0.5', port }));
  const [from, next] = ['10.9.0.1', '10.9.0.2'].map((ip) => ({ ip, port: 0 }));
  assert.equal(ports.has(to!, from), false);
  ports.note(to!, from);
  assert.deepEqual(
    [ports.has(to!, from), ports.has(to!, next), ports.has(to!, undefined), ports.has(other!, from)],
    [true, false, false, false],
  );
  ports.note(other!, undefined);
  assert.equal(ports.has(other!, undefined), true);
  now += 50;
  assert.deepEqual([ports.has(to!, from), ports.has(other!, undefined)], [false, false]);
});
