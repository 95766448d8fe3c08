import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { type Measurement, median, numberText, rounded } from '../../scripts/bench/figures.ts';
import { chart, chartRows } from '../../scripts/bench/report/chart.ts';
import { figuresTable } from '../../scripts/bench/report/figures-table.ts';
import { failureText, type Findings } from '../../scripts/bench/report/findings.ts';
import { Summary } from '../../scripts/bench/report/summary.ts';
import { reportJson } from '../../scripts/bench/report/text.ts';
import { bestOf, outcomes, targetsTable } from '../../scripts/bench/report/targets.ts';
import type { Failure, Sample } from '../../scripts/bench/rounds.ts';
import { QUICK } from '../../scripts/bench/scale.ts';
import type { SubjectName } from '../../scripts/bench/subjects/registry.ts';
import type { WorkName } from '../../scripts/bench/works/registry.ts';

function sample(work: WorkName, subject: SubjectName, figures: Measurement, round = 1): Sample {
  return { round, threads: 1, work, subject, figures };
}

const SAMPLES = [
  sample('keep-alive', 'epoll', { perSecond: 30_000, cpuSPer100kRequests: 0.9, p99Ms: 4 }),
  sample('keep-alive', 'haproxy', { perSecond: 25_000, cpuSPer100kRequests: 1.2, p99Ms: 5 }),
  sample('keep-alive', 'haproxy-splice', { perSecond: 26_000, cpuSPer100kRequests: 1.5, p99Ms: 3 }),
  sample('keep-alive', 'nginx', { perSecond: 28_000, cpuSPer100kRequests: 1, p99Ms: 8 }),
  sample('connections', 'epoll', { cpuSPer10kConnections: 0.9 }),
  sample('connections', 'haproxy', { cpuSPer10kConnections: 0.8 }),
  sample('connections', 'haproxy-splice', { cpuSPer10kConnections: 0.7 }),
  sample('idle', 'epoll', { privatePerConnectionB: 700, baseRssMib: 80, startMs: 300 }),
];
const FAILURE: Failure = { round: 2, threads: 1, work: 'connections', subject: 'epoll', reason: '3 failed' };
const SUMMARY = new Summary({ samples: SAMPLES, failures: [] });

test('the median of an even number lies between the two in the middle', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 9, 2]), 3);
  assert.equal(median([7]), 7);
});

test('numbers have three digits, and all of those before the point', () => {
  assert.deepEqual([21_034.4, 123.4, 12.34, 0.1234, 0, -0.5].map(numberText), [
    '21,034',
    '123',
    '12.3',
    '0.123',
    '0',
    '-0.500',
  ]);
});

test('the report for programs is what was found, with a line for each run', () => {
  const findings: Findings = {
    command: 'npm run bench',
    startedAt: '2026-01-01T00:00:00.000Z',
    machine: { cpu: 'x', cores: 2, memoryGib: 4, kernel: 'Linux', versions: {} },
    plan: { scale: QUICK, works: ['idle'], subjects: ['epoll'] },
    leftOut: [],
    results: { samples: SAMPLES, failures: [FAILURE] },
  };
  const text = reportJson(findings);
  const { targets, ...read } = JSON.parse(text) as Findings & { readonly targets: readonly unknown[] };
  assert.deepEqual(read, findings);
  assert.equal(targets.length, 1);
  assert.ok(text.includes(`\n      ${JSON.stringify(SAMPLES[0])},\n`));
});

describe('a summary', () => {
  const cell = { threads: 1, work: 'connections', subject: 'epoll' } as const;

  test('has the medians over the rounds', () => {
    const rounds = [1, 2, 3].map((round) => sample('connections', 'epoll', { perSecond: round * round }, round));
    const summary = new Summary({ samples: rounds, failures: [] });
    assert.equal(summary.median(cell, 'perSecond'), 4);
    assert.equal(summary.median({ ...cell, threads: 2 }, 'perSecond'), undefined);
  });

  test('has nothing of a work that failed once, and the table says so', () => {
    const summary = new Summary({ samples: SAMPLES, failures: [FAILURE] });
    assert.equal(summary.median(cell, 'cpuSPer10kConnections'), undefined);
    const plan = { scale: QUICK, works: ['connections'], subjects: ['epoll', 'haproxy', 'direct'] } as const;
    assert.match(figuresTable(plan, summary, 1), /CPU per 10k connections, s \| +failed \| +0\.800 \| +\|$/m);
    assert.equal(failureText(FAILURE), 'a new connection for each request, tslb epoll, 1 thread, round 2: 3 failed');
  });
});

test('figures are kept with five digits', () => {
  assert.deepEqual(rounded({ perSecond: 21_034.567, cpuSPer100kRequests: 0.912345678 }), {
    perSecond: 21_035,
    cpuSPer100kRequests: 0.91235,
  });
});

describe('targets', () => {
  test('are ratios to the better of the others, by what better means', () => {
    assert.equal(bestOf('p99Ms', [5, undefined, 3]), 3);
    assert.equal(bestOf('perSecond', [5, undefined, 3]), 5);
    assert.equal(bestOf('perSecond', [undefined]), undefined);
    const reached = new Map(outcomes(SUMMARY, 1).map((outcome) => [outcome.target.title, outcome]));
    const judged = (title: string) => [reached.get(title)?.ratio?.toFixed(2), reached.get(title)?.isMet];
    assert.deepEqual(judged('CPU per keep-alive request'), ['0.90', false]);
    assert.deepEqual(judged('keep-alive rate'), ['1.07', true]);
    assert.deepEqual(judged('keep-alive p99'), ['1.33', false]);
    assert.deepEqual(judged('CPU per new connection, against HAProxy'), ['1.13', false]);
    assert.deepEqual(judged('private memory per idle connection, B'), [undefined, true]);
    assert.deepEqual(judged('RSS at start, MiB'), [undefined, undefined]);
    assert.equal(reached.has('CPU per GB, against nginx'), false);
  });

  test('are ratios to another work of its own, or of the other engine', () => {
    const samples = [
      sample('hello-plain', 'epoll', { cpuSPer10kConnections: 0.4 }),
      sample('hello-name', 'epoll', { cpuSPer10kConnections: 0.41 }),
      sample('udp-64b', 'net', { cpuUsPerPair: 20 }),
      sample('udp-64b', 'nginx', { cpuUsPerPair: 10 }),
    ];
    const reached = outcomes(new Summary({ samples, failures: [] }), 1);
    assert.deepEqual(
      reached.map(({ target, tslb, ratio, isMet }) => [target.title, tslb, ratio?.toFixed(3), isMet]),
      [
        ['CPU per TLS connection by name, against plain TCP', 0.41, '1.025', true],
        ['CPU per TLS connection by name, against nginx', 0.41, undefined, undefined],
        ['CPU per UDP request, 64 bytes, engine net', 20, '2.000', true],
      ],
    );
  });

  test('stand in a table', () => {
    const table = targetsTable(outcomes(SUMMARY, 1)).split('\n');
    assert.match(
      table[2] ?? '',
      /^\| CPU per keep-alive request +\| +0\.900 \| +1\.20 \| +1\.00 \| +0\.90 \| +≤ 0\.85 \| missed \|$/,
    );
    assert.equal(new Set(table.slice(0, -1).map(({ length }) => length)).size, 1);
  });
});

describe('the chart', () => {
  test('shows costs, of a rate the inverse, as multiples of the better peer', () => {
    const rows = chartRows(SUMMARY, 1).map(({ title, costs }) => [title, costs.epoll?.toFixed(2), costs.net]);
    assert.deepEqual(rows, [
      ['CPU per keep-alive request', '0.90', undefined],
      ['keep-alive rate (inverted)', '0.93', undefined],
      ['keep-alive p99', '1.33', undefined],
      ['CPU per new connection', '1.29', undefined],
    ]);
  });

  test('cuts off what is too long, and escapes what is text', () => {
    const svg = chart([{ title: 'a < b', costs: { epoll: 0.5, net: 7 } }], 'x & y');
    assert.match(svg, /a &lt; b/);
    assert.match(svg, /x &amp; y/);
    assert.match(svg, />7\.00× →</);
    assert.match(svg, /prefers-color-scheme: dark/);
    const widths = [...svg.matchAll(/<rect class="(?:epoll|net)" x="270" .*? width="([\d.]+)" height="11"/g)];
    assert.deepEqual(
      widths.map(([, width]) => Number(width)),
      [87.5, 525],
    );
  });
});
