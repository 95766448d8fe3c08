import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';

import fc from 'fast-check';

import { diagnosticLine } from '../config/problem/diagnostic-line.ts';
import type { Diagnostic } from '../config/problem/diagnostic.ts';
import { reportJson, reportText } from './check-report.ts';

const WARNING: Diagnostic = {
  severity: 'warning',
  code: 'TSLB_CONFIG_KEY_UNKNOWN',
  file: 'a.toml',
  line: 3,
  column: 5,
  path: 'servers.web.x',
  message: 'the key "x" is unknown and ignored',
  excerpt: { text: '    x = 1', caret: 4 },
};
const ERROR: Diagnostic = {
  severity: 'error',
  code: 'TSLB_CONFIG_FILE',
  file: 'b.toml',
  path: '',
  message: 'the file does not exist',
  suggestion: 'make one',
};

describe('the report for people', () => {
  test('has place, source line, caret, hints and a count', () => {
    assert.equal(
      reportText([WARNING, ERROR]),
      [
        'a.toml:3:5: warning: servers.web.x: the key "x" is unknown and ignored [TSLB_CONFIG_KEY_UNKNOWN]',
        '    3 |     x = 1',
        '      |     ^',
        '',
        'b.toml: error: the file does not exist [TSLB_CONFIG_FILE]',
        '  suggestion: make one',
        '',
        '1 error, 1 warning',
        '',
      ].join('\n'),
    );
    assert.equal(reportText([]), 'no problems found\n');
  });

  test('says of each part that is not built yet once what its absence means', () => {
    const missing = { name: 'UDP', meaning: 'no datagram would be answered' };
    const other = { name: 'discovery by srv', meaning: 'the server would have no backends' };
    const report = reportText([ERROR, { ...ERROR, missing }, { ...ERROR, missing: other }, { ...ERROR, missing }]);
    assert.ok(
      report.endsWith(
        [
          '',
          'not built yet: UDP (2 places): no datagram would be answered',
          'not built yet: discovery by srv (1 place): the server would have no backends',
          'Leave the servers that need it to gobetween; tslb carries the others.',
          '',
          '4 errors',
          '',
        ].join('\n'),
      ),
      report,
    );
  });

  test('has the same text in colour', () => {
    const coloured = reportText([WARNING, ERROR], { hasColour: true });
    assert.notEqual(coloured, reportText([WARNING, ERROR]));
    assert.equal(stripVTControlCharacters(coloured), reportText([WARNING, ERROR]));
  });

  test('puts the caret under the character, behind wide ones, combining ones and tabs', () => {
    const text = '\t日本é🎉x';
    const report = reportText([{ ...WARNING, excerpt: { text, caret: text.indexOf('x') } }]);
    assert.equal(report.split('\n')[2], `      | ${' '.repeat(1 + 4 + 1 + 2)}^`);
  });

  test('never holds a control character, whatever the file holds', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, fc.nat(), (junk, name, seed) => {
        const excerpt = { text: junk, caret: seed % (junk.length + 1) };
        const diagnostic = { ...WARNING, file: name, path: name, message: junk, expected: junk, excerpt };
        for (const output of [reportText([diagnostic]), `${diagnosticLine(diagnostic)}\n`, reportJson([diagnostic])]) {
          assert.doesNotMatch(output, /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        }
      }),
    );
  });
});

describe('the report for scripts', () => {
  test('is one JSON object', () => {
    assert.deepEqual(JSON.parse(reportJson([WARNING])), {
      ok: true,
      diagnostics: [
        {
          severity: 'warning',
          code: 'TSLB_CONFIG_KEY_UNKNOWN',
          file: 'a.toml',
          line: 3,
          column: 5,
          path: 'servers.web.x',
          message: 'the key "x" is unknown and ignored',
          source: '    x = 1',
        },
      ],
    });
  });

  test('is not ok with an error, nor with a warning where that is asked', () => {
    const isOk = (text: string) => (JSON.parse(text) as { ok: boolean }).ok;
    assert.equal(isOk(reportJson([])), true);
    assert.equal(isOk(reportJson([ERROR])), false);
    assert.equal(isOk(reportJson([WARNING], true)), false);
    assert.equal(isOk(reportJson([], true)), true);
  });
});

test('a line for the log has no source', () => {
  assert.equal(diagnosticLine(ERROR), 'b.toml: error: the file does not exist [TSLB_CONFIG_FILE]');
});
