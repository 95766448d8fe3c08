import * as z from 'zod';

import { errorSchema } from '../../wire/v1/error.ts';

/** What a route may be answered besides what it is for, by status. */
const ERRORS = {
  400: 'The body is not JSON, or the path or the query is wrong.',
  401: 'No login, or a wrong one. The body is empty.',
  403: 'This client may not make changes here.',
  404: 'It does not exist.',
  409: 'It exists already, or cannot be opened.',
  413: 'The body is too large.',
  415: 'The body is not sent as JSON.',
  421: 'Only this machine is served, and the request names another host.',
  422: 'The request is invalid; `problems` lists all faults.',
  429: 'Too many wrong logins; `Retry-After` says when to try again. The body is empty.',
  503: 'tslb is stopping, has reached its limit of streams or lists, or one of its threads does not answer.',
} as const;

type ErrorStatus = keyof typeof ERRORS;

/** What every route may be answered, and every one that changes something. */
const OF_ALL: readonly ErrorStatus[] = [401, 421, 429];
const OF_CHANGES: readonly ErrorStatus[] = [...OF_ALL, 403, 503];
const OF_BODIES: readonly ErrorStatus[] = [...OF_CHANGES, 400, 413, 415, 422];

interface Success {
  readonly status?: 200 | 201;
  readonly description: string;
  readonly schema: z.ZodType;
  /** Absent: JSON. */
  readonly contentType?: string;
}

export function toReading(success: Success, ...errors: readonly ErrorStatus[]) {
  return responses([success], [...OF_ALL, ...errors]);
}

export function toChange(success: Success, ...errors: readonly ErrorStatus[]) {
  return responses([success], [...OF_CHANGES, ...errors]);
}

/** Of a change with a body. */
export function toBody(successes: readonly Success[], ...errors: readonly ErrorStatus[]) {
  return responses(successes, [...OF_BODIES, ...errors]);
}

function responses(successes: readonly Success[], errors: readonly ErrorStatus[]): Record<string, unknown> {
  return {
    ...Object.fromEntries(
      successes.map(({ status = 200, description, schema, contentType }) => [
        status,
        described(description, schema, contentType),
      ]),
    ),
    ...Object.fromEntries(errors.map((status) => [status, described(ERRORS[status], bodyOf(status))])),
  };
}

function bodyOf(status: ErrorStatus): z.ZodType | undefined {
  return status === 401 || status === 429 ? undefined : errorSchema;
}

function described(description: string, schema: z.ZodType | undefined, contentType = 'application/json'): unknown {
  if (schema === undefined) return z.null().meta({ description });
  return { description, content: { [contentType]: { schema } } };
}
