import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { sections } from '../../scripts/reference/keys.ts';
import { renderJsonSchema, renderReference } from '../../scripts/reference/render.ts';

function doc(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url)), 'utf8');
}

describe('the reference', () => {
  test('is what `npm run docs` writes', () => {
    assert.equal(doc('configuration.md'), renderReference());
    assert.equal(doc('config.schema.json'), renderJsonSchema());
  });

  test('says of every key what it means and what its value is', () => {
    for (const { name, description, keys } of sections()) {
      assert.ok(description.length > 10, name);
      for (const { name: key, schema } of keys) {
        assert.ok((schema.description ?? '').length > 10, `${name}.${key} has no description`);
        assert.ok(
          schema.title !== undefined || schema.properties !== undefined || schema.oneOf !== undefined,
          `${name}.${key}`,
        );
      }
    }
  });
});

describe('the JSON Schema', () => {
  test('allows unknown keys, demands the required ones, and has the defaults', () => {
    const schema = JSON.parse(renderJsonSchema()) as Record<string, unknown>;
    assert.equal(schema['$schema'], 'https://json-schema.org/draft/2020-12/schema');
    assert.doesNotMatch(renderJsonSchema(), /"additionalProperties": false|"gobetween"/);
    assert.equal(at(schema, 'properties.logging.properties.level.default'), 'info');
    assert.equal(at(schema, 'properties.defaults.properties.client_idle_timeout.default'), '0');
    assert.deepEqual(at(schema, 'properties.servers.additionalProperties.required'), ['bind', 'discovery']);
  });
});

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((parent, key) => (parent as Record<string, unknown>)[key], value);
}
