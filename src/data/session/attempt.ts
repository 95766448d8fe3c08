import type { SocketAddress } from '../../core/address.ts';
import type { DialFailure, FailedDial } from '../../core/engine.ts';
import { shortageOfConnect } from '../../core/shortage.ts';
import type { Candidate } from '../../core/snapshot.ts';
import { Race } from './race.ts';
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
  session.dialDeadline = session.elapsed() + settings.limits.connectTimeoutMs * 10;
  dialBackend(session, backend);
  return true;
}

/** What became of a dial that failed: the failure of the last one at the backend, where none is under way any more. */
export type AfterFailure = 'dialling' | { readonly ended: 'no-retry' | 'no-room'; readonly failure: DialFailure };

/**
 * After a failed dial: dials from the next source address, the backend's next address, or another backend. Else the
 * backend's place is given back, and no retry is left, or no backend has room.
 */
export function attemptAgain(session: Session, failed: FailedDial): AfterFailure {
  const { outliers, recorder, settings } = session.server;
  const backend = session.elected();
  if (dialFromNextSource(session, failed)) return 'dialling';
  const last = session.race === undefined ? failed : session.race.failed(failed);
  if (last === undefined) return 'dialling';
  const { failure } = last;
  // A want of our own says nothing about the backend.
  if (failure !== 'exhausted') outliers.failed(session.pair, backend, last.code);
  recorder.dialFailed(backend, last);
  release(session);
  session.stage = ENTERED;
  if (!hasTried(session, backend)) session.tried = [...session.tried, backend];
  if (session.tried.length > settings.limits.retries) return { ended: 'no-retry', failure };
  if (!attempt(session)) return { ended: 'no-room', failure };
  recorder.retried(backend);
  return 'dialling';
}

/** Gives back the place at the backend, if it has one, to the client in turn. */
export function release(session: Session): void {
  session.race?.stop();
  session.race = undefined;
  if (session.stage < RESERVED) return;
  const { picker, waitQueue } = session.server;
  picker.giveBack(session.pair, session.elected());
  waitQueue.serve();
}

function hasTried({ tried }: Session, backend: Candidate): boolean {
  return tried.some(({ serial }) => serial === backend.serial);
}

function dialBackend(session: Session, { key, addresses }: Candidate): void {
  const [address] = addresses;
  if (address === undefined) throw new RangeError(`backend ${key} has no address`);
  if (addresses.length === 1) return dialFirst(session, address);
  const { clock, silent, settings } = session.server;
  session.race = new Race(addresses, {
    clock,
    silent,
    leftMs: () => leftMs(session),
    isLate: () => settings.limits.connectTimeoutMs > 0 && session.elapsed() >= session.dialDeadline,
    dial: (to) => dialFirst(session, to),
  });
}

function dialFirst(session: Session, to: SocketAddress): void {
  session.sourcesTried = 0;
  dial(session, to);
}

function dial(session: Session, to: SocketAddress): void {
  session.sourcesTried += 1;
  session.pair.dial(to, leftMs(session), session.sourceFor(to));
}

/** Of the time for all addresses of the backend; 0 where there is no limit. */
function leftMs(session: Session): number {
  if (session.server.settings.limits.connectTimeoutMs === 0) return 0;
  return Math.max(1, Math.ceil((session.dialDeadline - session.elapsed()) / 10));
}

/** Ports are counted for each source address: the next one may have some left. */
function dialFromNextSource(session: Session, failed: FailedDial): boolean {
  const { failure, code, to, from } = failed;
  if (failure !== 'exhausted' || from === undefined) return false;
  const shortage = shortageOfConnect(code, to);
  if (shortage !== 'ports' && shortage !== 'source_address') return false;
  const { recorder, settings } = session.server;
  settings.sources.moveOn(to, from);
  if (session.sourcesTried >= settings.sources.count(to)) return false;
  if (shortage === 'source_address') recorder.lacks(failed);
  dial(session, to);
  return true;
}
