import type * as z from 'zod';

import { missingPart, notBuiltValues } from '../dialects/gobetween.ts';
import { valueFor } from '../dialects/words.ts';
import { nearest } from '../problem/nearest.ts';
import type { Path } from '../problem/path.ts';
import { alternatives, type Fault, type Problem, quoted } from '../problem/problem.ts';

type Issue = z.core.$ZodIssue;

/** What zod has to say about a value, in our words. */
export function problemsOf(issues: readonly Issue[], root: unknown): readonly Problem[] {
  return issues.flatMap((issue) => problemsOfIssue(issue, [], root));
}

function problemsOfIssue(issue: Issue, base: Path, root: unknown): readonly Problem[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  const value = valueAt(root, path);
  if (value === undefined) {
    return [{ code: 'TSLB_CONFIG_MISSING', message: `the required key "${String(path.at(-1))}" is missing`, path }];
  }

  switch (issue.code) {
    case 'custom':
      return [{ ...faultOf(issue), path }];
    case 'invalid_type':
      return [{ ...typeFault([issue.expected], value), path }];
    case 'invalid_value':
      return [{ ...choiceFault(issue.values, value, path), path }];
    case 'too_small':
    case 'too_big':
      return [{ ...rangeFault(issue, value), path }];
    case 'invalid_union':
      return unionProblems(issue, path, root);
    case 'invalid_format':
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_key':
    case 'invalid_element':
      return [{ code: 'TSLB_CONFIG_VALUE', message: issue.message, path }];
    default:
      return issue satisfies never;
  }
}

function faultOf(issue: z.core.$ZodIssueCustom): Fault {
  const fault: unknown = issue.params?.['fault'];
  return isFault(fault) ? fault : { code: 'TSLB_CONFIG_VALUE', message: issue.message };
}

function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

/** Of the alternatives, the one that takes a value of this type is the one that was meant. */
function unionProblems(issue: z.core.$ZodIssueInvalidUnion, path: Path, root: unknown): readonly Problem[] {
  const value = valueAt(root, path);
  if (issue.discriminator !== undefined) {
    // zod's type leaves out the values that the discriminator may have; the union lists them.
    const { options = [] } = issue as { options?: readonly string[] };
    return [{ ...choiceFault(options, value, path), path }];
  }
  const meant = issue.errors.filter((issues) => !issues.some(isWrongType));
  if (meant.length > 0) return meant.flatMap((issues) => issues.flatMap((each) => problemsOfIssue(each, path, root)));
  const expected = issue.errors.flatMap((issues) =>
    issues.flatMap((each) => ('expected' in each ? [each.expected] : [])),
  );
  return [{ ...typeFault(expected, value), path }];
}

function isWrongType(issue: Issue): boolean {
  return issue.path.length === 0 && issue.code === 'invalid_type';
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'an integer',
  int: 'an integer',
  boolean: 'true or false',
  array: 'a list',
  object: 'a table',
  record: 'a table',
};

function typeFault(types: readonly string[], value: unknown): Fault {
  const expected = alternatives([...new Set(types.map((type) => TYPE_NAMES[type] ?? type))]);
  if (typeof value === 'bigint')
    return { code: 'TSLB_CONFIG_RANGE', message: 'the number is too large', expected: 'a smaller number' };
  return {
    code: 'TSLB_CONFIG_TYPE',
    message: `must be ${expected}, not ${described(value)}`,
    expected,
    suggestion: converted(types, value),
  };
}

/** A value of which a message says only what it is. */
export class Hidden {
  readonly description: string;

  constructor(value: unknown) {
    this.description = typeof value === 'object' ? described(value) : `a ${typeof value}`;
  }
}

function described(value: unknown): string {
  if (value instanceof Hidden) return value.description;
  switch (typeof value) {
    case 'string':
      return `the string ${quoted(value)}`;
    case 'number':
    case 'bigint':
      return `the number ${value}`;
    case 'boolean':
      return String(value);
    default:
      return Array.isArray(value) ? 'a list' : value instanceof Date ? 'a date' : 'a table';
  }
}

const SPOKEN_BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

/** The same value in the type that is expected, where that is plain. */
function converted(types: readonly string[], value: unknown): string | undefined {
  const isNumber = types.includes('number') || types.includes('int');
  if (types.includes('string') && Number.isInteger(value)) return `write "${String(value)}"`;
  if (types.includes('string') && Array.isArray(value) && value.length > 0 && value.every(Number.isInteger)) {
    return `write ${quoted(value.join(','))}`;
  }
  if (typeof value !== 'string') return undefined;
  if (isNumber && /^\d{1,15}%?$/.test(value)) return `write ${parseInt(value, 10)}`;
  if (types.includes('array')) return `write [${quoted(value)}]`;
  if (types.includes('boolean') && Object.hasOwn(SPOKEN_BOOLEANS, value)) return `write ${SPOKEN_BOOLEANS[value]}`;
  return undefined;
}

/** A value that is none of those a key knows: of gobetween and not built yet, a slip of the finger, or something else. */
function choiceFault(values: readonly z.core.util.Primitive[], value: unknown, path: Path): Fault {
  const names = values.map(String);
  const expected = names.length === 1 ? quoted(names[0] ?? '') : `one of ${names.map(quoted).join(', ')}`;
  const ours = valueFor(String(path.at(-1)), String(value).toLowerCase());
  const known = ours !== undefined && names.includes(ours) ? ours : undefined;
  if (typeof value !== 'string') {
    const same = known ?? names.find((name) => name === String(value));
    return { ...typeFault(['string'], value), expected, suggestion: same && `write ${quoted(same)}` };
  }
  if (notBuiltValues(tableKey(path)).includes(value)) {
    const missing = missingPart(value);
    const message = `${path.at(-1)} ${quoted(value)} is not built yet: ${missing.meaning}`;
    return { code: 'TSLB_CONFIG_NOT_BUILT', message, missing };
  }
  const meant = known ?? nearest(value, names);
  const message = `unknown ${path.at(-1)} ${quoted(value)}`;
  return {
    code: 'TSLB_CONFIG_VALUE',
    message: meant === undefined ? message : `${message}; did you mean ${quoted(meant)}?`,
    expected,
    suggestion: meant === undefined ? undefined : `write ${quoted(meant)}`,
  };
}

/** The path as gobetween.ts names keys. */
function tableKey(path: Path): string {
  return path.map((part, index) => (path[0] === 'servers' && index === 1 ? '*' : part)).join('.');
}

function rangeFault(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, value: unknown): Fault {
  if (issue.origin === 'array' && Array.isArray(value)) return lengthFault(issue, value.length);
  const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
  return { code: 'TSLB_CONFIG_RANGE', message: `must be ${bound}, not ${String(value)}`, expected: bound };
}

function lengthFault(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, length: number): Fault {
  const code = 'TSLB_CONFIG_RANGE';
  if (issue.code === 'too_small') return { code, message: 'the list is empty', expected: 'at least one entry' };
  return { code, message: `the list has ${length} entries`, expected: `at most ${issue.maximum}` };
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
