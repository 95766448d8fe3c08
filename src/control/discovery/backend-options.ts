import { nearest } from '../../config/problem/nearest.ts';
import { alternatives, type Fault, quoted, type Reading } from '../../config/problem/problem.ts';
import { parseDuration } from '../../config/values/duration.ts';
import { BACKEND_STATES, type BackendSpec, type BackendState } from '../../core/backend.ts';
import { SEND_PROXY } from '../../core/proxy-protocol.ts';

export type OptionValues = Partial<Omit<BackendSpec, 'target'>>;

/** One option of a backend line. */
interface Option {
  /** What stands behind the `=`, in a word. */
  readonly form: string;
  /** Which values it takes. */
  readonly range: string;
  /** What an absent option means. */
  readonly absent: string;
  readonly meaning: string;
  /** @param name of the option, for faults */
  readonly read: (text: string, name: string) => Reading<OptionValues>;
}

/** The largest that the numbers of a backend may be. */
export const MOST = { weight: 1_000_000, priority: 1_000_000, maxConnections: 10_000_000, maxFails: 1_000 } as const;

/** The options of a backend line, by their names in the file. */
export const BACKEND_OPTIONS = {
  weight: {
    ...number(MOST.weight, (weight) => ({ weight })),
    absent: '1',
    meaning:
      'its share among the backends of its priority; a backend with 0 is used only when no backend above 0 can be' +
      ' used',
  },
  priority: {
    ...number(MOST.priority, (priority) => ({ priority })),
    absent: '1',
    meaning: 'the backends with the lowest number that can take a connection are used; the others are their backup',
  },
  max_connections: {
    ...number(MOST.maxConnections, (maxConnections) => ({ maxConnections })),
    absent: '0',
    meaning: 'connections at once; 0 is no limit',
  },
  sni: {
    form: 'NAMES',
    range: 'names, separated by commas, or a regular expression (see `hostname_matching_strategy`)',
    absent: 'no name',
    meaning:
      'the server names (TLS) of the clients that it gets, where the server has a table `sni`; may be given again; `sni=""` are clients without a name',
    read: readSni,
  },
  alpn: {
    form: 'NAMES',
    range: 'protocols such as h2 and http/1.1, separated by commas',
    absent: 'any',
    meaning:
      'it gets only clients that offer one of these protocols (ALPN) in their hello, where the server has a table `sni`',
    read: readAlpn,
  },
  max_fails: {
    ...number(MOST.maxFails, (maxFails) => ({ maxFails })),
    absent: "the server's",
    meaning:
      'after this many failures within `fail_timeout` it gets no clients for the same time; 0 counts no failures',
  },
  fail_timeout: {
    form: '10s',
    range: 'a duration above 0',
    absent: "the server's",
    meaning: 'the time in which failures are counted, and for which the backend is then ejected',
    read: readFailTimeout,
  },
  send_proxy: {
    form: 'WORD',
    range: alternatives(SEND_PROXY),
    absent: "the server's",
    meaning: 'the version of the header of the PROXY protocol that it gets, or `none`',
    read: readSendProxy,
  },
  state: {
    form: 'WORD',
    range: alternatives(BACKEND_STATES),
    absent: 'enabled',
    meaning:
      '`draining`: no new connections, existing ones may finish; `disabled`: no new connections and no checks,' +
      ' and `on_down` applies to existing ones',
    read: readState,
  },
} as const satisfies Readonly<Record<string, Option>>;

export type OptionName = keyof typeof BACKEND_OPTIONS;
export const OPTION_NAMES = Object.keys(BACKEND_OPTIONS) as readonly OptionName[];

/** What nginx and HAProxy call it, and how it is written here. */
const ELSEWHERE: Readonly<Partial<Record<string, string>>> = {
  backup: 'priority=2',
  down: 'state=disabled',
  disabled: 'state=disabled',
  drain: 'state=draining',
  'send-proxy': 'send_proxy=v1',
  'send-proxy-v2': 'send_proxy=v2',
  proxy_protocol: 'send_proxy=v1',
  max_conns: 'max_connections=N',
  maxconn: 'max_connections=N',
  slow_start: 'slow_start in the table of the server, for all its backends',
  slowstart: 'slow_start in the table of the server, for all its backends',
};

/** What HAProxy and people call a state. */
const STATES_ELSEWHERE: Readonly<Partial<Record<string, BackendState>>> = {
  down: 'disabled',
  drain: 'draining',
  maint: 'disabled',
  maintenance: 'disabled',
  ready: 'enabled',
  up: 'enabled',
};

export function unknownOption(name: string, line: string): Fault {
  const expected = `the options are ${alternatives(OPTION_NAMES)}`;
  const message = `unknown option ${quoted(name)} in ${quoted(line)}`;
  const ours = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
  if (ours !== undefined) return { ...optionFault(message), expected, suggestion: `write ${ours}` };
  const meant = nearest(name, OPTION_NAMES) ?? OPTION_NAMES.find((option) => option === name.toLowerCase());
  if (meant === undefined) return { ...optionFault(message), expected };
  return { ...optionFault(`${message}; did you mean ${quoted(meant)}?`), expected, suggestion: `write ${meant}` };
}

export function optionFault(message: string): Fault {
  return { code: 'TSLB_CONFIG_BACKEND_OPTION', message };
}

function number(most: number, valuesOf: (value: number) => OptionValues): Pick<Option, 'form' | 'range' | 'read'> {
  const expected = `a whole number from 0 to ${most}`;
  return {
    form: 'N',
    range: `0 to ${most}`,
    read(text, name) {
      if (!/^\d+$/.test(text)) return faulty(`${name} must be ${expected}, not ${quoted(text)}`, { expected });
      if (Number(text) > most) return faulty(`${name} ${text.slice(0, 30)} is too large`, { expected });
      return { value: valuesOf(Number(text)) };
    },
  };
}

function readFailTimeout(text: string, name: string): Reading<OptionValues> {
  const expected = 'a duration such as "500ms", "10s" or "1m30s"';
  const reading = parseDuration(text);
  if ('faults' in reading) return faulty(`${name}: ${reading.faults[0]?.message ?? ''}`, { expected });
  if (reading.value === 0) return faulty(`${name} must be longer than ${quoted(text)}`, { expected });
  return { value: { failTimeoutMs: reading.value } };
}

function readSendProxy(text: string, name: string): Reading<OptionValues> {
  const sendProxy = SEND_PROXY.find((known) => known === text);
  if (sendProxy !== undefined) return { value: { sendProxy } };
  const meant = SEND_PROXY.find((known) => known === `v${text}` || known === text.toLowerCase());
  const suggestion = meant === undefined ? undefined : `write ${name}=${meant}`;
  return faulty(`unknown ${name} ${quoted(text)}`, { expected: alternatives(SEND_PROXY), suggestion });
}

/** How a backend line writes that a backend is for clients without a name. */
export const NO_NAME = '""';

function readSni(text: string): Reading<OptionValues> {
  if (text === '')
    return faulty('sni needs a name', { expected: `sni=www.example.org, or sni=${NO_NAME} for clients without` });
  return { value: { sni: [text === NO_NAME ? '' : text] } };
}

/** RFC 7301: a name of a protocol has 1 to 255 bytes. */
function readAlpn(text: string): Reading<OptionValues> {
  const alpn = text.split(',');
  if (alpn.every((each) => /^[!-~]{1,255}$/.test(each))) return { value: { alpn } };
  return faulty(`alpn must name protocols, not ${quoted(text)}`, { expected: 'alpn=h2 or alpn=h2,http/1.1' });
}

function readState(text: string, name: string): Reading<OptionValues> {
  const state = BACKEND_STATES.find((known) => known === text);
  if (state !== undefined) return { value: { state } };
  const word = text.toLowerCase();
  const meant =
    (Object.hasOwn(STATES_ELSEWHERE, word) ? STATES_ELSEWHERE[word] : undefined) ?? nearest(word, BACKEND_STATES);
  const message = `unknown ${name} ${quoted(text)}`;
  const expected = alternatives(BACKEND_STATES);
  if (meant === undefined) return faulty(message, { expected });
  return faulty(`${message}; did you mean ${quoted(meant)}?`, { expected, suggestion: `write ${name}=${meant}` });
}

function faulty(message: string, more: Pick<Fault, 'expected' | 'suggestion'>): { readonly faults: readonly Fault[] } {
  return { faults: [{ ...optionFault(message), ...more }] };
}
