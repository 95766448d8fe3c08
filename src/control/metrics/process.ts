import type { Family, FamilyHead } from './family.ts';
import type { MetricsSource } from './metrics-source.ts';

const MICROSECONDS = 1e6;

/** What is known of the process, its threads and its configuration. The names of `process_…` are Prometheus's own. */
export const PROCESS: readonly Family[] = [
  {
    name: 'tslb_build_info',
    type: 'gauge',
    help: 'Always 1: which tslb on which Node.js.',
    samples: ({ about }) => [{ value: 1, labels: { version: about.version, node: process.version } }],
  },
  {
    name: 'tslb_engine_info',
    type: 'gauge',
    help: 'Always 1: what the engine "auto" is here.',
    samples: ({ about }) => [{ value: 1, labels: { engine: about.engine } }],
  },
  one(
    { name: 'tslb_config_reloads_total', type: 'counter', help: 'Configurations put into force after the first one.' },
    ({ reloads }) => reloads.count,
  ),
  one(
    { name: 'tslb_config_reload_failures_total', type: 'counter', help: 'Reloads that failed and changed nothing.' },
    ({ reloads }) => reloads.failed,
  ),
  one(
    {
      name: 'tslb_config_last_reload_successful',
      type: 'gauge',
      help: 'Whether the last reload has put its file into force; 1 before the first one.',
    },
    ({ reloads }) => (reloads.hasFailed ? 0 : 1),
  ),
  one(
    {
      name: 'tslb_config_in_force_timestamp_seconds',
      type: 'gauge',
      help: 'Since when the configuration is in force.',
    },
    ({ reloads }) => reloads.at / 1000,
  ),
  {
    name: 'tslb_thread_connections',
    type: 'gauge',
    help: 'Connections that a thread of the data plane holds now.',
    samples: ({ snapshot }) =>
      snapshot.threads.map(({ number, engine, connections }) => ({
        value: connections,
        labels: { thread: String(number), engine },
      })),
  },
  {
    name: 'tslb_thread_accepted_total',
    type: 'counter',
    help: 'Connections that a thread of the data plane was given.',
    samples: ({ snapshot }) =>
      snapshot.threads.map(({ number, engine, accepted }) => ({
        value: accepted,
        labels: { thread: String(number), engine },
      })),
  },
  one(
    {
      name: 'tslb_event_loop_delay_seconds',
      type: 'gauge',
      help: 'The longest delay of the main thread in the last second. It carries no traffic.',
    },
    ({ snapshot }) => snapshot.process.loopDelayMs / 1000,
  ),
  {
    name: 'tslb_shortages_total',
    type: 'counter',
    help: 'Dials and checks that failed because this host lacked something; no backend is to blame.',
    samples: ({ host }) => [...host.shortages].map(([resource, value]) => ({ value, labels: { resource } })),
  },
  one(
    {
      name: 'tslb_local_ports_used_ratio',
      type: 'gauge',
      help: 'The part of the local ports towards the busiest backend that is in use; below 0.8 the most it can be.',
    },
    ({ host }) => host.localPortsUsedRatio,
  ),
  one({ name: 'process_cpu_seconds_total', type: 'counter', help: 'Processor time, all threads together.' }, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / MICROSECONDS;
  }),
  one(
    { name: 'process_resident_memory_bytes', type: 'gauge', help: 'Memory in use.' },
    ({ snapshot }) => snapshot.process.rssBytes,
  ),
  one(
    { name: 'process_open_fds', type: 'gauge', help: 'Open descriptors.' },
    ({ snapshot }) => snapshot.process.openFiles,
  ),
  one(
    { name: 'process_max_fds', type: 'gauge', help: 'Descriptors that may be open.' },
    ({ about }) => about.openFilesLimit,
  ),
  one(
    { name: 'process_start_time_seconds', type: 'gauge', help: 'When the process started, since the epoch.' },
    ({ about }) => about.startedAt / 1000,
  ),
];

/** @param value undefined where it is not known */
function one(head: FamilyHead, value: (source: MetricsSource) => number | undefined): Family {
  return {
    ...head,
    samples: (source) => {
      const known = value(source);
      return known === undefined ? [] : [{ value: known }];
    },
  };
}
