import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Balancer, startHaproxy, startTwin } from '../helpers/processes/haproxy.ts';
import { missingTools } from '../helpers/processes/tools.ts';
import { startBackend } from '../helpers/sockets/backends.ts';
import { answerOf, startNamed } from '../helpers/sockets/traffic.ts';
import { type Csv, parseCsv } from '../helpers/texts/haproxy-csv.ts';

const CLIENTS = 7;

/** Figures of a load that both have had, in columns that tools read. */
const COMPARED = [
  'scur',
  'stot',
  'bin',
  'bout',
  'econ',
  'dcon',
  'status',
  'weight',
  'act',
  'bck',
  'slim',
  'type',
  'mode',
];

async function csvOf({ url }: Balancer, words = ';csv'): Promise<Csv> {
  return parseCsv(await (await fetch(`${url}${words}`)).text());
}

/** Once the last client is counted as gone, who may have seen the end before the balancer has. */
async function whenIdle(balancer: Balancer): Promise<Csv> {
  for (;;) {
    const table = await csvOf(balancer);
    if (linesOf(table).every(({ scur }) => scur === '0')) return table;
  }
}

/** The lines of the proxy `web`, the servers in byte order of their names. */
function linesOf({ rows }: Csv): readonly Readonly<Record<string, string>>[] {
  return rows
    .filter(({ pxname }) => pxname === 'web')
    .toSorted((one, other) => `${one['type']}${one['svname']}`.localeCompare(`${other['type']}${other['svname']}`));
}

test(
  "the CSV is HAProxy's: its columns, its lines, and its figures after the same load",
  { skip: missingTools('haproxy') },
  async (t) => {
    const backends = [await startNamed(t, 'served by a'), await startBackend(t)] as const;
    const [theirs, ours] = [await startHaproxy(t, backends), await startTwin(t, backends)];
    for (const { port } of [theirs, ours]) {
      for (let n = 0; n < CLIENTS; n++) assert.equal(await answerOf({ ip: '127.0.0.1', port }), 'served by a');
    }
    const csv = { theirs: await whenIdle(theirs), ours: await whenIdle(ours) };
    assert.deepEqual(csv.ours.columns, csv.theirs.columns);
    const figures = (lines: ReturnType<typeof linesOf>) =>
      lines.map((line) => ['pxname', 'svname', ...COMPARED].map((column) => `${column}=${line[column] ?? ''}`));
    const [expected, actual] = [linesOf(csv.theirs), linesOf(csv.ours)];
    // HAProxy gives a backend as a whole a tenth of what its frontends may have, to which nothing of ours corresponds.
    const comparable = expected.map((line) => (line['svname'] === 'BACKEND' ? { ...line, slim: '' } : line));
    assert.deepEqual(figures(actual), figures(comparable));
  },
);

const PATHS = [
  ...['', '/', ';csv', '/;csv', ';csv;norefresh', '/;csv;norefresh', ';norefresh;csv', '?;csv', '?a=b;csv', '/x;csv'],
  ...[
    'X;csv',
    ';up',
    ';no-maint',
    ';csv;up',
    ';up;csv',
    ';csv;no-maint',
    '/;csv;scope=we',
    ';csv;scope=nix',
    ';norefresh',
  ],
  ...[';csvx', ';CSV', ';st=DONE', ';'],
];

/** A type of a body without its parameters, or where a redirection leads to in the end. */
async function answerTo(method: string, { url }: Balancer, words: string): Promise<string> {
  const response = await fetch(`${url}${words}`, { method, redirect: 'manual' });
  const body = await response.text();
  const { status, headers } = response;
  if (status === 303) return `303 ${new URL(headers.get('location') ?? '', response.url).pathname} ${body}`;
  const [type] = (headers.get('content-type') ?? '').split(';');
  if (type !== 'text/plain' || method === 'HEAD') return `${status} ${type} ${method === 'HEAD' ? body : ''}`;
  const names = parseCsv(body).rows.map(({ pxname, svname }) => `${pxname}/${svname}`);
  return `${status} ${type} ${names
    .filter((name) => name.startsWith('web/'))
    .toSorted()
    .join()}`;
}

test("each form of the page's URL answers as HAProxy's does", { skip: missingTools('haproxy') }, async (t) => {
  const backends = [await startBackend(t), await startBackend(t)] as const;
  const [theirs, ours] = [await startHaproxy(t, backends), await startTwin(t, backends)];
  for (const method of ['GET', 'HEAD', 'POST']) {
    for (const words of PATHS) {
      assert.equal(await answerTo(method, ours, words), await answerTo(method, theirs, words), `${method} ${words}`);
    }
  }
});
