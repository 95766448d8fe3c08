import type { SocketAddress } from '../../../core/address.ts';
import type { DialFailure } from '../../../core/engine.ts';
import { shortageOfConnect } from '../../../core/shortage.ts';

/** What the system's code of a failed connect means. @see connect(2) */
export function failureOf(code: string, to: SocketAddress): DialFailure {
  if (shortageOfConnect(code, to) !== undefined) return 'exhausted';
  switch (code) {
    case 'ETIMEDOUT':
      return 'timeout';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return 'unreachable';
    default:
      return 'refused';
  }
}
