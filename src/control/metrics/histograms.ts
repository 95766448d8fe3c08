import { type Histogram, HISTOGRAM_BOUNDS, type HistogramName } from '../../core/totals.ts';
import type { Family, Sample } from './family.ts';
import type { Labels } from './metrics-source.ts';

/** What is measured of each connection, for each server. */
export const HISTOGRAMS: readonly Family[] = [
  histogram('connect', 'connect_duration_seconds', 'Until a backend was connected, of connections that got one.'),
  histogram('queue', 'queue_duration_seconds', 'In the queue, of connections that had to wait.'),
  histogram('duration', 'connection_duration_seconds', 'Whole life of connections that had a backend.'),
  histogram('bytes', 'connection_bytes', 'In both directions, of connections that had a backend.'),
];

function histogram(key: HistogramName, suffix: string, help: string): Family {
  const name = `tslb_server_${suffix}`;
  const limits: readonly Labels[] = [...HISTOGRAM_BOUNDS[key].map(String), '+Inf'].map((le) => ({ le }));
  return {
    name,
    type: 'histogram',
    help,
    samples: ({ servers }) =>
      servers.flatMap(({ of, sharedLabels }) =>
        samplesOf(of.totals.histograms[key], name, limits).map((sample) => ({ ...sample, sharedLabels })),
      ),
  };
}

/** Prometheus counts in each bucket all that is not above its bound. */
function samplesOf({ counts, sum }: Histogram, name: string, limits: readonly Labels[]): readonly Sample[] {
  let count = 0;
  const buckets = limits.map((labels, bucket) => {
    count += counts[bucket] ?? 0;
    return { metricName: `${name}_bucket`, labels, value: count };
  });
  return [...buckets, { metricName: `${name}_sum`, value: sum }, { metricName: `${name}_count`, value: count }];
}
