import { parseHttpUrl, hasLogin } from '../../config/values/http-url.ts';
import { secretWhere } from '../../config/values/secrets.ts';
import { checkedText, valueOf } from '../../config/values/texts.ts';
import { getByHttp, type HttpConnect } from '../../io/http-get.ts';
import { resolvedTarget } from '../../io/names/resolved-target.ts';
import { type Connect, connector } from '../../tls/connector.ts';
import { MOST_ANSWER_BYTES, readBackendLines } from './backend-lines.ts';
import { defineDiscovery } from './kind.ts';
import { backendsByPattern, parseBackendPattern } from './line-pattern.ts';

const MOST_REDIRECTS = 5;

/** A page of HTTP lists the backends. */
export const plaintext = defineDiscovery({
  kind: 'plaintext',
  summary:
    'Fetches a page with a backend on each line, as in `static_list` (see Backends) or as `plaintext_regex_pattern` has' +
    ' them. A line that cannot be read is skipped with a warning. The fetch has failed when the' +
    ' status is not 2xx, the page has more than 4 MiB, takes longer than `timeout` (5 s unless it is given), or names no' +
    ' backend at all. Up to five redirections are followed, but none from https to http. The certificate of an https' +
    ' address must be one that the system trusts (see Kinds of healthcheck).',
  samples: [
    `
[servers.web.discovery]
kind = "plaintext"
interval = "10s"
plaintext_endpoint = "http://registry.internal:8500/web.txt"
`,
    `
[servers.web.discovery]
kind = "plaintext"
interval = "10s"
plaintext_endpoint = "https://registry.internal/web.csv"
plaintext_regex_pattern = '^(?P<host>[^,]+),(?P<port>\\d+),(?P<weight>\\d+)$'
`,
  ],
  keys: {
    plaintext_endpoint: secretWhere(
      checkedText(parseHttpUrl).meta({
        title: 'text',
        description:
          'The address of the page. A user and a password in it are sent to this host and port only; an address that has' +
          ' them counts as a secret.',
        examples: ['http://registry.internal:8500/web.txt'],
      }),
      hasLogin,
    ),
    plaintext_regex_pattern: checkedText(parseBackendPattern)
      .optional()
      .meta({
        title: 'text',
        description:
          'A regular expression (see Regular expressions) that is looked for in each line, with the named groups `host` and' +
          ' `port` and any of `weight`, `priority`, `max_connections`, `send_proxy` and `sni`, written `(?P<host>…)` or `(?<host>…)`. A' +
          ' group that takes no part counts as absent. Absent: the lines are as in `static_list`.',
        examples: ['^(?P<host>[^,]+),(?P<port>\\d+)$'],
      }),
  },
  defaultTimeoutMs: 5_000,
  configure: ({ plaintext_endpoint, plaintext_regex_pattern: pattern }) => ({
    endpoint: plaintext_endpoint,
    ...(pattern !== undefined && { pattern }),
  }),
  create: ({ endpoint, pattern, timeoutMs }, { lookups, dialer, skipped }) => {
    const by =
      (connect: Connect): HttpConnect =>
      async (target, signal) =>
        connect(await resolvedTarget(target, lookups, signal), signal);
    const connect = {
      'http:': by(connector(dialer, { timeoutMs })),
      'https:': by(connector(dialer, { tls: { isVerified: true }, timeoutMs })),
    };
    const page = { url: new URL(endpoint), connect, mostBody: MOST_ANSWER_BYTES, mostRedirects: MOST_REDIRECTS };
    const read = pattern === undefined ? undefined : backendsByPattern(valueOf(parseBackendPattern(pattern)));
    return {
      async discover(signal) {
        const answer = readBackendLines((await getByHttp(page, signal)).toString(), read);
        skipped(answer.skipped);
        return answer.backends;
      },
    };
  },
});
