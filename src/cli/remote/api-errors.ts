import { asError, errorCode, TslbError } from '../../core/errors.ts';
import type { ApiAddress } from './address.ts';

/** One thing that is wrong with a table that was sent. */
export interface RefusedProblem {
  readonly path?: string;
  readonly message: string;
  readonly expected?: string;
  readonly suggestion?: string;
}

/** The API has refused a request. */
export class ApiRefusal extends TslbError {
  override readonly name = 'ApiRefusal';
  readonly status: number;
  readonly problems: readonly RefusedProblem[];
  /** The answer, for scripts. */
  readonly answer: unknown;

  constructor(status: number, answer: unknown, { code, message, problems }: RefusalText) {
    super(code, message, { side: 'client' });
    this.status = status;
    this.problems = problems;
    this.answer = answer;
  }
}

interface RefusalText {
  readonly code: `TSLB_${string}`;
  readonly message: string;
  readonly problems: readonly RefusedProblem[];
}

/** An answer with a status other than 2xx. */
export function refusalOf(address: ApiAddress, status: number, text: string): TslbError {
  if (status === 401) {
    return new TslbError(
      'TSLB_API_LOGIN',
      `${address.text} requires another login; give it with --login NAME, or with TSLB_LOGIN and TSLB_PASSWORD`,
    );
  }
  if (status === 429) {
    return new TslbError('TSLB_API_LOGIN', `${address.text} has seen too many wrong logins; wait a minute`);
  }
  const answer = jsonOf(text);
  const said = refusalText(answer);
  if (said !== undefined) return new ApiRefusal(status, answer, said);
  return notOurs(address, `it answers ${status}`);
}

/** Something listens there, but it is not an API of ours. */
export function notOurs(address: ApiAddress, why: string): TslbError {
  return new TslbError(
    'TSLB_API_ANSWER',
    `what listens at ${address.text} is not the API of this tslb (${why}); is it another program, or another version?`,
  );
}

/**
 * Words for what undici, the system or OpenSSL throws, with the next step. An error without a code is a fault of ours and
 * is thrown again.
 */
export function failureOf(address: ApiAddress, thrown: unknown): Error {
  const cause = asError(thrown);
  const codes = codesOf(cause);
  if (cause instanceof TslbError || codes.length === 0) return cause;
  const hint = HINTS[codes.find((each) => each in HINTS) ?? ''];
  if (hint === undefined) {
    return new TslbError('TSLB_API_UNREACHABLE', `${address.text} cannot be reached: ${cause.message}`, { cause });
  }
  return new TslbError(hint.code, `${address.text} ${hint.text(address)}`, { cause });
}

interface Hint {
  readonly code: `TSLB_${string}`;
  readonly text: (address: ApiAddress) => string;
}

function hint(code: Hint['code'], text: string | Hint['text']): Hint {
  return { code, text: typeof text === 'string' ? () => text : text };
}

const NOBODY = hint(
  'TSLB_API_UNREACHABLE',
  'does not answer; is tslb running, with "enabled = true" in [api]? Give its address with --api, TSLB_API or -c FILE',
);
const SILENT = hint('TSLB_API_UNREACHABLE', 'takes too long to answer');
const UNTRUSTED = hint(
  'TSLB_API_TLS',
  'has a certificate that is not trusted; name the certificate of its signer with --ca FILE, or use --insecure',
);
const NOT_HTTP = hint('TSLB_API_ANSWER', (address) =>
  address.origin.startsWith('http:') && address.socketPath === undefined
    ? 'does not speak HTTP; with TLS its address begins with https://'
    : 'does not speak HTTP',
);

const HINTS: Readonly<Record<string, Hint>> = {
  ECONNREFUSED: NOBODY,
  ENOENT: NOBODY,
  ENOTFOUND: hint('TSLB_API_UNREACHABLE', 'has a name that cannot be resolved'),
  EAI_AGAIN: hint('TSLB_API_UNREACHABLE', 'has a name that cannot be resolved now'),
  EHOSTUNREACH: hint('TSLB_API_UNREACHABLE', 'cannot be reached: no route to the host'),
  ENETUNREACH: hint('TSLB_API_UNREACHABLE', 'cannot be reached: no route to its network'),
  EACCES: hint('TSLB_API_UNREACHABLE', 'may not be opened by this user; run as the user of tslb, or as root'),
  EPERM: hint('TSLB_API_UNREACHABLE', 'may not be opened by this user; run as the user of tslb, or as root'),
  ENOTSOCK: hint('TSLB_API_UNREACHABLE', 'is not a socket'),
  UND_ERR_CONNECT_TIMEOUT: SILENT,
  UND_ERR_HEADERS_TIMEOUT: SILENT,
  UND_ERR_BODY_TIMEOUT: SILENT,
  ETIMEDOUT: SILENT,
  UND_ERR_RES_EXCEEDED_MAX_SIZE: hint('TSLB_API_ANSWER', 'answers with more than 64 MiB'),
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_HAS_EXPIRED: hint('TSLB_API_TLS', 'has a certificate that has expired; renew it, or use --insecure'),
  CERT_NOT_YET_VALID: hint(
    'TSLB_API_TLS',
    'has a certificate that is not valid yet; check the clocks of both machines',
  ),
  ERR_TLS_CERT_ALTNAME_INVALID: hint(
    'TSLB_API_TLS',
    'has a certificate for another name; use that name, or use --insecure',
  ),
  ERR_SSL_WRONG_VERSION_NUMBER: hint('TSLB_API_TLS', 'does not speak TLS; its address begins with http://'),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: hint('TSLB_API_TLS', 'does not speak TLS; its address begins with http://'),
  ECONNRESET: hint('TSLB_API_UNREACHABLE', (address) =>
    address.origin.startsWith('http:') && address.socketPath === undefined
      ? 'has closed the connection; with TLS its address begins with https://'
      : 'has closed the connection',
  ),
  UND_ERR_SOCKET: hint('TSLB_API_UNREACHABLE', (address) =>
    address.origin.startsWith('http:') && address.socketPath === undefined
      ? 'has closed the connection; with TLS its address begins with https://'
      : 'has closed the connection',
  ),
  HTTPParserError: NOT_HTTP,
};

/** The messages of the error and of its causes, the outermost first; with one for each attempt to connect. */
function codesOf(thrown: unknown): readonly string[] {
  if (!(thrown instanceof Error)) return [];
  const inner = thrown instanceof AggregateError ? (thrown.errors as readonly unknown[]) : [];
  // llhttp's own codes are many, and undici leaves them out where the first line is wrong.
  const code = thrown.name === 'HTTPParserError' ? thrown.name : errorCode(thrown);
  return [code, ...[...inner, thrown.cause].flatMap(codesOf)].filter((code) => code !== '');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusalText(answer: unknown): RefusalText | undefined {
  const error = fieldOf(answer, 'error');
  const [code, message, problems] = ['code', 'message', 'problems'].map((name) => fieldOf(error, name));
  if (typeof code !== 'string' || !code.startsWith('TSLB_') || typeof message !== 'string') return undefined;
  return {
    code: code as `TSLB_${string}`,
    message,
    problems: Array.isArray(problems) ? problems.flatMap(problemOf) : [],
  };
}

function problemOf(value: unknown): readonly RefusedProblem[] {
  const message = fieldOf(value, 'message');
  if (typeof message !== 'string') return [];
  const texts = ['path', 'expected', 'suggestion'].flatMap((name) => {
    const text = fieldOf(value, name);
    return typeof text === 'string' ? [[name, text] as const] : [];
  });
  return [{ message, ...Object.fromEntries(texts) }];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
