import * as z from 'zod';

import type { Fault, Reading } from '../../config/problem/problem.ts';
import { parseNetwork } from '../../config/values/network.ts';
import { duration, parsedText } from '../../config/values/values.ts';
import type { Limits } from '../../core/limits.ts';
import type { Network } from '../../core/network.ts';
import { CHECK_COMMANDS, SENT_TLVS } from '../../core/proxy-protocol.ts';

const NOT_IN_GOBETWEEN = 'Not in gobetween.';

/** How long a header may take that came in one segment, and was cut on the way. */
const ACCEPT_TIMEOUT_MS = 5_000;

/** The `proxy_protocol` table of a server. */
const proxyProtocolSchema = z
  .object({
    version: z.enum(['1', '2']).meta({
      title: 'word',
      description:
        'The version of the header that each backend gets before anything else: `1` is a line of text, `2` is binary and' +
        ' may have `tlvs`. A backend may have its own by `send_proxy` (see Backends).',
      examples: ['2'],
      gobetween: '`1` only, and only with an explicit `protocol = "tcp"`.',
    }),
    tlvs: z
      .array(z.enum(SENT_TLVS))
      .default([])
      .meta({
        title: 'list of words',
        description:
          'What version 2 tells besides addresses, where it is known: `authority` is the name that the client asked for by' +
          ' TLS, `alpn` its protocol, `unique_id` a text of this connection alone, `ssl` what a trusted sender said of TLS,' +
          ' `crc32c` a checksum. Most receivers refuse long headers (see proxy-protocol.md).',
        examples: ['authority', 'crc32c'],
        gobetween: NOT_IN_GOBETWEEN,
      }),
    check_command: z
      .enum(CHECK_COMMANDS)
      .optional()
      .meta({
        title: 'word',
        description:
          'What a health check sends before anything else: with `proxy` the header that clients get, with the addresses of' +
          ' the check itself; with `local` the one of version 2 that names no client; with `none` nothing. Absent: `proxy`,' +
          ' and `none` where the healthcheck has a `port` of its own.',
        gobetween: NOT_IN_GOBETWEEN,
      }),
  })
  .meta({ description: 'The header of the PROXY protocol that tells backends the addresses of clients.' });

export const proxyKeys = {
  proxy_protocol: proxyProtocolSchema.optional(),
  accept_proxy: z
    .enum(['require', 'allow'])
    .optional()
    .meta({
      title: 'word',
      description:
        'Whether clients send a header of the PROXY protocol before anything else, of version 1 or 2: with `require` a' +
        ' client without one is closed; with `allow` what it sends are its bytes. Everything that goes by the address of' +
        ' the client then goes by the one in the header. Absent: no header is looked for.',
      gobetween: NOT_IN_GOBETWEEN,
    }),
  accept_proxy_from: z
    .array(parsedText(parseTrusted).meta({ examples: ['10.0.0.0/8'] }))
    .optional()
    .meta({
      title: 'list of networks',
      description:
        'Who may send a header: IP addresses or networks (CIDR) of the proxies before this server. Of others, `require`' +
        ' closes the connection, and `allow` takes what they send for their bytes. Clients of `unix:` binds may always.' +
        ' Absent: everybody, which `allow` refuses.',
      gobetween: NOT_IN_GOBETWEEN,
    }),
  accept_proxy_timeout: duration({ leastMs: 1 })
    .optional()
    .meta({
      description: 'How long the whole header may take. Absent: "5s".',
      examples: ['5s'],
      gobetween: NOT_IN_GOBETWEEN,
    }),
};

function parseTrusted(text: string): Reading<Network> {
  const parsed = parseNetwork(text);
  if ('value' in parsed) return { value: parsed.value };
  const fault: Fault = { code: 'TSLB_CONFIG_VALUE', ...parsed.fault };
  return { faults: [{ expected: 'an IP address or network, such as "10.0.0.0/8"', ...fault }] };
}

/** What of these keys concerns the threads of a server. */
export function proxyLimitsOf(server: z.output<z.ZodObject<typeof proxyKeys>>): Pick<Limits, 'proxyIn' | 'proxyOut'> {
  const { proxy_protocol: out, accept_proxy: accept } = server;
  return {
    ...(out !== undefined && {
      proxyOut: {
        version: `v${out.version}`,
        tlvs: out.tlvs,
        ...(out.check_command !== undefined && { check: out.check_command }),
      },
    }),
    ...(accept !== undefined && {
      proxyIn: {
        isRequired: accept === 'require',
        from: server.accept_proxy_from ?? [],
        timeoutMs: server.accept_proxy_timeout ?? ACCEPT_TIMEOUT_MS,
      },
    }),
  };
}
