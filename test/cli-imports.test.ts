import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const CLI = new URL('../src/cli/', import.meta.url);

/** What is loaded with a compiled file before anything in it runs: our files by their path in dist/src, packages by name. */
function loadedWith(file: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (url: URL): void => {
    const name = url.href.slice(new URL('../', CLI).href.length);
    if (found.has(name)) return;
    found.add(name);
    const text = readFileSync(fileURLToPath(url), 'utf8');
    for (const [, from = ''] of text.matchAll(/^(?:import|export)\b[^;]*?from ["']([^"']+)["'];/gm)) {
      if (from.startsWith('.')) visit(new URL(from, url));
      else found.add(from);
    }
  };
  visit(new URL(file, CLI));
  return found;
}

test('a data-plane thread loads no package, nor what reads configurations', () => {
  const loaded = [...loadedWith('../data/thread/worker.js')];
  assert.ok(loaded.includes('data/thread/thread.js'));
  assert.deepEqual(
    loaded.filter(
      (name) => !/^(?:access|balance|config\/schema\/kind|core|data|ledger|regexp|wire|io|node:)/.test(name),
    ),
    [],
  );
});

test('each command loads its own parts alone', () => {
  const all = [...loadedWith('program.js')];
  const heavy =
    /^(?:app|control|data|web)\/|^cli\/(?:ctl\/run|top\/top|start|check|remote\/api-client)\b|^(?:undici|zod|string-width|fastify)$/;
  assert.deepEqual(
    all.filter((name) => heavy.test(name)),
    [],
  );
  const start = [...loadedWith('start.js')];
  assert.ok(start.includes('app/daemon.js'));
  assert.deepEqual(
    start.filter((name) => /^cli\/(?:ctl|top|remote|text)\/|^undici$/.test(name)),
    [],
  );
  for (const file of ['ctl/run.js', 'top/top.js']) {
    const loaded = [...loadedWith(file)];
    assert.ok(loaded.includes('undici'), file);
    assert.deepEqual(
      loaded.filter((name) => /^(?:app|control|data|web)\//.test(name)),
      [],
      file,
    );
  }
});
