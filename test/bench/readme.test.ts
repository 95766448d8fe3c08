import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { PUBLISHED } from '../../scripts/bench/options.ts';
import type { Findings } from '../../scripts/bench/report/findings.ts';
import { readmeBlock, withBlock } from '../../scripts/bench/report/readme.ts';
import { reportText } from '../../scripts/bench/report/text.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const FINDINGS = join(ROOT, PUBLISHED, 'results.json');

test('the figures have their place in README.md, and only that changes', () => {
  const once = withBlock(README, 'first\n');
  const twice = withBlock(once, 'second\n');
  assert.match(twice, /\n<!-- bench: [^>]+ -->\n\nsecond\n\n<!-- bench: end -->\n/);
  assert.equal(withBlock(twice, 'first'), once);
  assert.ok(!twice.includes('first\n\n<!-- bench'));
  assert.throws(() => withBlock('# Another page\n', 'x'), /no place for the figures/);
});

const skip = !existsSync(FINDINGS) && 'there are no published figures yet';

test('README.md and results.md show what was measured', { skip }, () => {
  const findings = JSON.parse(readFileSync(FINDINGS, 'utf8')) as Findings;
  assert.equal(withBlock(README, readmeBlock(findings, PUBLISHED)), README);
  assert.equal(readFileSync(join(ROOT, PUBLISHED, 'results.md'), 'utf8'), reportText(findings));
});
