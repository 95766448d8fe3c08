import * as z from 'zod';

import { CAUSE_CODES } from '../../core/cause.ts';
import { DATAGRAM_DROPS } from '../../core/datagrams.ts';
import { HELLO_OUTCOMES } from '../../core/server-names.ts';
import { backendSchema, ratesSchema } from './backend.ts';
import { measure, moment, tally, word, words } from './values.ts';

const histogramSchema = z
  .object({
    bounds: z.array(z.number()).meta({ description: 'Upper bounds of the buckets, inclusive.' }),
    counts: z.array(z.int()).meta({
      description: 'How many fell into each bucket, and one more for those beyond the last bound.',
    }),
    sum: measure('Of all values.', 12.5),
  })
  .meta({ id: 'Histogram', description: 'How a value is spread over the connections.' });

const histogramsSchema = z.object({
  connect: histogramSchema.meta({ description: 'Seconds until a backend was connected.' }),
  queue: histogramSchema.meta({ description: 'Seconds in the queue, of those that waited.' }),
  duration: histogramSchema.meta({ description: 'Seconds from accept to end, of those that had a backend.' }),
  bytes: histogramSchema.meta({ description: 'Bytes in both directions, of those that had a backend.' }),
});

const causesSchema = z.partialRecord(z.enum(CAUSE_CODES as [(typeof CAUSE_CODES)[number]]), z.int()).meta({
  description: "How connections ended, in HAProxy's two letters; only those that occurred.",
  examples: [{ '--': 1200, CD: 3 }],
});

const dropsSchema = z.partialRecord(z.enum(DATAGRAM_DROPS), z.int()).meta({
  description:
    'Datagrams that went no further, by reason; only those that occurred. `truncated`: longer than the buffer.' +
    ' `overflow`: the receive buffer was full. `full`: the table of sessions is. `queue`: too many waited for a backend. `header`: without the PROXY header' +
    ' that is asked for. `unsent`: the kernel did not take it.',
  examples: [{ full: 3 }],
});

const hellosSchema = z.partialRecord(z.enum(HELLO_OUTCOMES), z.int()).meta({
  description: 'How the TLS hellos of clients came out, where the server has a table `sni`; only what occurred.',
  examples: [{ named: 1200, no_name: 3 }],
});

const serverKeys = {
  name: word('As in the configuration.', 'web'),
  protocol: z.enum(['tcp', 'udp']).meta({ description: 'The protocol of the connections.' }),
  balance: word('How a backend is chosen.', 'weight'),
  engine: word('What moves its bytes.', 'epoll'),
  binds: words('Where it listens, as configured.', ':8080'),
  addresses: words('Where the kernel let it listen.', '*:8080'),
  max_connections: tally('Connections at once; 0 is no limit.'),
  queue_size: tally('Connections that may wait; 0 is no limit.'),
  since: moment('When it was first put into force.'),
  active: tally('Connections that hold a place at the server now.', 12),
  waiting: tally('Connections that wait for a backend now.'),
  peak: tally('The highest value of `active`.', 40),
  accepted: tally('Connections that were accepted.', 100_000),
  denied: tally('Clients that the access rules do not let in, or without the PROXY header that accept_proxy requires.'),
  over_client_limit: tally('Client limit: clients beyond max_connections_per_client.'),
  over_client_rate: tally('Client rate: clients beyond connection_rate_per_client.'),
  no_backend: tally('No backend: all were full or down, or the client waited too long.'),
  no_resources: tally('Resource limit: there was no descriptor, port or memory for the client.'),
  queued: tally('Connections that had to wait for a backend.'),
  connected: tally('Connections that were opened to backends, those included that are gone.', 99_990),
  refused: tally('Dials of backends that failed, those included that are gone.'),
  retried: tally('Dials of another backend after one had failed.'),
  rx: tally('Bytes from the backends.', 1_048_576),
  tx: tally('Bytes to the backends.', 65_536),
  rx_datagrams: tally('Datagrams from the backends, of UDP.'),
  tx_datagrams: tally('Datagrams to the backends, of UDP.'),
  drops: dropsSchema,
  hellos: hellosSchema,
  causes: causesSchema,
  rates: ratesSchema,
  histograms: histogramsSchema.meta({ description: 'Of the connections that have ended.' }),
};

export const serverSummarySchema = z
  .object(serverKeys)
  .meta({ id: 'ServerSummary', description: 'One server. Counters run since its start or last reset.' });

export const serverSchema = z
  .object({ ...serverKeys, backends: z.array(backendSchema).meta({ description: 'In byte order of their keys.' }) })
  .meta({ id: 'Server', description: 'One server with its backends. Counters run since its start or last reset.' });

export const serverWithConfigSchema = z
  .object({
    server: serverSchema,
    config: z.record(z.string(), z.unknown()).meta({
      description: "Its configuration in force, in gobetween's form: every key with its default, secrets redacted.",
      examples: [{ bind: ':8080', protocol: 'tcp', balance: 'weight' }],
    }),
  })
  .meta({ id: 'ServerWithConfig', description: 'One server, and its configuration in force.' });

const series = (description: string) => z.array(z.number()).meta({ description });

export const historySchema = z
  .object({
    step_ms: tally('From one point to the next.', 10_000),
    at: moment('Of the last point; 1970 while there is none.'),
    active: series('Connections.'),
    waiting: series('Connections that wait for a backend.'),
    connections: series('Connections a second, on average.'),
    rx: series('Bytes a second from the backends, on average.'),
    tx: series('Bytes a second to the backends, on average.'),
    errors: series('Clients that got no backend and dials that failed a second, on average.'),
  })
  .meta({ id: 'History', description: 'The last hour at most, oldest first; all series are as long as each other.' });

export type ServerJson = z.output<typeof serverSchema>;
export type ServerSummaryJson = z.output<typeof serverSummarySchema>;
export type HistoryJson = z.output<typeof historySchema>;
