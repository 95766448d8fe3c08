import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseOptions, PUBLISHED } from '../../scripts/bench/options.ts';
import { FULL, QUICK } from '../../scripts/bench/scale.ts';
import { USUAL_SUBJECTS } from '../../scripts/bench/subjects/registry.ts';
import { WORK_NAMES } from '../../scripts/bench/works/registry.ts';

test('without an option it is the full form, which is published', () => {
  const { plan, json, out } = parseOptions([]);
  assert.deepEqual(plan, { scale: FULL, subjects: USUAL_SUBJECTS, works: WORK_NAMES });
  assert.deepEqual([json, out], [undefined, PUBLISHED]);
});

test('less than the full form is written nowhere, unless a folder is given', () => {
  for (const args of [['--quick'], ['--rounds', '2'], ['--threads', '1'], ['--only', 'idle'], ['--subjects', 'net']])
    assert.equal(parseOptions(args).out, undefined, args.join(' '));
  assert.equal(parseOptions(['--quick', '--out', 'x']).out, 'x');
});

test('rounds and threads of the quick form can be set', () => {
  const { scale } = parseOptions(['--quick', '--rounds', '3', '--threads', '1,2,4']).plan;
  assert.deepEqual(scale, { ...QUICK, rounds: 3, threads: [1, 2, 4] });
});

test('works and subjects go by their names or by what these begin with', () => {
  const { plan } = parseOptions(['--only', 'ping,connections,ping-1b-2000', '--subjects', 'haproxy,epoll']);
  assert.deepEqual(plan.works, ['connections', ...WORK_NAMES.filter((name) => name.startsWith('ping-'))]);
  assert.deepEqual(plan.subjects, ['epoll', 'haproxy', 'haproxy-splice']);
});

test('an earlier build takes part only where it is named', () => {
  assert.ok(!parseOptions([]).plan.subjects.includes('before'));
  assert.deepEqual(parseOptions(['--subjects', 'before,epoll']).plan.subjects, ['epoll', 'before']);
});
