import * as z from 'zod';

import { type Fault, quoted, type Reading } from '../../config/problem/problem.ts';
import { isTable, type LintRule, withLintRule } from '../../config/schema/examine.ts';
import { address, duration, parsedText } from '../../config/values/values.ts';
import { addressText } from '../../core/address.ts';
import { isLocal } from '../../web/local.ts';
import { bindOf, lintIdleSection } from '../../web/lint.ts';
import { basicAuthSchema, type WebConfig, webTlsSchema } from '../../web/schema.ts';

export interface StatsPageConfig extends WebConfig {
  /** The path of the page: begins with a slash and does not end in one. */
  readonly uri: string;
  /** How often the page asks anew where there is no script; 0 is never. */
  readonly refreshMs: number;
  /** What the browser says that the login is for: printable ASCII without `"` and `\`. */
  readonly realm: string;
  /** Whether the page can change something; then there is a login. */
  readonly admin: boolean;
}

export const STATS_BIND = ':9999';

const URI_PATTERN = '^(?:/(?!\\.\\.?(?:/|$))[A-Za-z0-9._~-]+)+$';
const REALM_PATTERN = '^[ !#-\\[\\]-~]+$';

const keys = z.object({
  enabled: z.boolean().default(false).meta({ title: 'boolean', description: 'Whether the stats page is enabled.' }),
  bind: address()
    .prefault(STATS_BIND)
    .meta({
      description:
        'The address that the page is served at (see Binds). Without `basic_auth` it must be a loopback address or' +
        ' a unix socket.',
    }),
  uri: parsedText(parseUri).prefault('/stats').meta({
    title: 'path of a URL',
    description: "The path of the page. The same path with `;csv` at its end is a table in HAProxy's format.",
    pattern: URI_PATTERN,
  }),
  refresh: duration().prefault('30s').meta({
    description: 'How often the page reloads in a browser without scripts; with scripts it is live. "0" means never.',
  }),
  realm: parsedText(parseRealm).prefault('tslb').meta({
    title: 'string',
    description: 'The name that the browser shows when it asks for the login.',
    pattern: REALM_PATTERN,
  }),
  admin: z.boolean().default(false).meta({
    title: 'boolean',
    description: 'Whether the page can make changes: drain a backend, kill connections, reload. Requires `basic_auth`.',
  }),
  basic_auth: basicAuthSchema.optional(),
  tls: webTlsSchema.optional(),
});

/** The section `[stats]`; nothing where it is not enabled. */
export const statsSchema = withLintRule(keys, lintStats)
  .transform(({ enabled, bind, uri, refresh, realm, admin, basic_auth, tls }): StatsPageConfig | undefined => {
    if (!enabled) return undefined;
    return {
      bind,
      uri,
      refreshMs: refresh,
      realm,
      admin,
      ...(basic_auth !== undefined && { basicAuth: basic_auth }),
      ...(tls !== undefined && { tls }),
    };
  })
  .optional()
  .meta({ description: 'The stats page, as HAProxy has one; gobetween has none.' });

function lintStats(...[table, report]: Parameters<LintRule>): void {
  if (!isTable(table)) return;
  lintIdleSection('stats', table, report);
  if (table['enabled'] !== true || table['basic_auth'] !== undefined) return;
  const code = 'TSLB_CONFIG_NO_LOGIN';
  const bind = bindOf(table, STATS_BIND);
  if (bind !== undefined && !isLocal(bind)) {
    report({
      code,
      path: ['bind'],
      message: `any client that reaches ${addressText(bind)} could see everything: the stats page has no login`,
      expected: 'a loopback address or a unix socket, or the table stats.basic_auth',
      suggestion: 'add the table stats.basic_auth, or write bind = "127.0.0.1:9999"',
    });
  }
  if (table['admin'] === true) {
    report({
      code,
      path: ['admin'],
      message: 'admin = true needs a login on the stats page',
      suggestion: 'add the table stats.basic_auth, or write admin = false',
    });
  }
}

/** A path that means itself in every URL and router: nothing to encode, no dots alone, no empty part. */
function parseUri(text: string): Reading<string> {
  if (new RegExp(URI_PATTERN).test(text)) return { value: text };
  const meant = `/${text
    .replace(/[;?#].*/s, '')
    .split('/')
    .filter(Boolean)
    .join('/')}`;
  const fault: Fault = {
    code: 'TSLB_CONFIG_URI',
    message: `${quoted(text)} cannot be the path of the page`,
    expected: 'a path such as "/stats", of letters, digits and ".", "_", "~" or "-", without a slash at its end',
  };
  const hasMeant = new RegExp(URI_PATTERN).test(meant);
  return { faults: [{ ...fault, suggestion: `write "${hasMeant ? meant : '/stats'}"` }] };
}

function parseRealm(text: string): Reading<string> {
  if (new RegExp(REALM_PATTERN).test(text)) return { value: text };
  const message = `${quoted(text)} cannot be sent in an HTTP header`;
  return { faults: [{ code: 'TSLB_CONFIG_REALM', message, expected: 'printable ASCII characters except " and \\' }] };
}
