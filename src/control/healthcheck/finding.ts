import { addressText } from '../../core/address.ts';
import { asError, errorCode } from '../../core/errors.ts';
import { Inconclusive } from '../../core/healthcheck.ts';
import { isOfProgram, shortageOfError, type Shortage } from '../../core/shortage.ts';

/** What came of one check. */
export interface Finding {
  readonly outcome: 'passed' | 'failed' | 'inconclusive';
  /** On one line, and short enough to be shown in a table. */
  readonly reason: string;
  /** Why nothing was found, where that is a want of this host. */
  readonly lack?: Lack;
}

interface Lack {
  readonly shortage: Shortage;
  /** Of the system. */
  readonly code: string;
  /** The address that was asked, or the source address that is none of this host; absent where the error does not tell. */
  readonly about?: string;
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

const WORDS_OF_SHORTAGE: Readonly<Record<Shortage, string>> = {
  ports: 'this host has no local port left',
  source_address: 'source_address is not an address of this host',
  descriptors: 'tslb has no descriptor left',
  memory: 'this host has no memory left',
  processes: 'this host has no process left',
  permission: 'a rule of this host forbids it',
};

export const PASSED: Finding = { outcome: 'passed', reason: 'passed' };

/** @param lateMs present when the check was aborted because it took so long */
export function findingOf(thrown: unknown, lateMs?: number): Finding {
  const error = asError(thrown);
  if (lateMs !== undefined) return { outcome: 'failed', reason: oneLine(`${reasonOf(error)} after ${lateMs} ms`) };
  const shortage = shortageOfError(error);
  if (shortage !== undefined) return lacking(shortage, error);
  const isOpen = error instanceof Inconclusive;
  return { outcome: isOpen ? 'inconclusive' : 'failed', reason: oneLine(reasonOf(error)) };
}

function lacking(shortage: Shortage, error: Error): Finding {
  const code = errorCode(error);
  const about = addressIn(error);
  const lack = { shortage, code, ...(about !== undefined && { about }) };
  return { outcome: 'inconclusive', reason: `${WORDS_OF_SHORTAGE[shortage]} (${code})`, lack };
}

/** As Node writes it into the errors of its sockets. */
function addressIn(error: Error): string | undefined {
  if (!('address' in error) || typeof error.address !== 'string') return undefined;
  const ip = error.address;
  return 'port' in error && typeof error.port === 'number' && error.port > 0
    ? addressText({ ip, port: error.port })
    : ip;
}

function reasonOf(error: Error): string {
  const code = errorCode(error);
  return (isOfProgram(error) ? WORDS_OF_SPAWN[code] : WORDS[code]) ?? reasonOfTls(error, code) ?? error.message;
}

/** OpenSSL's message names the lines of its source; its reason alone is for people. */
function reasonOfTls(error: Error, code: string): string | undefined {
  return code.startsWith('ERR_SSL_') && 'reason' in error ? `no TLS: ${String(error.reason)}` : undefined;
}

function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > LONGEST_REASON ? `${line.slice(0, LONGEST_REASON - 1)}…` : line;
}
