import type { Path } from '../../config/problem/path.ts';
import { quoted } from '../../config/problem/problem.ts';
import { isTable, type ReportProblem, type Table } from '../../config/schema/examine.ts';
import { backendsInFile } from '../../control/discovery/registry.ts';
import { backendKey, type BackendSpec } from '../../core/backend.ts';
import { compileLinear } from '../../regexp/linear-pattern.ts';

/** A backend, and where the file lists it. */
interface Listed {
  readonly backend: BackendSpec;
  readonly path: Path;
}

/** Reports names of backends that no client can have, and those that nobody looks at. */
export function lintSni(file: unknown, report: ReportProblem): void {
  if (!isTable(file) || !isTable(file['servers'])) return;
  for (const [name, server] of Object.entries(file['servers'])) if (isTable(server)) lintServer(name, server, report);
}

function lintServer(name: string, server: Table, report: ReportProblem): void {
  const listed = listedIn(server['discovery'], ['servers', name, 'discovery']);
  const table = server['sni'];
  if (table === undefined) return lintUnread(name, server, listed, report);
  if (!isTable(table)) return;
  const matching = table['hostname_matching_strategy'] ?? 'exact';
  for (const { backend, path } of listed) {
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

/** Once for a server: its clients go to any of its backends. */
function lintUnread(name: string, { protocol }: Table, listed: readonly Listed[], report: ReportProblem): void {
  const first = listed.find(({ backend }) => backend.sni !== undefined || backend.alpn !== undefined);
  if (first === undefined) return;
  const { backend, path } = first;
  const option = backend.sni === undefined ? 'alpn' : 'sni';
  report({
    code: 'TSLB_CONFIG_NO_EFFECT',
    severity: 'warning',
    path,
    message: `the ${option} of ${quoted(backendKey(backend))} has no effect: its server does not read the hellos of clients`,
    suggestion: protocol === 'udp' ? `remove ${option}` : `add the table [servers.${name}.sni]`,
  });
}

/** Each entry of a static list by itself, as far as it can be read. */
function listedIn(discovery: unknown, path: Path): readonly Listed[] {
  if (!isTable(discovery)) return [];
  const { static_list: list } = discovery;
  if (!Array.isArray(list)) return (backendsInFile(discovery) ?? []).map((backend) => ({ backend, path }));
  return list.flatMap((entry: unknown, index) =>
    (backendsInFile({ ...discovery, static_list: [entry] }) ?? []).map((backend) => ({
      backend,
      path: [...path, 'static_list', index],
    })),
  );
}
