import type { NamesStatus } from '../../core/process-status.ts';
import type { Family, FamilyHead } from './family.ts';

/** What is known of host names and name servers. */
export const NAMES: readonly Family[] = [
  one({ name: 'tslb_names', type: 'gauge', help: 'Host names that are remembered.' }, (names) => names.remembered),
  {
    name: 'tslb_name_lookups_total',
    type: 'counter',
    help: 'Lookups of host names by result.',
    samples: ({ names: { found, absent, failed } }) =>
      Object.entries({ found, absent, failed }).map(([result, value]) => ({ value, labels: { result } })),
  },
  one(
    { name: 'tslb_name_lookup_seconds_total', type: 'counter', help: 'Time that all lookups took together.' },
    (names) => names.tookMs / 1000,
  ),
  one(
    { name: 'tslb_name_servers_silent', type: 'gauge', help: 'Name servers that do not answer.' },
    (names) => names.silentServers,
  ),
];

function one(head: FamilyHead, value: (names: NamesStatus) => number): Family {
  return { ...head, samples: ({ names }) => [{ value: value(names) }] };
}
