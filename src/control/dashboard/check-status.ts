import type { Health } from '../../core/healthcheck.ts';
import type { JsonTable } from '../../core/json.ts';

export type CheckKind = 'none' | 'ping' | 'probe' | 'http' | 'exec';

/** HAProxy's codes for what a check of each kind found: passed, failed, out of time. */
const CODES: Readonly<Record<CheckKind, readonly [passed: string, failed: string, late: string]>> = {
  none: ['UNK', 'UNK', 'UNK'],
  ping: ['L4OK', 'L4CON', 'L4TOUT'],
  probe: ['L7OK', 'L7RSP', 'L7TOUT'],
  http: ['L7OK', 'L7STS', 'L7TOUT'],
  exec: ['PROCOK', 'PROCERR', 'PROCTOUT'],
};

/** How a reason ends when a check took too long, and how it begins when nothing was connected. */
const LATE = /after \d+ ms$/;
const NOT_CONNECTED = /^(?:connection (?:refused|reset|timed out)|(?:host|network) unreachable|no such socket)/;

/** What HAProxy has in the column `check_status`, for the last check. */
export function checkStatus(kind: CheckKind, { state, reason, checkedAt }: Health): string {
  if (checkedAt === undefined) return 'INI';
  const [passed, failed, late] = CODES[kind];
  if (state === 'up' || state === 'rising') return passed;
  if (LATE.test(reason)) return late;
  return kind !== 'exec' && NOT_CONNECTED.test(reason) ? 'L4CON' : failed;
}

/** @param config a server in gobetween's form */
export function checkKindOf(config: JsonTable | undefined): CheckKind {
  const check = config?.['healthcheck'];
  if (typeof check !== 'object' || check === null || !('kind' in check)) return 'none';
  const { kind } = check;
  return typeof kind === 'string' && kind in CODES ? (kind as CheckKind) : 'none';
}
