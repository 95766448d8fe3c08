import { nearest } from '../../config/problem/nearest.ts';
import { alternatives, type Fault, quoted, type Reading } from '../../config/problem/problem.ts';
import { type Groups, matchEach, parsePattern } from '../../config/values/pattern.ts';
import type { BackendSpec } from '../../core/backend.ts';
import { parseBackendLine } from './backend-line.ts';

const NEEDED = ['host', 'port'] as const;
const OPTIONS = ['weight', 'priority', 'max_connections', 'sni', 'send_proxy'] as const;
const GROUPS: readonly string[] = [...NEEDED, ...OPTIONS];

/** Reads a pattern with named groups for the parts of a backend, in RE2's spelling of them or in JavaScript's. */
export function parseBackendPattern(text: string): Reading<RegExp> {
  const reading = parsePattern(text.replaceAll('(?P<', '(?<'));
  if ('faults' in reading) return reading;
  const names = [...reading.value.source.matchAll(/\(\?<([A-Za-z_$][\w$]*)>/g)].map(([, name = '']) => name);
  const unknown = names.filter((name) => !GROUPS.includes(name)).map(unknownGroup);
  const missing = NEEDED.filter((name) => !names.includes(name)).map((name) =>
    fault(`the pattern has no group "${name}"`, `write (?P<${name}>…) around what is the ${name}`),
  );
  return unknown.length + missing.length > 0 ? { faults: [...unknown, ...missing] } : reading;
}

/** Reads lines by such a pattern. */
export function backendsByPattern(pattern: RegExp) {
  return (lines: readonly string[]): readonly Reading<BackendSpec>[] =>
    matchEach(pattern, lines).map((groups, index) => {
      if (groups !== undefined) return parseBackendLine(lineOf(groups));
      const message = `${quoted((lines[index] ?? '').slice(0, 80))} does not match plaintext_regex_pattern`;
      return { faults: [{ code: 'TSLB_CONFIG_BACKEND', message }] };
    });
}

/** The same backend as a line of `static_list`. */
function lineOf(groups: Groups): string {
  const { host = '', port = '' } = groups;
  const isBare = host.includes(':') && !host.startsWith('[');
  const options = OPTIONS.flatMap((name) =>
    groups[name] === undefined || (name === 'sni' && groups[name] === '') ? [] : `${name}=${groups[name]}`,
  );
  return [`${isBare ? `[${host}]` : host}:${port}`, ...options].join(' ');
}

function unknownGroup(name: string): Fault {
  const meant = nearest(name, GROUPS);
  const message = `the pattern has an unknown group "${name}"`;
  if (meant === undefined) return { ...fault(message), expected: `the groups are ${alternatives(GROUPS)}` };
  return fault(`${message}; did you mean "${meant}"?`, `write (?P<${meant}>…)`);
}

function fault(message: string, suggestion?: string): Fault {
  return { code: 'TSLB_CONFIG_PATTERN', message, ...(suggestion !== undefined && { suggestion }) };
}
