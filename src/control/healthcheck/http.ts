import * as z from 'zod';

import { quoted } from '../../config/problem/problem.ts';
import { isTable, type LintRule } from '../../config/schema/examine.ts';
import { isFound, parsePattern } from '../../config/values/pattern.ts';
import { checkedText, valueOf, visibleText } from '../../config/values/texts.ts';
import { parsedText } from '../../config/values/values.ts';
import { askByHttp, type HttpAnswer } from '../../io/http-exchange.ts';
import { tlsChoice, tlsKeys } from '../../tls/client-keys.ts';
import { connector } from '../../tls/connector.ts';
import { lintIdleKeys } from './idle-keys.ts';
import { defineHealthcheck } from './kind.ts';
import { isExpected, parseStatuses, type StatusRange } from './statuses.ts';
import { checkedTarget, hostHeaderOf } from './target.ts';

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST'] as const;
/** Of a body; what comes after it is not looked at. */
const MOST_BODY_BYTES = 64 * 1024;
const NOT_IN_GOBETWEEN = 'Not in gobetween.';

const PATH = {
  pattern: /^\//,
  expected: 'a path such as "/health?full=1", other characters as %XX',
  meant: (text: string) => (/^\w+:\/\//.test(text) ? pathOf(text) : `/${text}`),
};
const HOST = {
  pattern: /^[^/]+$/,
  expected: 'a host, such as "www.example.org", without a scheme or a path',
  meant: (text: string) => /^(?:\w+:\/\/)?([^/]+)/.exec(text)?.[1],
};

/** Asks for a page. */
export const http = defineHealthcheck({
  kind: 'http',
  summary:
    'Sends a request and checks the status of the answer and, with `http_expected_body`, the first 64 KiB of its' +
    ' body. Redirections are not followed; their own status counts. Each check opens a new connection.',
  samples: [
    `
[servers.web.healthcheck]
kind = "http"
interval = "2s"
fails = 3
http_path = "/health"
http_host = "www.example.org"
http_expected_status = "200,204"
`,
    `
[servers.web.healthcheck]
kind = "http"
interval = "5s"
port = 8443
http_tls = true
http_tls_server_name = "web.internal"
http_expected_body = '(?i)status:\\s*ok'
`,
  ],
  keys: {
    http_method: z.enum(METHODS).default('GET').meta({
      title: 'word',
      description: 'The method of the request.',
      gobetween: NOT_IN_GOBETWEEN,
    }),
    http_path: visibleText(PATH)
      .prefault('/')
      .meta({ description: 'The path of the request.', gobetween: NOT_IN_GOBETWEEN }),
    http_host: visibleText(HOST).optional().meta({
      description: 'The header `Host`. Absent: the host and port that are checked; `localhost` for a unix socket.',
      gobetween: NOT_IN_GOBETWEEN,
    }),
    http_expected_status: parsedText(parseStatuses)
      .prefault('200-399')
      .meta({
        title: 'text',
        description:
          'The statuses of a healthy backend: numbers and ranges with commas between them, such as "2xx" or' +
          ' "200,204,300-399".',
        gobetween: NOT_IN_GOBETWEEN,
      }),
    http_expected_body: checkedText(parsePattern).optional().meta({
      description: 'A regular expression (see Regular expressions) that must match in the body.',
      gobetween: NOT_IN_GOBETWEEN,
    }),
    http_tls: z.boolean().default(false).meta({
      title: 'boolean',
      description: 'Whether the request is sent over TLS.',
      gobetween: NOT_IN_GOBETWEEN,
    }),
    http_tls_server_name: tlsKeys.serverName,
    http_tls_ignore_verify: tlsKeys.ignoreVerify,
  },
  lint: lintHttp,
  configure: (values) => ({
    method: values.http_method,
    path: values.http_path,
    ...(values.http_host !== undefined && { host: values.http_host }),
    statuses: values.http_expected_status,
    ...(values.http_expected_body !== undefined && { body: values.http_expected_body }),
    ...(values.http_tls && { tls: tlsChoice(values.http_tls_server_name, values.http_tls_ignore_verify) }),
  }),
  create: (config, { dialer }) => {
    const { method, path, host, statuses, body, tls } = config;
    const connect = connector(dialer, { tls, timeoutMs: config.timeoutMs });
    const pattern = body === undefined ? undefined : valueOf(parsePattern(body));
    const mostBody = pattern === undefined ? 0 : MOST_BODY_BYTES;
    return {
      async check(target, signal) {
        const checked = checkedTarget(target, config);
        const connection = await connect(checked, signal);
        try {
          const question = { method, path, host: host ?? hostHeaderOf(checked.target), mostBody };
          judge(await askByHttp(connection, question, signal), statuses, pattern);
        } finally {
          connection.destroy();
        }
      },
    };
  },
});

/** Of a whole URL. */
function pathOf(url: string): string {
  return /^\w+:\/\/[^/]*(\/.*)$/.exec(url)?.[1] ?? '/';
}

function lintHttp(...[values, report]: Parameters<LintRule>): void {
  if (!isTable(values)) return;
  if (values['http_method'] === 'HEAD' && values['http_expected_body'] !== undefined) {
    const message = 'the answer to HEAD has no body';
    report({
      code: 'TSLB_CONFIG_VALUE',
      message,
      path: ['http_expected_body'],
      suggestion: 'write http_method = "GET"',
    });
  }
  if ((values['http_tls'] ?? false) === false) {
    const keys = ['http_tls_server_name', 'http_tls_ignore_verify'];
    lintIdleKeys({ values, keys, without: 'http_tls = true' }, report);
  }
}

/** @throws what is wrong with the answer */
function judge({ status, body }: HttpAnswer, statuses: readonly StatusRange[], pattern: RegExp | undefined): void {
  if (!isExpected(status, statuses)) throw new Error(`the status is ${status}`);
  if (pattern !== undefined && !isFound(pattern, body.toString())) {
    throw new Error(
      `the body does not match (${body.length} bytes, beginning with ${quoted(body.toString('utf8', 0, 40))})`,
    );
  }
}
