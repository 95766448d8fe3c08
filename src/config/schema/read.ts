import type * as z from 'zod';

import { pathText } from '../problem/path.ts';
import type { Problem } from '../problem/problem.ts';
import { examine, isTable } from './examine.ts';
import { Hidden, problemsOf } from './issues.ts';
import { replaceSecrets } from './redact.ts';

export interface ReadResult<Value> {
  /** Present when the schema took everything; there may be problems all the same. */
  readonly value?: Value;
  /** The known keys as they were given, in the schema's spelling; what the value was read from. */
  readonly tables: unknown;
  readonly problems: readonly Problem[];
}

/** Reads the values of a file by a schema, and finds everything that is wrong with them in one go. */
export function readBySchema<Schema extends z.ZodType>(schema: Schema, raw: unknown): ReadResult<z.output<Schema>> {
  const { value: tables, problems } = examine(schema, raw);
  try {
    const read = schema.safeParse(tables);
    if (read.success) return { value: read.data, tables, problems };
    return { tables, problems: withoutRepetition(problems, problemsOf(read.error.issues, shown(schema, tables))) };
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    // zod spreads its issues into a call; a hundred thousand of them do not fit on the stack.
    const { error } = schema.safeParse(withShortLists(tables));
    return {
      tables,
      problems: withoutRepetition([...problems, TOO_MANY], problemsOf(error?.issues ?? [], shown(schema, tables))),
    };
  }
}

/** As messages may quote it. */
function shown(schema: z.core.$ZodType, tables: unknown): unknown {
  return replaceSecrets(schema, tables, (secret) => new Hidden(secret));
}

/** Both find a required key that is absent; examine() has more to say about it. */
function withoutRepetition(found: readonly Problem[], more: readonly Problem[]): readonly Problem[] {
  const missing = new Set(found.filter(isMissing).map(placeOf));
  return [...found, ...more.filter((problem) => !isMissing(problem) || !missing.has(placeOf(problem)))];
}

function isMissing({ code }: Problem): boolean {
  return code === 'TSLB_CONFIG_MISSING';
}

/** One text for a path in either spelling: as in the file, or as in the schema. */
function placeOf({ path }: Problem): string {
  return pathText(path).toLowerCase();
}

const LONGEST_LIST = 10_000;

const TOO_MANY: Problem = {
  code: 'TSLB_CONFIG_SIZE',
  path: [],
  message: `too many errors to list; in each list, only errors of the first ${LONGEST_LIST} entries are shown`,
};

function withShortLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, LONGEST_LIST);
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withShortLists(child)]));
}
