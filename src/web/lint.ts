import type { ReportProblem, Table } from '../config/schema/examine.ts';
import { parseBind } from '../config/values/bind.ts';
import type { NamedAddress } from '../core/address.ts';

/** The address of a service's table before it is read; nothing where it is wrong, which is reported elsewhere. */
export function bindOf(table: Table, byDefault: string): NamedAddress | undefined {
  const written = table['bind'] ?? byDefault;
  if (typeof written !== 'string' && typeof written !== 'number') return undefined;
  const reading = parseBind(String(written));
  return 'value' in reading ? reading.value : undefined;
}

/** Warns of a section that has keys, but nothing that puts it in force. `enabled = false` is a decision. */
export function lintIdleSection(section: string, table: Table, report: ReportProblem): void {
  if (Object.hasOwn(table, 'enabled') || Object.keys(table).length === 0) return;
  report({
    code: 'TSLB_CONFIG_NO_EFFECT',
    severity: 'warning',
    path: [],
    at: 'key',
    message: `the section ${section} has no effect without enabled = true`,
    suggestion: 'remove it, or add enabled = true',
  });
}
