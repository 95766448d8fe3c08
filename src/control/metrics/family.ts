import type { Metric } from 'prom-client';

import type { BackendStats, ServerStats } from '../../core/stats.ts';
import type { Labelled, Labels, MetricsSource } from './metrics-source.ts';

/** One line of the exposition, in prom-client's words. */
export interface Sample {
  readonly value: number;
  readonly labels?: Labels;
  /** Made once for many samples: prom-client keeps their text. */
  readonly sharedLabels?: Labels;
  /** Where it is not the family's: `…_bucket`. */
  readonly metricName?: string;
}

export interface FamilyHead {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** For people, on one line. */
  readonly help: string;
}

/** A metric with all its samples. */
export interface Family extends FamilyHead {
  samples(source: MetricsSource): readonly Sample[];
}

/** @param value undefined for a server that has none */
export function ofServers(head: FamilyHead, value: (server: ServerStats) => number | undefined): Family {
  return { ...head, samples: ({ servers }) => samplesOf(servers, value) };
}

/** @param value undefined for a backend that has none */
export function ofBackends(head: FamilyHead, value: (backend: BackendStats) => number | undefined): Family {
  return { ...head, samples: ({ backends }) => samplesOf(backends, value) };
}

function samplesOf<T>(all: readonly Labelled<T>[], valueOf: (each: T) => number | undefined): readonly Sample[] {
  const samples: Sample[] = [];
  for (const { of, sharedLabels } of all) {
    const value = valueOf(of);
    if (value !== undefined) samples.push({ value, sharedLabels });
  }
  return samples;
}

/**
 * A family as prom-client's registry asks for it. What it tells is read from the source and not kept: prom-client's own
 * counters and gauges take several times as long with a thousand backends, and would have to be told of each that is
 * gone.
 */
export function metricOf(family: Family, source: () => MetricsSource): Metric {
  const { name, type, help } = family;
  const metric = { name, get: () => Promise.resolve({ name, type, help, values: family.samples(source()) }) };
  return metric as unknown as Metric;
}
