import { asError, errorCode } from '../../core/errors.ts';
import { Inconclusive } from '../../core/healthcheck.ts';

/** What came of one check. */
export interface Finding {
  readonly outcome: 'passed' | 'failed' | 'inconclusive';
  /** On one line, and short enough to be shown in a table. */
  readonly reason: string;
}

const LONGEST_REASON = 200;

/** The system's errors in the words of an operator. */
const WORDS: Readonly<Partial<Record<string, string>>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'name not found',
  EAI_AGAIN: 'name server does not answer',
  ENOENT: 'no such socket',
  EACCES: 'permission denied',
};
const WORDS_OF_SPAWN: Readonly<Partial<Record<string, string>>> = {
  ENOENT: 'no such program',
  EACCES: 'the program may not be run',
};

/** What we run out of ourselves is no fault of the backend. */
const SHORTAGES: readonly string[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS'];
/** Too many processes. Of a connect it says that the backlog of a unix socket is full. */
const SHORTAGE_OF_SPAWN = 'EAGAIN';

export const PASSED: Finding = { outcome: 'passed', reason: 'passed' };

/** @param lateMs present when the check was aborted because it took so long */
export function findingOf(thrown: unknown, lateMs?: number): Finding {
  const error = asError(thrown);
  if (lateMs !== undefined) return { outcome: 'failed', reason: oneLine(`${reasonOf(error)} after ${lateMs} ms`) };
  const isOurs = error instanceof Inconclusive || isShortage(error);
  return { outcome: isOurs ? 'inconclusive' : 'failed', reason: oneLine(reasonOf(error)) };
}

function reasonOf(error: Error): string {
  const code = errorCode(error);
  return (isOfSpawn(error) ? WORDS_OF_SPAWN[code] : WORDS[code]) ?? reasonOfTls(error, code) ?? error.message;
}

/** OpenSSL's message names the lines of its source; its reason alone is for people. */
function reasonOfTls(error: Error, code: string): string | undefined {
  return code.startsWith('ERR_SSL_') && 'reason' in error ? `no TLS: ${String(error.reason)}` : undefined;
}

function isShortage(error: Error): boolean {
  const code = errorCode(error);
  return SHORTAGES.includes(code) || (code === SHORTAGE_OF_SPAWN && isOfSpawn(error));
}

function isOfSpawn(error: Error): boolean {
  return 'syscall' in error && String(error.syscall).startsWith('spawn');
}

function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > LONGEST_REASON ? `${line.slice(0, LONGEST_REASON - 1)}…` : line;
}
