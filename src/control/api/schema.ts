import * as z from 'zod';

import { isTable, type LintRule, type ReportProblem, type Table, withLintRule } from '../../config/schema/examine.ts';
import { address } from '../../config/values/values.ts';
import { addressText } from '../../core/address.ts';
import { isLocal } from '../../web/local.ts';
import { bindOf, lintIdleSection } from '../../web/lint.ts';
import { basicAuthSchema, type WebConfig, webTlsSchema } from '../../web/schema.ts';

export interface ApiConfig extends WebConfig {
  /** Whether pages of other origins may ask. */
  readonly cors: boolean;
}

export interface ApiSection {
  /** Absent where it is not enabled. */
  readonly service?: ApiConfig;
  /** Where runtime changes are kept, be it enabled or not; absent: nowhere. */
  readonly stateFile?: string;
}

export const API_BIND = ':8888';

const keys = z.object({
  enabled: z.boolean().default(false).meta({ title: 'boolean', description: 'Whether the API is enabled.' }),
  bind: address().prefault(API_BIND).meta({
    description:
      'The address that the API listens at (see Binds). A unix socket is open to the user of the process only.',
    gobetween: 'Its default is port 80, and unix sockets are not supported.',
  }),
  cors: z.boolean().default(false).meta({
    title: 'boolean',
    description: 'Whether web pages of other origins may use the API, with the login that the browser keeps.',
  }),
  state_file: z
    .string()
    .optional()
    .meta({
      title: 'path',
      description:
        'A file that keeps what is changed through the API or the stats page. It is read when tslb starts and applied' +
        ' over this file, also where the API is disabled. Absent: such changes end with the process.',
      gobetween: 'Not in gobetween, which loses such changes.',
    }),
  basic_auth: basicAuthSchema.optional(),
  tls: webTlsSchema.optional(),
});

/** The section `[api]`. */
export const apiSchema = withLintRule(keys, lintApi)
  .transform(({ enabled, bind, cors, state_file, basic_auth, tls }): ApiSection => {
    const auth = basic_auth !== undefined && { basicAuth: basic_auth };
    return {
      ...(enabled && { service: { bind, cors, ...auth, ...(tls !== undefined && { tls }) } }),
      ...(state_file !== undefined && { stateFile: state_file }),
    };
  })
  .optional()
  .meta({ description: 'The REST API, which shows and changes everything.' });

function lintApi(...[table, report]: Parameters<LintRule>): void {
  if (!isTable(table)) return;
  // That one is in force without it.
  const ofService = Object.entries(table).filter(([key]) => key !== 'state_file');
  lintIdleSection('api', Object.fromEntries(ofService), report);
  if (table['enabled'] === true && table['basic_auth'] === undefined) lintOpen(table, report);
}

/** gobetween's files are often so, and have to be taken. */
function lintOpen(table: Table, report: ReportProblem): void {
  const bind = bindOf(table, API_BIND);
  if (bind !== undefined && !isLocal(bind)) {
    report({
      code: 'TSLB_CONFIG_NO_LOGIN',
      severity: 'warning',
      path: ['bind'],
      message: `any client that reaches ${addressText(bind)} can change everything: the API has no login`,
      suggestion: 'add the table api.basic_auth, or write bind = "127.0.0.1:8888"',
    });
  }
  if (table['cors'] === true) {
    report({
      code: 'TSLB_CONFIG_NO_LOGIN',
      severity: 'warning',
      path: ['cors'],
      message: 'any web page, open in a browser that reaches the API, can change everything: the API has no login',
      suggestion: 'add the table api.basic_auth, or write cors = false',
    });
  }
}
