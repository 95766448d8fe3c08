import type { Cause } from '../../core/cause.ts';
import type { DialFailure, IdleTimeouts, Link } from '../../core/engine.ts';
import type { Candidate } from '../../core/snapshot.ts';
import type { Connection } from './connection.ts';
import type { Ticket, Waiter } from './queue.ts';

/** What a connection asks of its server, and tells it. */
export interface Policy {
  readonly name: string;
  now(): number;
  readonly retries: number;
  /** For one backend, over all its addresses; 0 leaves it to the system. */
  readonly connectTimeoutMs: number;
  readonly idleTimeouts: IdleTimeouts;

  denies(link: Link): boolean;
  /** Counts a connection of its client. @returns where, or UNCOUNTED; undefined when the client has too many */
  admit(link: Link): number | undefined;
  /** A connection of a client that was counted has ended. */
  dismiss(client: number): void;
  /** Takes a place at the server; false at its limit. */
  enter(): boolean;
  leave(): void;

  /** Elects a backend and takes a place at it. @param tried those that are not asked again */
  take(link: Link, client: number, tried: readonly Candidate[]): Candidate | undefined;
  giveBack(link: Link, backend: Candidate): void;
  /** Whether there is a backend that was not tried and may get clients, be it full. */
  isUp(tried: readonly Candidate[]): boolean;

  /** Whether whoever comes now goes behind others. */
  readonly doOthersWait: boolean;
  /** Whether one that was not given a place may wait for it. */
  mayWait(tried: readonly Candidate[]): boolean;
  /** @param before its place, if it has waited already @returns undefined when as many wait as may */
  join(waiter: Waiter, client: number, before: Ticket | undefined): Ticket | undefined;
  /** To be called once it is ready to be served. */
  lookAgain(ticket: Ticket): void;
  leaveQueue(ticket: Ticket, client: number): void;

  /** @param tookTenths tenths of milliseconds since the election */
  connected(link: Link, backend: Candidate, tookTenths: number): void;
  dialFailed(link: Link, backend: Candidate, why: { readonly failure: DialFailure; readonly code: string }): void;
  /** The backend has reset it before its first byte. */
  resetEarly(link: Link, backend: Candidate): void;
  /** Another backend is dialled in place of this one. */
  retried(failed: Candidate): void;
  moved(backend: Candidate, rxBytes: number, txBytes: number): void;
  /** It was turned away, or waited too long. */
  rejected(cause: Cause): void;
  /** One that has waited does so no more. @param tenths of milliseconds from the accept to its election, or until it gave up */
  waited(tenths: number): void;
  /** One that was connected has ended. @param tenths of milliseconds since the accept @param bytes in both directions */
  served(tenths: number, bytes: number): void;
  finished(connection: Connection, cause: Cause): void;
}
