import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import fastify from 'fastify';
import * as z from 'zod';

import { fakeControl, FakeStats } from '../../../test/helpers/fakes/fake-control.ts';
import { systemClock } from '../../core/clock.ts';
import { v1Routes, type V1Parts } from './routes.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly { name: string; in: string; required: boolean; description?: string }[];
  readonly requestBody?: { content: Record<string, { schema: Schema; example?: unknown }> };
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>;
}

type Schema = Readonly<Record<string, unknown>>;

interface Document {
  readonly openapi: string;
  readonly info: Readonly<Record<string, unknown>>;
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { schemas: Record<string, Schema>; securitySchemes: Record<string, unknown> };
}

/** What is documented, and what fastify was given beside the refusals of other methods. */
async function load(
  prefix: string,
  given: Pick<V1Parts, 'tokenHeader'> = {},
): Promise<{ document: Document; routes: readonly string[] }> {
  const routes: string[] = [];
  const app = fastify({ exposeHeadRoutes: false });
  app.addHook('onRoute', ({ method, routePath, schema }) => {
    const path = routePath.replaceAll(/:(\w+)/g, '{$1}');
    if (schema?.hide !== true) routes.push(...[method].flat().map((each) => `${each} ${path}`));
  });
  const parts = { ...fakeControl(), stats: new FakeStats(), clock: systemClock, log: { error: () => {} } };
  await app.register(v1Routes({ ...parts, ...given, actor: () => ({ via: 'api' }), mayChange: () => true }), {
    prefix,
  });
  const answer = await app.inject(`${prefix}/openapi.json`);
  assert.equal(answer.statusCode, 200);
  assert.match(String(answer.headers['content-type']), /^application\/json/);
  await app.close();
  return { document: answer.json(), routes };
}

describe('the OpenAPI document', () => {
  let document: Document;
  let routes: readonly string[];
  let operations: readonly (Operation & { path: string; method: string })[];
  before(async () => {
    ({ document, routes } = await load('/v1'));
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method })),
    );
  });

  test('has every route of the code, and no other', () => {
    const documented = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    assert.deepEqual(documented.toSorted(), routes.toSorted());
    assert.ok(documented.length >= 20, `${documented.length} routes`);
  });

  test('is OpenAPI 3.1 with a title, a version, a server and a login', () => {
    assert.match(document.openapi, /^3\.1\.\d$/);
    assert.deepEqual(Object.keys(document.info).sort(), ['description', 'license', 'title', 'version']);
    assert.deepEqual(document.servers, [{ url: '/v1' }]);
    const schemes = Object.keys(document.components.securitySchemes);
    assert.deepEqual(
      document.security.flatMap((each) => Object.keys(each)).filter((name) => !schemes.includes(name)),
      [],
    );
  });

  test('says of each operation what it is for and what it answers', () => {
    const tags = document.tags.map(({ name }) => name);
    for (const { operationId, path, summary, responses, ...operation } of operations) {
      assert.ok(operationId !== '' && summary !== '', path);
      assert.deepEqual(
        operation.tags.filter((tag) => !tags.includes(tag)),
        [],
        operationId,
      );
      const statuses = Object.keys(responses);
      assert.ok(
        statuses.some((status) => status.startsWith('2')),
        operationId,
      );
      assert.ok(statuses.includes('401') && statuses.includes('429'), operationId);
      for (const { description } of Object.values(responses)) assert.notEqual(description, 'Default Response');
    }
    assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
  });

  test('has the parameters of each path, and a description of every parameter', () => {
    for (const { path, parameters = [], operationId } of operations) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      assert.deepEqual(
        inPath,
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
        operationId,
      );
      for (const { name, description = '' } of parameters) assert.notEqual(description, '', `${operationId} ${name}`);
    }
  });

  test('refers only to schemas that it has, and has none that nothing refers to', () => {
    const referred = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, id]) => id);
    assert.deepEqual([...new Set(referred)].sort(), Object.keys(document.components.schemas));
    assert.deepEqual([...JSON.stringify(document).matchAll(/"\$ref":"(?!#\/components\/schemas\/\w+")/g)], []);
  });

  test('describes every schema and every key of it', () => {
    for (const [id, schema] of Object.entries(document.components.schemas)) {
      assert.ok(typeof schema['description'] === 'string', id);
      const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
      for (const [key, property] of Object.entries(properties)) {
        assert.ok('description' in property || '$ref' in property, `${id}.${key}`);
      }
    }
  });

  test('has an example of every body, and all examples are of their schema', () => {
    for (const { requestBody, operationId } of operations) {
      for (const { schema } of Object.values(requestBody?.content ?? {})) assert.ok('$ref' in schema, operationId);
    }
    const examples = examplesIn(document.components);
    for (const { schema, example } of examples) {
      const known = { ...schema, $defs: document.components.schemas };
      const plain = JSON.parse(
        JSON.stringify(known).replaceAll('#/components/schemas/', '#/$defs/'),
      ) as z.core.JSONSchema.Schema;
      assert.deepEqual(z.fromJSONSchema(plain).safeParse(example).error?.issues, undefined, JSON.stringify(schema));
    }
    assert.ok(examples.length > 60, `${examples.length} examples`);
  });

  test('says where changes want a token besides', async () => {
    const { document: guarded } = await load('/v1', { tokenHeader: 'x-token' });
    const { token } = guarded.components.securitySchemes as { token: { in: string; name: string } };
    assert.deepEqual([token.in, token.name], ['header', 'x-token']);
    for (const methods of Object.values(guarded.paths)) {
      for (const [method, { security, operationId }] of Object.entries(methods)) {
        assert.deepEqual(security, method === 'get' ? undefined : [{ basic: [], token: [] }], operationId);
      }
    }
    assert.deepEqual(Object.keys(document.components.securitySchemes), ['basic']);
  });

  test('names the prefix under which it is served', async () => {
    const { document: other } = await load('/stats/v1');
    assert.deepEqual(other.servers, [{ url: '/stats/v1' }]);
    assert.deepEqual(Object.keys(other.paths), Object.keys(document.paths));
  });
});

function examplesIn(value: unknown): readonly { schema: Schema; example: unknown }[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'examples' in value && Array.isArray(value.examples) ? (value.examples as unknown[]) : [];
  return [
    ...own.map((example) => ({ schema: value as Schema, example })),
    ...(Object.values(value) as unknown[]).flatMap(examplesIn),
  ];
}
