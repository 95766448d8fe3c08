import { quoted } from '../../config/problem/problem.ts';
import { isTable, type LintRule } from '../../config/schema/examine.ts';

/** What every JavaScript object has; a server of that name could be mistaken for it. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);

/** Reports names that a server cannot have. */
export const lintNames: LintRule = (servers, report) => {
  if (!isTable(servers)) return;
  for (const name of Object.keys(servers)) {
    const isReserved = RESERVED_NAMES.has(name);
    const fault = isReserved ? 'the name is reserved' : nameFault(name);
    if (fault === undefined) continue;
    const code = isReserved ? 'TSLB_CONFIG_RESERVED_NAME' : 'TSLB_CONFIG_SERVER_NAME';
    report({ code, path: [name], at: 'key', message: `${quoted(name)} cannot be the name of a server: ${fault}` });
  }
};

function nameFault(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.includes('/')) return 'it has a slash';
  if (name === '.' || name === '..') return 'it would be another place in a URL of the API';
  if (/\p{Cc}/u.test(name)) return 'it has a control character';
  return undefined;
}
