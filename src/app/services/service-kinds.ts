import type { ApiConfig } from '../../control/api/schema.ts';
import type { StatsPageConfig } from '../../control/dashboard/schema.ts';
import type { MetricsConfig } from '../../control/metrics/schema.ts';
import type { ProfilerConfig } from '../../control/profiler/schema.ts';
import type { SocketAddress } from '../../core/address.ts';
import type { Clock } from '../../core/clock.ts';
import type { Control } from '../../core/control.ts';
import type { Stats } from '../../core/stats.ts';
import type { Logger } from '../../log/log.ts';
import type { WebConfig } from '../../web/schema.ts';
import type { Web } from '../../web/web.ts';

/** What a service is opened with. */
export interface ServiceParts extends Control {
  readonly stats: Stats;
  readonly clock: Clock;
  readonly log: Logger;
  readonly bind: SocketAddress;
}

/** gobetween's realm. */
const API_REALM = 'Authorization Required';

/** How each service is opened. Its modules are loaded only then. */
const SERVICES = {
  async api(config: ApiConfig, parts: ServiceParts): Promise<Web> {
    const [{ openWeb }, { actorOf }, { apiRoutes }, { v1Routes }] = await Promise.all([
      import('../../web/web.ts'),
      import('../../web/client.ts'),
      import('../../control/api/routes.ts'),
      import('../../control/v1/routes.ts'),
    ]);
    const { cors } = config;
    return openWeb({ ...webOptions('api', config, API_REALM, parts), cors }, async (app) => {
      await app.register(apiRoutes({ ...parts, cors }));
      const v1 = v1Routes({
        ...parts,
        actor: (request) => actorOf(request, 'api'),
        mayChange: () => true,
      });
      await app.register(v1, { prefix: '/v1' });
    });
  },

  async metrics(config: MetricsConfig, parts: ServiceParts): Promise<Web> {
    const [{ openWeb }, { metricsRoutes }] = await Promise.all([
      import('../../web/web.ts'),
      import('../../control/metrics/routes.ts'),
    ]);
    return openWeb(webOptions('metrics', config, 'metrics', parts), async (app) => {
      await app.register(metricsRoutes(parts));
    });
  },

  async profiler(config: ProfilerConfig, parts: ServiceParts): Promise<Web> {
    const [{ openWeb }, { profilerRoutes }] = await Promise.all([
      import('../../web/web.ts'),
      import('../../control/profiler/routes.ts'),
    ]);
    return openWeb(webOptions('profiler', config, 'profiler', parts), async (app) => {
      await app.register(profilerRoutes(parts));
    });
  },

  async stats(config: StatsPageConfig, parts: ServiceParts): Promise<Web> {
    const [{ openWeb }, { dashboardRoutes }, { v1Routes, snapshotJson }] = await Promise.all([
      import('../../web/web.ts'),
      import('../../control/dashboard/routes.ts'),
      import('../../control/v1/routes.ts'),
    ]);
    return openWeb(webOptions('stats', config, config.realm, parts), async (app) => {
      await app.register(
        dashboardRoutes({ ...parts, config, snapshotJson, v1: (access) => v1Routes({ ...parts, ...access }) }),
      );
    });
  },
} as const;

export type ServiceName = keyof typeof SERVICES;

export const SERVICE_NAMES = Object.keys(SERVICES) as readonly ServiceName[];

/** @param config of that service @throws TslbError TSLB_BIND or TSLB_WEB_TLS; nothing is open then */
export function openService(name: ServiceName, config: WebConfig, parts: ServiceParts): Promise<Web> {
  // The compiler cannot see that name and config belong together.
  return (SERVICES[name] as (config: WebConfig, parts: ServiceParts) => Promise<Web>)(config, parts);
}

function webOptions(service: string, config: WebConfig, realm: string, { clock, log, bind }: ServiceParts) {
  const { tls, basicAuth } = config;
  const host = 'host' in config.bind ? config.bind.host : undefined;
  return { service, bind, host, tls, auth: basicAuth && { ...basicAuth, realm }, clock, log };
}
