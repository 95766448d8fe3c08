import type { ReportProblem, Table } from '../../config/schema/examine.ts';
import { noEffect } from '../../config/schema/no-effect.ts';

interface IdleKeys {
  readonly values: Table;
  /** Those that have no effect as the table stands. */
  readonly keys: readonly string[];
  /** What would give them a meaning, as TOML writes it. */
  readonly without: string;
}

/** Warns of keys that have no effect without another. */
export function lintIdleKeys({ values, keys, without }: IdleKeys, report: ReportProblem): void {
  for (const key of keys) {
    if (!Object.hasOwn(values, key) || values[key] === false) continue;
    report(noEffect(key, { path: [key], without, suggestion: `remove it, or write ${without}` }));
  }
}
