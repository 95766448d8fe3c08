import type * as z from 'zod';

import { tableOfKinds } from '../../config/schema/kind-table.ts';
import { createKind, registry } from '../../config/schema/kind.ts';
import type { Healthcheck } from '../../core/healthcheck.ts';
import type { HealthcheckTools } from './kind.ts';
import * as kinds from './kinds.ts';

/** By the name that `kind = "…"` gives it. */
export const healthchecks = registry(kinds);

/** The table `healthcheck` of a server. */
export const healthcheckSchema = tableOfKinds(kinds).meta({
  description: 'How the health of the backends is checked. The keys depend on the kind. Absent: no checks.',
  examples: [{ kind: 'ping', interval: '2s' }],
});

export type HealthcheckConfig = z.output<typeof healthcheckSchema>;

/** Of a server without the table. */
export const NO_HEALTHCHECK: HealthcheckConfig = healthcheckSchema.parse({ kind: 'none' });

/** Makes the check that a configuration asks for. Opens nothing yet. */
export function createHealthcheck(config: HealthcheckConfig, tools: HealthcheckTools): Healthcheck {
  return createKind(healthchecks, config, tools);
}
