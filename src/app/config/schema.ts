import * as z from 'zod';

import { accessSchema } from '../../access/schema.ts';
import { balancers } from '../../balance/registry.ts';
import { withLintRule } from '../../config/schema/examine.ts';
import { type KindOf, kindsOf } from '../../config/schema/kind.ts';
import { fileMode } from '../../config/values/file-mode.ts';
import { bind, count } from '../../config/values/values.ts';
import { apiSchema } from '../../control/api/schema.ts';
import { statsSchema } from '../../control/dashboard/schema.ts';
import { discoverySchema } from '../../control/discovery/registry.ts';
import { healthcheckSchema } from '../../control/healthcheck/registry.ts';
import { metricsSchema } from '../../control/metrics/schema.ts';
import { profilerSchema } from '../../control/profiler/schema.ts';
import { loggingSchema } from '../../log/schema.ts';
import { dnsSchema } from './dns.ts';
import { lintBinds } from './lint-binds.ts';
import { lintNames } from './lint-names.ts';
import { lintOptions } from './lint-options.ts';
import { lintSchemes } from './lint-schemes.ts';
import { lintProxy } from './lint-proxy.ts';
import { lintSni } from './lint-sni.ts';
import { lintUdp } from './lint-udp.ts';
import { defaultsSchema, serverOptions } from './options.ts';
import { proxyKeys } from './proxy-protocol.ts';
import { sniSchema } from './sni.ts';
import { udpSchema } from './udp.ts';

export type BalanceKind = KindOf<typeof balancers>;

export const serverSchema = z
  .object({
    bind: bind().meta({
      description: 'The address, or the list of addresses, that the server listens at (see Binds).',
      examples: [':8080'],
      gobetween: 'One address only; no `*`, no port alone and no `unix:`.',
    }),
    bind_mode: fileMode()
      .optional()
      .meta({
        description:
          'The permissions of the files of `unix:` binds, in octal digits: "0660" lets in the owner and the group. A' +
          ' client needs the permission to write. Absent: those that the umask leaves, at most "0777".',
        examples: ['0660'],
        gobetween: 'Not in gobetween.',
      }),
    protocol: z
      .enum(['tcp', 'udp'])
      .default('tcp')
      .meta({
        title: 'word',
        description:
          'The protocol of the connections. A connection of `udp` is a session: the datagrams of one client that come from' +
          ' one of its ports (see udp.md).',
      }),
    balance: z.enum(kindsOf(balancers)).default('weight').meta({
      title: 'word',
      description: 'How a backend is chosen for a connection (see Kinds of balance).',
    }),
    ...serverOptions,
    udp: udpSchema.optional(),
    ...proxyKeys,
    access: accessSchema.optional(),
    sni: sniSchema.optional(),
    discovery: discoverySchema,
    healthcheck: healthcheckSchema.optional(),
  })
  .meta({ description: 'One server: an address to listen at and the backends behind it.' });

const processSchema = z
  .object({
    threads: count({ least: 1, most: 256 }).optional().meta({
      description: 'The number of threads that carry connections, for each engine in use. Absent: one per core.',
      gobetween: 'Not in gobetween, which reads the variable GOMAXPROCS.',
    }),
  })
  .prefault({})
  .meta({ description: 'Settings of the whole process.' });

/** The whole file. */
export const configSchema = withLintRule(
  z
    .object({
      logging: loggingSchema,
      api: apiSchema,
      metrics: metricsSchema,
      profiler: profilerSchema,
      stats: statsSchema,
      process: processSchema,
      dns: dnsSchema,
      defaults: defaultsSchema,
      servers: withLintRule(
        z
          .record(z.string().meta({ pattern: '^[^/\\u0000-\\u001f\\u007f]+$' }), serverSchema)
          .prefault({})
          .meta({ description: 'The servers, one table each: `[servers.NAME]`.' }),
        lintNames,
      ),
    })
    .meta({ title: 'tslb configuration', description: 'Configuration of tslb, in the format of gobetween.' }),
  (file, report) => {
    lintBinds(file, report);
    lintOptions(file, report);
    lintSchemes(file, report);
    lintUdp(file, report);
    lintProxy(file, report);
    lintSni(file, report);
  },
);

export type ConfigValues = z.output<typeof configSchema>;
