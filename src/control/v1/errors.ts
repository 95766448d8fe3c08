import type { Diagnostic } from '../../config/problem/diagnostic.ts';
import { ConfigRefused } from '../../config/problem/refused.ts';
import { asError, errorCode, TslbError } from '../../core/errors.ts';
import type { ErrorJson, ProblemJson } from '../../wire/v1/error.ts';

/** A request that cannot be understood: its body, its query or its path. */
export class BadRequest extends TslbError {
  readonly problems: readonly Diagnostic[];

  constructor(code: `TSLB_${string}`, message: string, problems: readonly Diagnostic[] = []) {
    super(code, message, { side: 'client' });
    this.problems = problems;
  }
}

/** Of each error of ours that a request can end with; all others are 500. */
const STATUS_OF: Readonly<Record<string, number>> = {
  TSLB_REQUEST_BODY: 400,
  TSLB_REQUEST_QUERY: 400,
  TSLB_FORBIDDEN: 403,
  TSLB_NO_SUCH_SERVER: 404,
  TSLB_NO_SUCH_BACKEND: 404,
  TSLB_NO_SUCH_CONNECTION: 404,
  TSLB_NO_SUCH_ROUTE: 404,
  TSLB_REQUEST_METHOD: 405,
  TSLB_SERVER_EXISTS: 409,
  TSLB_BACKEND_EXISTS: 409,
  TSLB_TOO_MANY_BACKENDS: 409,
  TSLB_BIND: 409,
  TSLB_BIND_NAME: 409,
  TSLB_ENGINE: 409,
  TSLB_ENGINE_CHANGE: 409,
  TSLB_NO_SERVERS: 409,
  TSLB_LOG_OUTPUT: 409,
  TSLB_STATE_FILE: 409,
  TSLB_STATS_PAGE: 409,
  TSLB_WEB_TLS: 409,
  TSLB_REQUEST_SIZE: 413,
  TSLB_REQUEST_TYPE: 415,
  TSLB_REQUEST_HOST: 421,
  TSLB_CONFIG_REFUSED: 422,
  TSLB_LOG_LEVEL: 422,
  TSLB_STOPPING: 503,
  TSLB_BUSY: 503,
  TSLB_THREAD_SILENT: 503,
  TSLB_TOO_MANY_STREAMS: 503,
};

/** Fastify's words for what is wrong with a request, as errors of ours. */
const REQUEST_FAULTS: Readonly<Record<string, readonly [`TSLB_${string}`, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['TSLB_REQUEST_SIZE', 'the body is too large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['TSLB_REQUEST_TYPE', 'the body must be sent as application/json'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['TSLB_REQUEST_BODY', 'the body is not as long as its Content-Length says'],
};

export interface Refusal {
  readonly status: number;
  readonly body: ErrorJson;
  /** What went wrong in us: for the log, and not for who asks. */
  readonly fault?: Error;
}

/** What a request that failed is answered. Of an error that is not of our making nothing is told but that there is one. */
export function refusalOf(thrown: unknown): Refusal {
  const [code, message] = REQUEST_FAULTS[errorCode(thrown)] ?? [];
  if (code !== undefined && message !== undefined) return refusalOf(new BadRequest(code, message));
  if (!(thrown instanceof TslbError)) {
    const body = { error: { code: 'TSLB_INTERNAL', message: 'tslb has failed to do this; the reason is in its log' } };
    return { status: 500, body, fault: asError(thrown) };
  }
  const status = STATUS_OF[thrown.code];
  const body = { error: { code: thrown.code, message: thrown.message, ...problemsOf(thrown) } };
  return status === undefined ? { status: 500, body, fault: thrown } : { status, body };
}

function problemsOf(error: TslbError): Pick<ErrorJson['error'], 'problems'> {
  const found = error instanceof ConfigRefused ? error.diagnostics : error instanceof BadRequest ? error.problems : [];
  return found.length === 0 ? {} : { problems: found.map(problemJson) };
}

function problemJson({ path, code, message, expected, suggestion }: Diagnostic): ProblemJson {
  return {
    path,
    code,
    message,
    ...(expected !== undefined && { expected }),
    ...(suggestion !== undefined && { suggestion }),
  };
}
