import * as z from 'zod';

import { isTable, type LintRule, withLintRule } from '../../config/schema/examine.ts';
import { address } from '../../config/values/values.ts';
import { addressText } from '../../core/address.ts';
import { bindOf, lintIdleSection } from '../../web/lint.ts';
import { isLocal } from '../../web/local.ts';
import { basicAuthSchema, type WebConfig, webTlsSchema } from '../../web/schema.ts';

export type ProfilerConfig = WebConfig;

/** gobetween's port. */
export const PROFILER_BIND = '127.0.0.1:6060';

const keys = z.object({
  enabled: z.boolean().default(false).meta({ title: 'boolean', description: 'Whether the profiler is enabled.' }),
  bind: address()
    .prefault(PROFILER_BIND)
    .meta({
      description:
        'The address that the profiler listens at (see Binds). Without `basic_auth` it must be a loopback address or' +
        ' a unix socket: a heap snapshot holds what is in memory, passwords too.',
      gobetween: 'Its default is port 80 of all addresses, and there is no login.',
    }),
  basic_auth: basicAuthSchema.optional(),
  tls: webTlsSchema.optional(),
});

/** The section `[profiler]`; nothing where it is not enabled. */
export const profilerSchema = withLintRule(keys, lintProfiler)
  .transform(({ enabled, bind, basic_auth, tls }): ProfilerConfig | undefined => {
    if (!enabled) return undefined;
    return { bind, ...(basic_auth !== undefined && { basicAuth: basic_auth }), ...(tls !== undefined && { tls }) };
  })
  .optional()
  .meta({ description: "CPU and heap profiles over HTTP, for Node's tools; gobetween has Go's profiler here." });

function lintProfiler(...[table, report]: Parameters<LintRule>): void {
  if (!isTable(table)) return;
  lintIdleSection('profiler', table, report);
  if (table['enabled'] !== true || table['basic_auth'] !== undefined) return;
  const bind = bindOf(table, PROFILER_BIND);
  if (bind === undefined || isLocal(bind)) return;
  report({
    code: 'TSLB_CONFIG_NO_LOGIN',
    path: ['bind'],
    message: `any client that reaches ${addressText(bind)} could read the memory of tslb: the profiler has no login`,
    expected: 'a loopback address or a unix socket, or the table profiler.basic_auth',
    suggestion: `write bind = "${PROFILER_BIND}", or add the table profiler.basic_auth`,
  });
}
