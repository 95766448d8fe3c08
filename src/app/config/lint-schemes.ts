import { quoted } from '../../config/problem/problem.ts';
import { isTable, type ReportProblem } from '../../config/schema/examine.ts';
import { splitScheme } from '../../control/discovery/registry.ts';

/** Tells of entries of `static_list` that begin with `tcp://` or `udp://`: nothing says it but `protocol`. */
export function lintSchemes(file: unknown, report: ReportProblem): void {
  if (!isTable(file) || !isTable(file['servers'])) return;
  for (const [name, server] of Object.entries(file['servers'])) {
    const discovery = isTable(server) ? server['discovery'] : undefined;
    const list = isTable(discovery) ? discovery['static_list'] : undefined;
    if (!isTable(server) || !Array.isArray(list)) continue;
    const carried = server['protocol'] === 'udp' ? 'udp' : 'tcp';
    for (const [index, text] of list.entries()) {
      const { scheme, line } = splitScheme(String(text));
      if (scheme === undefined) continue;
      const isOther = scheme !== carried;
      report({
        code: 'TSLB_CONFIG_BACKEND',
        severity: isOther ? 'error' : 'warning',
        path: ['servers', name, 'discovery', 'static_list', index],
        message: isOther
          ? `"${scheme}://" stands before a backend of a ${carried} server, which reaches all its backends by ${carried}`
          : `${quoted(String(text))} is read as ${quoted(line)}`,
        suggestion: `write ${quoted(line)}`,
      });
    }
  }
}
