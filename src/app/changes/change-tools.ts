import type { App } from '../runtime/app.ts';
import type { ActiveConfig } from './active-config.ts';
import type { AuditLog } from './audit-log.ts';
import type { SerialQueue } from './serial-queue.ts';

/** What a change of the configuration needs. */
export interface ChangeTools {
  readonly app: App;
  readonly activeConfig: ActiveConfig;
  readonly queue: SerialQueue;
  readonly auditLog: AuditLog;
}
