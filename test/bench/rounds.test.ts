import assert from 'node:assert/strict';
import { test } from 'node:test';

import { possible } from '../../scripts/bench/missing.ts';
import { rotated, servicesOf, takesPart } from '../../scripts/bench/rounds.ts';
import { QUICK } from '../../scripts/bench/scale.ts';
import { USUAL_SUBJECTS } from '../../scripts/bench/subjects/registry.ts';
import { WORK_NAMES } from '../../scripts/bench/works/registry.ts';

const PLAN = { scale: QUICK, subjects: USUAL_SUBJECTS, works: WORK_NAMES };

test('each subject has each place in turn', () => {
  assert.deepEqual(rotated(['a', 'b', 'c'], 4), ['b', 'c', 'a']);
  assert.deepEqual(rotated([], 4), []);
});

test('where all is there nothing is left out', () => {
  assert.deepEqual(possible(PLAN, new Map()), { plan: PLAN, leftOut: [] });
});

test('what needs a missing program is left out, and told with the package', () => {
  const { plan, leftOut } = possible(
    { ...PLAN, works: ['idle', 'ping-1b-2000', 'keep-alive'] },
    new Map([
      ['haproxy', 'Debian package haproxy'],
      ['koffi', 'not for this machine'],
    ]),
  );
  assert.deepEqual(plan.subjects, ['net', 'nginx', 'direct']);
  assert.deepEqual(plan.works, ['idle', 'keep-alive']);
  assert.deepEqual(leftOut, [
    'tslb epoll, because koffi is missing (not for this machine)',
    'HAProxy, because haproxy is missing (Debian package haproxy)',
    'HAProxy splice, because haproxy is missing (Debian package haproxy)',
    'ping-pong, 1 byte, 2,000/s, because koffi is missing (not for this machine)',
  ]);
});

test('a work runs where there is something to measure', () => {
  assert.ok(takesPart('hello-name', 'haproxy', 2));
  assert.ok(!takesPart('hello-name', 'direct', 1));
  assert.ok(takesPart('udp-64b', 'nginx', 1) && takesPart('udp-64b', 'direct', 1));
  assert.ok(!takesPart('udp-64b', 'nginx', 2), 'a second thread has nothing to do');
  assert.ok(!takesPart('udp-64b', 'haproxy', 1));
  assert.ok(!takesPart('hello-proxy-v2', 'nginx', 1));
});

test('a balancer offers what the works go through, and the pages for the warm-up', () => {
  assert.deepEqual(servicesOf(['udp-64b', 'idle', 'udp-1200b']), ['web', 'datagrams', 'echo']);
});
