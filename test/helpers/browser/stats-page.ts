import type { TestContext } from 'node:test';

import { dashboardRoutes } from '../../../src/control/dashboard/routes.ts';
import { snapshotJson } from '../../../src/control/v1/present/snapshot.ts';
import { v1Routes } from '../../../src/control/v1/routes.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { Control } from '../../../src/core/control.ts';
import type { Stats } from '../../../src/core/stats.ts';
import type { BasicAuth } from '../../../src/web/basic-auth.ts';
import { startWeb, type TestWeb } from '../sockets/web.ts';

export const PAGE_LOGIN: BasicAuth = { login: 'admin', password: 'secret', realm: 'tslb' };

export interface StatsPageOptions {
  readonly admin?: boolean;
  /** Absent: nobody has to log in. */
  readonly auth?: BasicAuth;
  readonly refreshMs?: number;
}

/** The stats page at `/stats` of a port of its own. */
export function startStatsPage(
  t: TestContext,
  { control, stats }: { readonly control: Control; readonly stats: Stats },
  { admin = false, auth, refreshMs = 30_000 }: StatsPageOptions = {},
): Promise<TestWeb> {
  const log = { error: () => {} };
  const page = dashboardRoutes({
    ...{ config: { uri: '/stats', refreshMs, admin }, ...control, stats, snapshotJson },
    v1: (access) => v1Routes({ ...control, stats, clock: systemClock, log, ...access }),
  });
  return startWeb(t, (app) => void app.register(page), { service: 'stats', auth });
}
