import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Diagnostic } from './diagnostic.ts';
import { ConfigRefused } from './refused.ts';

const ERROR: Diagnostic = {
  severity: 'error',
  code: 'TSLB_CONFIG_MISSING',
  file: '',
  path: 'servers.web.bind',
  message: 'the required key "bind" is missing',
};

test('says the first error, where it stands, and how many more there are', () => {
  const inFile = { ...ERROR, file: 'tslb.toml', line: 3, column: 1 };
  const warning: Diagnostic = { ...ERROR, severity: 'warning', message: 'not this' };
  const text = 'servers.web.bind: the required key "bind" is missing';
  assert.equal(new ConfigRefused([ERROR]).message, text);
  assert.equal(new ConfigRefused([warning, inFile, ERROR]).message, `tslb.toml:3:1: ${text} (and 1 more error)`);
  assert.equal(new ConfigRefused([ERROR, ERROR, { ...ERROR, path: '' }]).message, `${text} (and 2 more errors)`);
  assert.equal(new ConfigRefused([ERROR]).code, 'TSLB_CONFIG_REFUSED');
});
