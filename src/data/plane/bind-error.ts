import { TslbError } from '../../core/errors.ts';
import type { BindFailure, HeldBy } from '../protocol/messages.ts';
import { isSameSocket, overlap } from './overlap.ts';
import type { WantedBind } from './placement.ts';

/** One or more binds could not be opened. */
export class BindError extends TslbError {
  readonly failures: readonly BindFailure[];

  constructor(failures: readonly BindFailure[]) {
    super('TSLB_BIND', failures.map(failureText).join('; '));
    this.failures = failures;
  }
}

interface Binds {
  readonly current: readonly WantedBind[];
  readonly wanted: readonly WantedBind[];
}

/** Of a bind that is in use: another of our own that it overlaps with, or that is the same wildcard in other words. */
export function heldBy({ code, bind }: BindFailure, { current, wanted }: Binds): HeldBy | undefined {
  const address = wanted.find((one) => one.bind === bind)?.address;
  if (code !== 'EADDRINUSE' || address === undefined) return undefined;
  const holder = current.find(
    (own) => own.bind !== bind && (overlap(own.address, address) || isSameSocket(own.address, address)),
  );
  if (holder === undefined) return undefined;
  return { bind: holder.bind, isStaying: wanted.some((one) => one.bind === holder.bind) };
}

function failureText({ server, bind, code, reason, heldBy }: BindFailure): string {
  if (bind.startsWith('unix:')) return unixFailureText(`server "${server}": ${bind}`, code, reason);
  switch (code) {
    case 'EADDRINUSE':
      if (heldBy === undefined) return `server "${server}": ${bind} is already in use`;
      return `server "${server}": ${bind} is in use by tslb's own ${heldBy.bind}; ${remedyOf(heldBy)}`;
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

function remedyOf({ isStaying }: HeldBy): string {
  return isStaying ? 'give one of them another port' : 'restart tslb to exchange them';
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
