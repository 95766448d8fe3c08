import { quoted } from '../../config/problem/problem.ts';
import { isTable, type ReportProblem, type Table } from '../../config/schema/examine.ts';
import { compileLinear } from '../../regexp/linear-pattern.ts';
import { backendsInFile } from '../../control/discovery/registry.ts';
import { backendKey } from '../../core/backend.ts';

/** Reports names of backends that no client can have. */
export function lintSni(file: unknown, report: ReportProblem): void {
  if (!isTable(file) || !isTable(file['servers'])) return;
  for (const [name, server] of Object.entries(file['servers'])) if (isTable(server)) lintServer(name, server, report);
}

function lintServer(name: string, server: Table, report: ReportProblem): void {
  const path = ['servers', name, 'discovery'];
  const table = server['sni'];
  if (!isTable(table)) return;
  const matching = table['hostname_matching_strategy'] ?? 'exact';
  for (const backend of backendsInFile(server['discovery']) ?? []) {
    for (const text of backend.sni ?? []) {
      const of = `the sni ${quoted(text)} of ${quoted(backendKey(backend))}`;
      if (matching === 'regexp') {
        const compiled = compileLinear(text);
        if ('problem' in compiled)
          report({
            code: 'TSLB_CONFIG_PATTERN',
            path,
            message: `${of} is not a regular expression: ${compiled.problem}`,
            expected: 'a regular expression as RE2 has them',
          });
      } else if (matching === 'exact' && text.includes('*')) {
        report({
          code: 'TSLB_CONFIG_NO_EFFECT',
          severity: 'warning',
          path,
          message: `${of} is a name that no client has`,
          suggestion: `write hostname_matching_strategy = "wildcard" in [servers.${name}.sni]`,
        });
      }
    }
  }
}
