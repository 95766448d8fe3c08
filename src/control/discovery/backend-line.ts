import type { NamedAddress } from '../../core/address.ts';
import type { BackendSpec } from '../../core/backend.ts';
import { hostPartFault, parseUnixPath, portNumber, splitHostPort } from '../../config/address.ts';
import { NOT_BUILT_BACKEND_OPTIONS } from '../../config/gobetween.ts';
import { nearest } from '../../config/nearest.ts';
import { alternatives, type Fault, quoted, type Reading } from '../../config/problem.ts';

/** The options of a backend line: the name in the file, the field, the value where it is absent, the largest value. */
export const BACKEND_OPTIONS = {
  weight: {
    field: 'weight',
    absent: 1,
    most: 1_000_000,
    meaning: 'its share among the backends of its priority; with 0 it is used only when none above 0 can be',
  },
  priority: {
    field: 'priority',
    absent: 1,
    most: 1_000_000,
    meaning: 'the lowest number that can take a connection is used, the others are its backup',
  },
  max_connections: {
    field: 'maxConnections',
    absent: 0,
    most: 10_000_000,
    meaning: 'connections at once; 0 is no limit',
  },
} as const;

/** What nginx and HAProxy call it, and how it is written here. */
const ELSEWHERE: Readonly<Partial<Record<string, string>>> = {
  backup: 'priority=2',
  max_conns: 'max_connections=N',
  maxconn: 'max_connections=N',
};

type OptionName = keyof typeof BACKEND_OPTIONS;
const OPTION_NAMES = Object.keys(BACKEND_OPTIONS) as readonly OptionName[];

const EXPECTED = '"host:port", "[IPv6]:port" or "unix:/path", then weight=N, priority=N, max_connections=N';
/** Well beyond what names, paths and options need. */
const LONGEST_LINE = 1_000;
/** A name, perhaps `=`, perhaps a value; blanks around the `=` belong to it. */
const OPTION = /([^\s=]*)(\s*=\s*)?(\S*)/y;

/**
 * Reads a backend as `static_list` holds it: an address, then options in any order and with any blanks. gobetween wants
 * the options in one order with one blank each, and skips a line that it does not understand.
 */
export function parseBackendLine(line: string): Reading<BackendSpec> {
  if (line.length > LONGEST_LINE) {
    const message = `the entry has ${line.length} characters, which is too long`;
    return { faults: [{ code: 'TSLB_CONFIG_BACKEND', message, expected: EXPECTED }] };
  }
  const address = /\S+/.exec(line);
  if (address === null) {
    return { faults: [{ code: 'TSLB_CONFIG_BACKEND', message: 'the entry is empty', expected: EXPECTED }] };
  }
  const target = shifted(parseTarget(address[0]), address.index);
  const options = parseOptions(line, address.index + address[0].length);
  const faults = [...('faults' in target ? target.faults : []), ...options.faults];
  if ('faults' in target || faults.length > 0) return { faults };
  return { value: { target: target.value, ...options.values } };
}

function shifted<Value>(reading: Reading<Value>, by: number): Reading<Value> {
  if ('value' in reading) return reading;
  return { faults: reading.faults.map((fault) => ({ ...fault, offset: (fault.offset ?? 0) + by })) };
}

function parseTarget(text: string): Reading<NamedAddress> {
  const code = 'TSLB_CONFIG_BACKEND';
  if (text.startsWith('unix:')) return parseUnixPath(text.slice('unix:'.length), code);
  const parts = splitHostPort(text);
  const port = portNumber(parts.port ?? '', 1);
  const faults: Fault[] = [];
  const host = targetHostFault(parts.host) ?? hostPartFault(parts, code);
  if (host !== undefined) faults.push({ code, expected: EXPECTED, ...host });
  if (port === undefined) faults.push({ code, ...targetPortFault(text, parts.port), offset: parts.portOffset });
  return port === undefined || faults.length > 0 ? { faults } : { value: { host: parts.host, port } };
}

function targetHostFault(host: string): Omit<Fault, 'code'> | undefined {
  if (host === '') return { message: 'the host is missing', suggestion: 'write localhost for this machine' };
  if (host === '*') return { message: '"*" is an address to bind; a backend needs a host', offset: 0 };
  return undefined;
}

function targetPortFault(text: string, port: string | undefined): Omit<Fault, 'code'> {
  const expected = 'a port from 1 to 65535';
  if (port === undefined || port === '') {
    return {
      message: `the port is missing in ${quoted(text)}`,
      expected: EXPECTED,
      suggestion: 'add :80, or its port',
    };
  }
  if (/^\d+$/.test(port)) return { message: `the port ${port.slice(0, 20)} is out of range`, expected };
  return { message: `${quoted(port)} is not a port number`, expected };
}

interface Options {
  readonly values: Omit<BackendSpec, 'target'>;
  readonly faults: readonly Fault[];
}

function parseOptions(line: string, start: number): Options {
  const values = { weight: 1, priority: 1, maxConnections: 0 };
  const faults: Fault[] = [];
  const seen = new Set<string>();
  for (let index = skipBlanks(line, start); index < line.length; index = skipBlanks(line, OPTION.lastIndex)) {
    OPTION.lastIndex = index;
    const [whole = '', name = '', equals, value = ''] = OPTION.exec(line) ?? [];
    const valueOffset = index + whole.length - value.length;
    const option = OPTION_NAMES.find((known) => known === name);
    if (option === undefined) faults.push({ ...unknownOption(name, line), offset: index });
    else if (seen.has(name))
      faults.push({ ...optionFault(`${name} is given twice in ${quoted(line)}`), offset: index });
    else if (equals === undefined)
      faults.push({ ...optionFault(`${name} needs a value`), expected: `${name}=N`, offset: index });
    else {
      const number = optionValue(option, value);
      if (typeof number === 'number') values[BACKEND_OPTIONS[option].field] = number;
      else faults.push({ ...number, offset: valueOffset });
    }
    seen.add(name);
  }
  return { values, faults };
}

function skipBlanks(line: string, start: number): number {
  const next = line.slice(start).search(/\S/);
  return next < 0 ? line.length : start + next;
}

function optionValue(option: OptionName, text: string): number | Fault {
  const { most } = BACKEND_OPTIONS[option];
  const expected = `a whole number from 0 to ${most}`;
  if (!/^\d+$/.test(text)) return { ...optionFault(`${option} must be a number, not ${quoted(text)}`), expected };
  if (Number(text) > most) return { ...optionFault(`${option} ${text.slice(0, 30)} is too large`), expected };
  return Number(text);
}

function unknownOption(name: string, line: string): Fault {
  const expected = `the options are ${alternatives(OPTION_NAMES)}`;
  if (NOT_BUILT_BACKEND_OPTIONS.includes(name)) {
    const message = `the option "${name}" of gobetween is not built yet`;
    return { code: 'TSLB_CONFIG_NOT_BUILT', message, expected, suggestion: 'remove it' };
  }
  const message = `unknown option ${quoted(name)} in ${quoted(line)}`;
  const ours = ELSEWHERE[name];
  if (ours !== undefined) return { ...optionFault(message), expected, suggestion: `write ${ours}` };
  const meant = nearest(name, OPTION_NAMES) ?? OPTION_NAMES.find((option) => option === name.toLowerCase());
  if (meant === undefined) return { ...optionFault(message), expected };
  return { ...optionFault(`${message}; did you mean ${quoted(meant)}?`), expected, suggestion: `write ${meant}` };
}

function optionFault(message: string): Fault {
  return { code: 'TSLB_CONFIG_BACKEND_OPTION', message };
}
