import * as z from 'zod';

import { isTable, withLintRule } from '../../config/schema/examine.ts';
import { address } from '../../config/values/values.ts';
import { lintIdleSection } from '../../web/lint.ts';
import type { WebConfig } from '../../web/schema.ts';

export type MetricsConfig = Pick<WebConfig, 'bind'>;

export const METRICS_BIND = ':9284';

const keys = z.object({
  enabled: z.boolean().default(false).meta({ title: 'boolean', description: 'Whether the metrics are enabled.' }),
  bind: address()
    .prefault(METRICS_BIND)
    .meta({
      description:
        'The address that the metrics are served at (see Binds). There is no login and no TLS; the path is' +
        ' `/metrics`.',
      gobetween: 'Its default is port 80.',
    }),
});

/** The section `[metrics]`; nothing where it is not enabled. */
export const metricsSchema = withLintRule(keys, (table, report) => {
  if (isTable(table)) lintIdleSection('metrics', table, report);
})
  .transform(({ enabled, bind }): MetricsConfig | undefined => (enabled ? { bind } : undefined))
  .optional()
  .meta({ description: 'Metrics for Prometheus.' });
