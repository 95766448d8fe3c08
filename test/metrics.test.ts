import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { FAMILIES } from '../src/control/metrics/families.ts';
import { sampleSource } from './helpers/fakes/metrics-source.ts';
import { section, tableRows } from './helpers/texts/markdown.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Name, type and labels, of what a scrape tells when there is something of everything. */
function told(): readonly string[] {
  const source = sampleSource();
  return FAMILIES.map((family) => {
    const [sample] = family.samples(source);
    assert.ok(sample, family.name);
    const labels = Object.keys({ ...sample.labels, ...sample.sharedLabels }).sort();
    return [family.name, family.type, ...labels].join(' ');
  });
}

/** The same, as docs/metrics.md has it. */
function documented(): readonly string[] {
  const page = read('docs/metrics.md');
  const rows = ['Servers', 'Backends', 'Process', "gobetween's"].flatMap((heading) => {
    const shared = { Servers: ['server'], Backends: ['server', 'host', 'port'] }[heading] ?? [];
    return tableRows(section(page, `## ${heading}`))
      .slice(1)
      .map(([name = '', type = '', labels = '']) => {
        const own = [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label);
        return [name.replaceAll('`', ''), type, ...[...shared, ...own].sort()].join(' ');
      });
  });
  return rows;
}

test('docs/metrics.md has every metric, with its type and its labels, and no other', () => {
  assert.deepEqual(documented().toSorted(), told().toSorted());
});

test('the metrics that docs/metrics.md names in its samples exist', () => {
  const unknown = namesIn(read('docs/metrics.md')).filter((name) => !isKnown(name));
  assert.deepEqual(unknown, []);
});

describe('the dashboard for Grafana', () => {
  const dashboard = JSON.parse(read('contrib/grafana/tslb.json')) as { readonly panels: readonly Panel[] };
  const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

  test('asks only for metrics that exist', () => {
    assert.ok(expressions.length >= 20);
    for (const expression of expressions) {
      const names = namesIn(expression);
      assert.ok(names.length > 0, expression);
      assert.deepEqual(
        names.filter((name) => !isKnown(name)),
        [],
        expression,
      );
    }
  });

  test('asks for rates of counters, and of nothing else', () => {
    const counters = new Set(FAMILIES.filter(({ type }) => type === 'counter').map(({ name }) => name));
    for (const expression of expressions) {
      for (const [, name = ''] of expression.matchAll(/\b(?:rate|increase)\((\w+)/g)) {
        assert.ok(counters.has(name) || /_(bucket|sum|count)$/.test(name), expression);
      }
    }
  });

  test('has panels that do not lie on one another, each with a title and a number of its own', () => {
    const places = new Set<string>();
    for (const { title, gridPos } of dashboard.panels) {
      assert.ok(title !== '');
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          const place = `${x} ${y}`;
          assert.ok(x < 24 && !places.has(place), title);
          places.add(place);
        }
      }
    }
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  });
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly targets?: readonly { readonly expr: string }[];
}

function namesIn(text: string): readonly string[] {
  return [...new Set(text.match(/\b(?:tslb|gobetween|process)_[a-z_]+/g))];
}

function isKnown(name: string): boolean {
  return FAMILIES.some((family) => {
    if (family.name === name) return true;
    return family.type === 'histogram' && new RegExp(`^${family.name}_(bucket|sum|count)$`).test(name);
  });
}
