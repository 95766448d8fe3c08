import type { About, HostStatus, NamesStatus, Reloads } from '../../core/process-status.ts';
import type { BackendStats, ServerStats, StatsSnapshot } from '../../core/stats.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Labelled<T> {
  readonly of: T;
  /** One object for all samples of the same thing. */
  readonly sharedLabels: Labels;
}

/** What one scrape tells of. All families read from the same one, so that their figures agree. */
export interface MetricsSource {
  readonly about: About;
  readonly snapshot: StatsSnapshot;
  readonly servers: readonly Labelled<ServerStats>[];
  readonly backends: readonly Labelled<BackendStats>[];
  readonly reloads: Reloads;
  readonly host: HostStatus;
  readonly names: NamesStatus;
}

export function metricsSourceOf(
  { about, reloads, host, names }: Pick<MetricsSource, 'about' | 'reloads' | 'host' | 'names'>,
  snapshot: StatsSnapshot,
): MetricsSource {
  return {
    about,
    snapshot,
    servers: snapshot.servers.map((of) => ({ of, sharedLabels: { server: of.name } })),
    backends: snapshot.servers.flatMap(({ name: server, backends }) =>
      backends.map((of) => ({ of, sharedLabels: { server, host: of.host, port: of.port } })),
    ),
    reloads,
    host,
    names,
  };
}
