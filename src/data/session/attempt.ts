import type { DialFailure } from '../../core/engine.ts';
import type { Candidate } from '../../core/snapshot.ts';
import { ENTERED, RESERVED, WAITING, type Session } from './session.ts';

/** Elects a backend, takes a place at it and dials it. @returns false when no backend has room */
export function attempt(session: Session, tried = session.tried): boolean {
  const { picker, settings } = session.server;
  const backend = picker.elect(session, tried);
  if (backend === undefined) return false;
  // Of several elections the first counts, and the one after a wait.
  if (session.tried.length === 0 || session.stage === WAITING) session.electedAfter = session.elapsed();
  session.backend = backend;
  session.stage = RESERVED;
  session.addressIndex = 0;
  session.dialDeadline = session.elapsed() + settings.limits.connectTimeoutMs * 10;
  dial(session, backend);
  return true;
}

/**
 * After a failed dial: dials the backend's next address, or another backend.
 * @returns whether it does; else the backend's place is given back and no retry is left, or no backend has room
 */
export function attemptAgain(
  session: Session,
  failure: DialFailure,
  code: string,
): 'dialling' | 'no-retry' | 'no-room' {
  const { outliers, recorder, settings } = session.server;
  const backend = session.elected();
  // A want of our own says nothing about the backend.
  if (failure !== 'exhausted') {
    if (dialNextAddress(session, backend)) return 'dialling';
    outliers.failed(session.pair, backend, code);
  }
  recorder.dialFailed(backend, { failure, code });
  release(session);
  session.stage = ENTERED;
  if (!hasTried(session, backend)) session.tried = [...session.tried, backend];
  if (session.tried.length > settings.limits.retries) return 'no-retry';
  if (!attempt(session)) return 'no-room';
  recorder.retried(backend);
  return 'dialling';
}

/** Gives back the place at the backend, if it has one, to the client in turn. */
export function release(session: Session): void {
  if (session.stage < RESERVED) return;
  const { picker, waitQueue } = session.server;
  picker.giveBack(session.pair, session.elected());
  waitQueue.serve();
}

function hasTried({ tried }: Session, backend: Candidate): boolean {
  return tried.some(({ serial }) => serial === backend.serial);
}

function dialNextAddress(session: Session, backend: Candidate): boolean {
  const { connectTimeoutMs } = session.server.settings.limits;
  if (session.addressIndex + 1 >= backend.addresses.length) return false;
  if (connectTimeoutMs > 0 && session.elapsed() >= session.dialDeadline) return false;
  session.addressIndex += 1;
  dial(session, backend);
  return true;
}

/** Several addresses share the time of one dial, so that a silent one leaves some to the next. */
function dial(session: Session, { key, addresses }: Candidate): void {
  const { connectTimeoutMs } = session.server.settings.limits;
  const address = addresses[session.addressIndex];
  if (address === undefined) throw new RangeError(`backend ${key} has no address ${session.addressIndex}`);
  const left = (session.dialDeadline - session.elapsed()) / 10;
  const share = Math.max(1, Math.ceil(left / (addresses.length - session.addressIndex)));
  session.pair.dial(address, connectTimeoutMs === 0 ? 0 : share);
}
