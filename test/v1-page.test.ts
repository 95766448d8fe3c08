import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';

import fastify from 'fastify';

import { v1Routes } from '../src/control/v1/routes.ts';
import { BACKEND_WORDS } from '../src/core/backend-status.ts';
import { systemClock } from '../src/core/clock.ts';
import { fakeControl, FakeStats } from './helpers/fakes/fake-control.ts';
import { codeBlocks, section, tableRows } from './helpers/texts/markdown.ts';

const PAGE = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { responses: Readonly<Record<string, unknown>> }>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { properties?: Readonly<Record<string, unknown>> }>>;
  };
}

async function load(): Promise<Document> {
  const app = fastify({ exposeHeadRoutes: false });
  const parts = { ...fakeControl(), stats: new FakeStats(), clock: systemClock, log: { error: () => {} } };
  await app.register(v1Routes({ ...parts, actor: () => ({ via: 'api' }), mayChange: () => true }), { prefix: '/v1' });
  const answer = await app.inject('/v1/openapi.json');
  await app.close();
  return answer.json();
}

function quoted(cell = ''): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
}

describe('/v1 in docs/api.md', () => {
  const text = section(PAGE, '## /v1');
  let document: Document;
  before(async () => {
    document = await load();
  });

  test('has a heading and an example for every route, and for no other', () => {
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} /v1${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    const headings = [...text.matchAll(/^#### `(.+)`$/gm)].map(([, route = '']) => route);
    assert.deepEqual(headings.toSorted(), routes.toSorted());
    for (const heading of headings) {
      const [method = '', path = ''] = heading.split(' ');
      const [example = ''] = codeBlocks(section(text, `#### \`${heading}\``), 'console');
      const url = new RegExp(path.replaceAll(/:\w+/g, String.raw`[^/\s]+`) + String.raw`(['?\s]|$)`);
      assert.match(example, url, heading);
      const posts = /--json|--data/.test(example) ? 'POST' : 'GET';
      assert.equal(/--request (\w+)/.exec(example)?.[1] ?? posts, method, heading);
    }
  });

  test('has every field of what is answered', () => {
    const { schemas } = document.components;
    const fieldsOf = (heading: string): readonly string[] =>
      tableRows(section(text, `#### \`${heading}\``)).flatMap(([cell]) => quoted(cell));
    const keysOf = (id: string): readonly string[] => Object.keys(schemas[id]?.properties ?? {}).sort();
    assert.deepEqual(fieldsOf('GET /v1/info').toSorted(), keysOf('Info'));
    assert.deepEqual(fieldsOf('GET /v1/servers').toSorted(), keysOf('Server'));
    assert.deepEqual(fieldsOf('GET /v1/connections').toSorted(), keysOf('Connection'));
    const ofBackends = fieldsOf('GET /v1/servers/:name/backends').filter((field) => field !== 'status');
    const keys = [...keysOf('Backend').filter((key) => key !== 'status'), ...BACKEND_WORDS];
    assert.deepEqual(ofBackends.toSorted(), keys.toSorted());
  });

  test('has every status', () => {
    const statuses = new Set(
      Object.values(document.paths).flatMap((methods) =>
        Object.values(methods).flatMap(({ responses }) => Object.keys(responses)),
      ),
    );
    const documented = tableRows(section(text, '### Errors')).map(([status]) => status ?? '');
    for (const status of statuses) if (!status.startsWith('2')) assert.ok(documented.includes(status), status);
  });
});
