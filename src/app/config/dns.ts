import * as z from 'zod';

import { duration } from '../../config/values/values.ts';

export interface DnsConfig {
  /** No answer holds longer. */
  readonly maxTtlMs: number;
}

/** The table `dns`. */
export const dnsSchema = z
  .object({
    max_ttl: duration({ leastMs: 1_000 })
      .prefault('60s')
      .meta({
        description:
          'How long an answer for a host name holds at most, whatever its time to live. It also is how often names of the' +
          ' hosts file are looked up again, if the file does not change. The least is a second, as for all answers.',
        gobetween: 'Not in gobetween, which resolves a name anew for each connection.',
      }),
  })
  .prefault({})
  .meta({ description: 'How host names are resolved. The files of the system say by what (see docs/operations.md).' })
  .transform(({ max_ttl }): DnsConfig => ({ maxTtlMs: max_ttl }));
