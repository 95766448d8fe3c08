import * as z from 'zod';

import type { Duplex } from 'node:stream';

import { quoted, type Reading } from '../../config/problem/problem.ts';
import { isTable, type LintRule } from '../../config/schema/examine.ts';
import { parsePattern } from '../../config/values/pattern.ts';
import { checkedText, valueOf } from '../../config/values/texts.ts';
import { count } from '../../config/values/values.ts';
import type { IpAddress, ResolvedTarget } from '../../core/address.ts';
import { askByDatagram } from '../../io/datagrams.ts';
import type { Dialer } from '../../io/dialer.ts';
import { receive } from '../../io/receive.ts';
import { tlsChoice, tlsKeys } from '../../tls/client-keys.ts';
import { type Connect, connector } from '../../tls/connector.ts';
import { unescapeGo } from './escapes.ts';
import { type Expectation, patternExpected, prefixExpected } from './expectation.ts';
import { lintIdleKeys } from './idle-keys.ts';
import { defineHealthcheck } from './kind.ts';
import { checkedTarget } from './target.ts';

const PROTOCOLS = ['tcp', 'udp', 'tls'] as const;
const STRATEGIES = ['starts_with', 'regexp'] as const;
/** Bytes that are read at most. */
const MOST_RECEIVED = 65_536;

/** Sends some bytes and looks at what comes back. */
export const probe = defineHealthcheck({
  kind: 'probe',
  summary:
    'Connects, sends `probe_send` if it is given, reads the answer, and passes when the answer matches' +
    ' `probe_recv`. All of this together may take `timeout`.',
  samples: [
    `
[servers.web.healthcheck]
kind = "probe"
interval = "2s"
probe_protocol = "tcp"
probe_send = 'PING\\r\\n'
probe_recv = "+PONG"
`,
    `
[servers.web.healthcheck]
kind = "probe"
interval = "10s"
probe_protocol = "tls"
probe_strategy = "regexp"
probe_recv = '^220 .*ESMTP'
probe_recv_len = 40
`,
  ],
  keys: {
    probe_protocol: z.enum(PROTOCOLS).meta({
      title: 'word',
      description: 'The protocol of the probe.',
      examples: ['tcp'],
    }),
    probe_send: checkedText(unescapeGo)
      .optional()
      .meta({
        description:
          'What is sent, with the escapes of a Go string: `\\r\\n`, `\\t`, `\\\\`, `\\x00` for a byte, `\\u00e9`. In' +
          ' TOML' +
          " write it in single quotes: `'PING\\r\\n'`. Absent: nothing is sent, for a backend that sends first.",
        gobetween: 'Required.',
      }),
    probe_banner: checkedText(unescapeGo)
      .optional()
      .meta({
        description:
          'What a backend sends first, such as "220" of SMTP: `probe_send` is sent when its first line has come and begins' +
          ' with this. Absent: `probe_send` is sent at once.',
        gobetween: 'Not in gobetween.',
      }),
    probe_recv: z.string().meta({
      title: 'text',
      description:
        'The expected answer: with `starts_with` its first bytes, with the same escapes; with `regexp` a regular' +
        ' expression (see Regular expressions) that must match in it.',
      examples: ['+PONG'],
    }),
    probe_strategy: z.enum(STRATEGIES).default('starts_with').meta({
      title: 'word',
      description: 'How the answer is compared.',
    }),
    probe_recv_len: count({ most: MOST_RECEIVED })
      .optional()
      .meta({
        description:
          'How many bytes are read for `regexp`, which requires this key; a shorter answer fails. `starts_with`' +
          ' reads as many bytes as `probe_recv` has.',
      }),
    probe_tls_server_name: tlsKeys.serverName,
    probe_tls_ignore_verify: tlsKeys.ignoreVerify,
  },
  lint: lintProbe,
  configure: (values) => ({
    protocol: values.probe_protocol,
    ...(values.probe_send !== undefined && { send: values.probe_send }),
    ...(values.probe_banner !== undefined && { banner: values.probe_banner }),
    receive: values.probe_recv,
    strategy: values.probe_strategy,
    receiveBytes: values.probe_recv_len ?? 0,
    ...(values.probe_protocol === 'tls' && {
      tls: tlsChoice(values.probe_tls_server_name, values.probe_tls_ignore_verify),
    }),
  }),
  create: (config, { dialer }) => {
    const { protocol, send, banner, receive: wanted, strategy, receiveBytes, tls, timeoutMs } = config;
    const message = valueOf(unescapeGo(send ?? ''));
    const first = banner === undefined ? undefined : valueOf(unescapeGo(banner));
    const expected =
      strategy === 'regexp'
        ? patternExpected(valueOf(parsePattern(wanted)), receiveBytes)
        : prefixExpected(valueOf(unescapeGo(wanted)));
    const ask = protocol === 'udp' ? byDatagram(dialer, timeoutMs) : byStream(connector(dialer, { tls, timeoutMs }));
    return {
      async check(target, signal) {
        expected.judge(await ask({ target: checkedTarget(target, config), banner: first, message, expected, signal }));
      },
    };
  },
});

interface Question {
  readonly target: ResolvedTarget;
  /** Awaited before the message is sent. */
  readonly banner: Buffer | undefined;
  readonly message: Buffer;
  readonly expected: Expectation;
  readonly signal: AbortSignal;
}

type Ask = (question: Question) => Promise<Buffer>;

/** No datagram tells that it arrived: the next address is asked while the first may still answer. */
function byDatagram(dialer: Dialer, timeoutMs: number): Ask {
  return async ({ target, message, expected, signal }) => {
    const { greeting } = target;
    const addresses = target.addresses.filter((address): address is IpAddress => 'ip' in address);
    if (addresses.length === 0) throw new Error('a unix socket cannot be probed over UDP');
    const attempt = (address: IpAddress, ended: AbortSignal) =>
      askByDatagram({ ...address, from: dialer.sourceFor(address), message, greeting, ...expected }, ended);
    const race = { addresses, timeoutMs, attempt, discard: () => undefined, unfinished: 'incomplete answer' };
    return dialer.race(race, signal);
  };
}

function byStream(connect: Connect): Ask {
  return async ({ target, banner, message, expected, signal }) => {
    const stream = await connect(target, signal);
    try {
      if (banner !== undefined) await awaitBanner(stream, banner, signal);
      stream.write(message);
      return await receive(stream, expected, signal);
    } finally {
      stream.destroy();
    }
  };
}

/** A line, or several of which all but the last have a `-` behind a number, as in SMTP and FTP. */
async function awaitBanner(stream: Duplex, banner: Buffer, signal: AbortSignal): Promise<void> {
  const isEnough = (bytes: Buffer) => /(?:^|\n)(?!\d{3}-)[^\n]*\n$/.test(bytes.toString('latin1'));
  const line = await receive(stream, { most: MOST_RECEIVED, isEnough }, signal);
  if (line.subarray(0, banner.length).equals(banner)) return;
  throw new Error(
    `the banner does not begin as probe_banner does: ${quoted(line.toString('latin1', 0, 40).trimEnd())}`,
  );
}

function lintProbe(...[values, report]: Parameters<LintRule>): void {
  if (!isTable(values)) return;
  const { probe_protocol: protocol, probe_send: send, probe_recv: wanted, probe_recv_len: length } = values;
  const strategy = values['probe_strategy'] ?? 'starts_with';
  const isPattern = strategy === 'regexp';
  if (typeof wanted === 'string' && (isPattern || strategy === 'starts_with')) {
    const reading: Reading<unknown> = isPattern ? parsePattern(wanted) : unescapeGo(wanted);
    for (const fault of 'faults' in reading ? reading.faults : []) report({ ...fault, path: ['probe_recv'] });
  }
  if (isPattern && (length === undefined || length === 0)) {
    const message = 'the strategy "regexp" needs "probe_recv_len"';
    report({ code: 'TSLB_CONFIG_MISSING', message, path: ['probe_recv_len'], suggestion: 'add probe_recv_len = 100' });
  }
  if (strategy === 'starts_with' && typeof length === 'number' && length > 0) {
    const message =
      '"probe_recv_len" is for the strategy "regexp"; "starts_with" reads as many bytes as "probe_recv" has';
    report({ code: 'TSLB_CONFIG_VALUE', message, path: ['probe_recv_len'], suggestion: 'remove it' });
  }
  if (protocol === 'tcp' || protocol === 'udp') {
    const keys = ['probe_tls_server_name', 'probe_tls_ignore_verify'];
    lintIdleKeys({ values, keys, without: 'probe_protocol = "tls"' }, report);
  }
  if (protocol === 'udp' && values['probe_banner'] !== undefined) {
    const message = 'a backend of UDP sends nothing before it is asked';
    report({ code: 'TSLB_CONFIG_VALUE', message, path: ['probe_banner'], suggestion: 'remove it' });
  }
  if (protocol === 'udp' && send === undefined) {
    const message = 'a UDP probe needs "probe_send": a backend answers only what it is sent';
    report({ code: 'TSLB_CONFIG_MISSING', message, path: ['probe_send'] });
  }
}
