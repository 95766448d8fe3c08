import { errorCode } from '../core/errors.ts';

export interface ErrorFields {
  readonly code?: string;
  readonly message: string;
  readonly cause?: ErrorFields;
  readonly stack?: string;
}

/** An error that is its own cause's cause must not end in a loop. */
const DEEPEST_CAUSE = 4;

/** What a log line says of an error: code, message and causes. The stack is for debugging. */
export function errorFields(thrown: unknown, withStack: boolean, depth = 0): ErrorFields {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  const code = errorCode(thrown);
  return {
    ...(code !== '' && { code }),
    message: messageOf(thrown),
    ...(thrown.cause !== undefined &&
      depth < DEEPEST_CAUSE && { cause: errorFields(thrown.cause, withStack, depth + 1) }),
    ...(withStack && thrown.stack !== undefined && { stack: thrown.stack }),
  };
}

/** Node's AggregateError of a dial that tried several addresses has an empty message. */
function messageOf(error: Error): string {
  if (error.message !== '' || !(error instanceof AggregateError)) return error.message;
  return error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join('; ');
}
