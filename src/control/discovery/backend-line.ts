import { type Fault, quoted, type Reading } from '../../config/problem/problem.ts';
import { hostPartFault, parseUnixPath, portNumber, splitHostPort } from '../../config/values/address.ts';
import type { NamedAddress } from '../../core/address.ts';
import type { BackendSpec } from '../../core/backend.ts';
import {
  BACKEND_OPTIONS,
  OPTION_NAMES,
  optionFault,
  type OptionName,
  type OptionValues,
  unknownOption,
} from './backend-options.ts';
import { checkWordsFault, endOfCheckWords, foreignLineFault } from './foreign-line.ts';

const EXPECTED = '"host:port", "[IPv6]:port" or "unix:/path", then options such as weight=2 priority=1';
/** Well beyond what names, paths and options need. */
const LONGEST_LINE = 1_000;
/** A name, perhaps `=`, perhaps a value; blanks around the `=` belong to it. */
const OPTION = /([^\s=]*)(\s*=\s*)?(\S*)/y;
const SPACED_VALUE = /\s+(\d[^\s=]*)(?=\s|$)/y;

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
  const foreign = foreignLineFault(line);
  if (foreign !== undefined) return { faults: [{ expected: EXPECTED, ...foreign }] };
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

/** Reads the address of a backend. */
export function parseTarget(text: string): Reading<NamedAddress> {
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
  let values: Options['values'] = { weight: 1, priority: 1, maxConnections: 0 };
  const faults: Fault[] = [];
  const seen = new Set<string>();
  let hasCheckWords = false;
  for (let index = skipBlanks(line, start); index < line.length; index = skipBlanks(line, OPTION.lastIndex)) {
    const endOfChecks = endOfCheckWords(line, index);
    if (endOfChecks !== undefined) {
      if (!hasCheckWords) faults.push({ ...checkWordsFault(line), offset: index });
      hasCheckWords = true;
      OPTION.lastIndex = endOfChecks;
      continue;
    }
    OPTION.lastIndex = index;
    const [whole = '', name = '', equals, value = ''] = OPTION.exec(line) ?? [];
    const valueOffset = index + whole.length - value.length;
    const option = OPTION_NAMES.find((known) => known === name);
    if (option === undefined) faults.push({ ...unknownOption(name, line), offset: index });
    else if (seen.has(name) && option !== 'sni')
      faults.push({ ...optionFault(`${name} is given twice in ${quoted(line)}`), offset: index });
    else if (equals === undefined) faults.push({ ...missingValue(option, line), offset: index });
    else {
      const reading: Reading<OptionValues> = BACKEND_OPTIONS[option].read(value, option);
      if ('value' in reading) values = { ...values, ...withMore(values, reading.value) };
      else faults.push(...reading.faults.map((fault) => ({ ...fault, offset: valueOffset })));
    }
    seen.add(name);
  }
  return { values, faults };
}

/** Only names may be given again; they add up. */
function withMore({ sni }: Options['values'], more: OptionValues): OptionValues {
  return sni === undefined || more.sni === undefined ? more : { sni: [...sni, ...more.sni] };
}

/** Of an option without a `=`. A number that follows, as in HAProxy, is taken for its value and passed over. */
function missingValue(option: OptionName, line: string): Fault {
  const end = OPTION.lastIndex;
  SPACED_VALUE.lastIndex = end;
  const [whole = '', value] = SPACED_VALUE.exec(line) ?? [];
  OPTION.lastIndex = end + whole.length;
  const suggestion = value === undefined ? undefined : `write ${option}=${value}`;
  return {
    ...optionFault(`${option} needs a value`),
    expected: `${option}=${BACKEND_OPTIONS[option].form}`,
    suggestion,
  };
}

function skipBlanks(line: string, start: number): number {
  const next = line.slice(start).search(/\S/);
  return next < 0 ? line.length : start + next;
}
