import type * as z from 'zod';

import type { Diagnostic } from '../../config/problem/diagnostic.ts';
import { nearest } from '../../config/problem/nearest.ts';
import { type Problem, quoted } from '../../config/problem/problem.ts';
import { ConfigRefused } from '../../config/problem/refused.ts';
import { problemsOf } from '../../config/schema/issues.ts';
import { shapeOf } from '../../config/schema/tables.ts';
import { diagnose, NO_SOURCE } from '../../config/text/source.ts';
import { BadRequest } from './errors.ts';

/**
 * Reads a part of a request, with the configuration's words for what is wrong. Unknown keys are wrong where the schema
 * is strict: `?drian=30s` must not cut connections.
 * @param part as fastify names it: `body`, `querystring`, `params` or `headers`
 * @throws BadRequest or, of a body, ConfigRefused
 */
export function readPart<Schema extends z.ZodType>(schema: Schema, value: unknown, part: string): z.output<Schema> {
  // Fastify has null for what is absent.
  const raw = value ?? undefined;
  const read = schema.safeParse(raw);
  if (read.success) return read.data;
  if (part === 'body' && raw === undefined) throw new BadRequest('TSLB_REQUEST_BODY', 'this request needs a JSON body');
  const known = Object.keys(shapeOf(schema));
  const problems = read.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, known) : problemsOf([issue], raw),
  );
  const diagnostics = diagnose(NO_SOURCE, problems);
  throw part === 'body' ? new ConfigRefused(diagnostics) : unreadable(diagnostics);
}

function unreadable(diagnostics: readonly Diagnostic[]): BadRequest {
  const message = diagnostics.map((each) => `${each.path}: ${each.message}`).join('; ');
  return new BadRequest('TSLB_REQUEST_QUERY', message, diagnostics);
}

function unknownKeys(keys: readonly string[], known: readonly string[]): readonly Problem[] {
  return keys.map((key) => {
    const meant = nearest(key, known);
    return {
      code: 'TSLB_CONFIG_KEY_UNKNOWN',
      message: `unknown key ${quoted(key)}`,
      path: [key],
      ...(meant === undefined ? {} : { suggestion: `write ${meant}` }),
    };
  });
}
