import * as z from 'zod';

import { quoted } from '../../config/problem/problem.ts';
import { type LintRule, type ReportProblem, type Table, withLintRule } from '../../config/schema/examine.ts';
import { parsedText } from '../../config/values/values.ts';
import { backendKey, type BackendSpec, MOST_BACKENDS } from '../../core/backend.ts';
import { lastOfEach } from './backend-lines.ts';
import { backendLine } from './backend-table.ts';
import { defineDiscovery } from './kind.ts';
import { parseStaticLine } from './static-line.ts';

/** The backends stand in the file. */
export const staticDiscovery = defineDiscovery({
  kind: 'static',
  summary: 'The backends are listed in the file, in `static_list`.',
  samples: [
    `
[servers.web.discovery]
kind = "static"
static_list = ["localhost:8001 weight=2", "localhost:8002 weight=3", "localhost:8003 priority=2"]
`,
  ],
  keys: {
    static_list: withLintRule(
      z
        .array(
          parsedText(parseStaticLine).meta({
            examples: ['192.168.56.2:80 weight=2 priority=1', 'unix:/run/app.sock'],
          }),
        )
        .max(MOST_BACKENDS)
        .meta({
          title: 'list of backends',
          description: 'The backends, each as text: an address, then its options (see Backends).',
          examples: [['localhost:8001 weight=2', 'localhost:8002']],
          gobetween: 'Skips an entry that it cannot read; here such an entry is an error.',
        }),
      lintList,
    ),
  },
  configure: ({ static_list }) => ({ backends: lastOfEach(static_list) }),
  inFile: {
    read: readList,
    write: (backends) => ({ static_list: backends.map(backendLine) }),
  },
  create: ({ backends }) => ({ discover: () => Promise.resolve(backends) }),
});

function readList({ static_list: list }: Table): readonly BackendSpec[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const backends: BackendSpec[] = [];
  for (const line of list) {
    const reading = parseStaticLine(String(line));
    if ('faults' in reading) return undefined;
    backends.push(reading.value);
  }
  return lastOfEach(backends);
}

function lintList(...[list, report]: Parameters<LintRule>): void {
  if (!Array.isArray(list)) return;
  if (list.length === 0) {
    report({
      code: 'TSLB_CONFIG_NO_BACKENDS',
      severity: 'warning',
      path: [],
      message: 'the list is empty; every connection will be closed',
      expected: 'at least one backend',
    });
  }
  lintDisabled(list, report);
  const seen = new Map<string, number>();
  for (const [index, line] of list.entries()) {
    const reading = typeof line === 'string' ? parseStaticLine(line) : undefined;
    if (reading === undefined || 'faults' in reading) continue;
    const key = backendKey(reading.value);
    const first = seen.get(key);
    // With a name each time it is one backend of several names.
    if (first !== undefined && reading.value.sni === undefined) {
      const message = `the backend ${quoted(key)} is listed at [${first}] already; the last entry is used`;
      report({ code: 'TSLB_CONFIG_BACKEND_TWICE', severity: 'warning', path: [index], message });
    }
    seen.set(key, index);
  }
}

function lintDisabled(list: readonly unknown[], report: ReportProblem): void {
  const readings = list.map((line) => (typeof line === 'string' ? parseStaticLine(line) : undefined));
  const isDisabled = (reading: (typeof readings)[number]) =>
    reading !== undefined && 'value' in reading && reading.value.state === 'disabled';
  if (list.length === 0 || !readings.every(isDisabled)) return;
  report({
    code: 'TSLB_CONFIG_NO_BACKENDS',
    severity: 'warning',
    path: [],
    message: 'every backend is disabled; no connection will get a backend',
    expected: 'at least one backend that is enabled',
  });
}
