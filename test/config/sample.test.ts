import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { sections } from '../../scripts/reference/keys.ts';
import { loadConfig } from '../../src/app/config/load.ts';
import { balancers } from '../../src/balance/registry.ts';
import { reportText } from '../../src/cli/check-report.ts';
import { discoveries } from '../../src/control/discovery/registry.ts';
import { healthchecks } from '../../src/control/healthcheck/registry.ts';
import { staticList } from '../helpers/texts/static-list.ts';

const SAMPLE = readFileSync(fileURLToPath(new URL('../../../gobetween.toml', import.meta.url)), 'utf8');

/** A setting that is commented out has no blank after its `#`; a comment for people has one. */
const COMMENTED_OUT = /^(\s*)#(?=["[a-z])/;

describe('gobetween.toml', () => {
  test('starts one server with two backends as it stands', async () => {
    const { config, diagnostics } = await load(SAMPLE);
    assert.equal(reportText(diagnostics), 'no problems found\n');
    assert.deepEqual(config?.servers[0]?.binds, [{ host: '*', port: 8080 }]);
    assert.equal(staticList(config.servers[0].discovery).length, 2);
  });

  test('is right with every comment taken away, the last of several taking effect', async () => {
    const { diagnostics } = await load(uncommented(SAMPLE));
    assert.equal(reportText(diagnostics), 'no problems found\n');
  });

  test('shows every key', () => {
    const shown = new Set(SAMPLE.split('\n').flatMap((line) => /^\s*#?\[?([\w.]+)(?=\]| =|\.")/.exec(line)?.[1] ?? []));
    const tables = new Set([...shown].flatMap((name) => name.split('.')));
    for (const { name, keys } of sections()) {
      for (const key of keys)
        assert.ok(shown.has(key.name) || tables.has(key.name), `${name}.${key.name} is not shown`);
    }
  });

  test('shows every kind', () => {
    for (const kind of Object.keys(balancers)) assert.match(SAMPLE, new RegExp(`balance = "${kind}"`));
    for (const kind of Object.keys({ ...discoveries, ...healthchecks }))
      assert.match(SAMPLE, new RegExp(`kind = "${kind}"`));
  });
});

async function load(text: string) {
  return loadConfig({ bytes: Buffer.from(text), file: 'gobetween.toml' });
}

/** Everything that is commented out put in force; of a key that stands several times in a section, the last one stays. */
function uncommented(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(COMMENTED_OUT, '$1'));
  let section = '';
  const names = lines.map((line) => {
    section = /^\[([\w.]+)\]/.exec(line)?.[1] ?? section;
    const key = /^(\w+) =/.exec(line)?.[1];
    return key === undefined ? undefined : `${section}.${key}`;
  });
  return lines.filter((_, index) => names[index] === undefined || names.lastIndexOf(names[index]) === index).join('\n');
}
