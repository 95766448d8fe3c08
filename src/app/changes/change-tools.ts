import type { App } from '../runtime/app.ts';
import type { AuditLog } from './audit-log.ts';
import type { Standing } from './standing.ts';
import type { Turns } from './turns.ts';

/** What a change of the configuration needs. */
export interface ChangeTools {
  readonly app: App;
  readonly standing: Standing;
  readonly turns: Turns;
  readonly auditLog: AuditLog;
}
