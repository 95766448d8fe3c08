import { TslbError } from '../../core/errors.ts';
import type { BindFailure } from '../protocol/messages.ts';

/** One or more binds could not be opened. */
export class BindError extends TslbError {
  readonly failures: readonly BindFailure[];

  constructor(failures: readonly BindFailure[]) {
    super('TSLB_BIND', failures.map(failureText).join('; '));
    this.failures = failures;
  }
}

/** Of a bind that is in use: another of our own on the same port, which it overlaps. */
export function ownBind({ code, bind }: BindFailure, own: readonly string[]): string | undefined {
  if (code !== 'EADDRINUSE') return undefined;
  const port = bind.slice(bind.lastIndexOf(':'));
  return own.find((other) => other !== bind && other.endsWith(port) && (isWildcard(other) || isWildcard(bind)));
}

function isWildcard(bind: string): boolean {
  return /^(\*|0\.0\.0\.0|\[::\]):/.test(bind);
}

function failureText({ server, bind, code, reason, heldBy }: BindFailure): string {
  if (bind.startsWith('unix:')) return unixFailureText(`server "${server}": ${bind}`, code, reason);
  switch (code) {
    case 'EADDRINUSE':
      if (heldBy === undefined) return `server "${server}": ${bind} is already in use`;
      return `server "${server}": ${bind} is in use by tslb's own ${heldBy}; restart tslb to exchange them`;
    case 'EACCES':
      return `server "${server}": no permission to listen on ${bind}; ports below 1024 need root or CAP_NET_BIND_SERVICE`;
    case 'EADDRNOTAVAIL':
      return `server "${server}": ${bind} is not an address of this machine`;
    case 'THREAD_DIED':
      return `a data-plane thread died: ${reason}`;
    default:
      return `server "${server}": cannot listen on ${bind}: ${reason}`;
  }
}

/** libuv gives EACCES for a directory that does not exist, too. */
function unixFailureText(what: string, code: string, reason: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return `${what} is already in use, or is a file that is not a socket`;
    case 'EACCES':
      return `${what} cannot be created: its directory does not exist, or tslb has no permission to write there`;
    default:
      return `${what} cannot be listened on: ${reason}`;
  }
}
