import type { DialFailure } from '../../../core/engine.ts';

/** What the system's code of a failed connect means. @see connect(2) */
export function failureOf(code: string): DialFailure {
  switch (code) {
    case 'ETIMEDOUT':
      return 'timeout';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
      return 'unreachable';
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
    case 'ENOBUFS':
    case 'EADDRNOTAVAIL':
      return 'exhausted';
    default:
      return 'refused';
  }
}
