import type { FastifyInstance } from 'fastify';

import type { Clock } from '../../core/clock.ts';
import type { Reading } from '../../core/reading.ts';
import type { Stats } from '../../core/stats.ts';
import { FAMILIES } from './families.ts';
import { metricOf } from './family.ts';
import { type MetricsSource, metricsSourceOf } from './metrics-source.ts';
import { SharedText } from './shared-text.ts';

export interface MetricsParts {
  readonly reading: Pick<Reading, 'about' | 'reloads' | 'host' | 'names'>;
  readonly stats: Pick<Stats, 'now'>;
  readonly clock: Clock;
}

/** `GET /metrics` for Prometheus, in its text format 0.0.4. Loads prom-client, which nothing else needs. */
export function metricsRoutes({ reading, stats, clock }: MetricsParts): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    const { Registry } = await import('prom-client');
    const registry = new Registry();
    let source: MetricsSource | undefined;

    const read = (): MetricsSource =>
      metricsSourceOf(
        { about: reading.about, reloads: reading.reloads(), host: reading.host(), names: reading.names() },
        stats.now(),
      );
    for (const family of FAMILIES) registry.registerMetric(metricOf(family, () => (source ??= read())));

    const text = new SharedText(
      async () => {
        try {
          return await registry.metrics();
        } finally {
          source = undefined;
        }
      },
      clock,
      () => app.answering(),
    );

    app.get('/metrics', { exposeHeadRoute: true }, async (_request, reply) => {
      void reply.type(registry.contentType);
      return text.bytes();
    });
  };
}
