import { FAILED, HUNG_UP, PEER_FINISHED, READABLE, URGENT, WRITABLE } from './libc.ts';
import type { Turned, Watched } from './loop.ts';
import type { Pipe } from './pipes.ts';

/** What an end is watched for. */
export const EVERYTHING = READABLE | WRITABLE | PEER_FINISHED | URGENT;

/** Whoever has an end at the moment: the link, and then its relay. */
export interface EndOwner {
  happened(end: End, events: number): void;
  /** Its turn has come again. @see Loop.again */
  goOn(end: End): void;
}

/** One socket of a pair, with what waits to be sent to it. */
export class End implements Watched, Turned {
  readonly fd: number;
  readonly side: 'client' | 'backend';
  owner: EndOwner;
  /** There may be something to read. */
  hasInput = false;
  /** It has sent its last byte, and we have read it. */
  hasFinished = false;
  /** We have sent our last byte to it. */
  isFinished = false;
  /** The peer takes nothing more. */
  isUnwritable = false;
  isClosed = false;
  /** Its last byte is in the socket already: what a short read leaves is nothing. */
  sawFinish = false;
  /** A short read may have stopped at an error or at an urgent byte: only an empty one says that nothing is left. */
  isUneven = false;
  /** It sends so much that its bytes go through a pipe. */
  isBulk = false;
  /** Waits for another turn, having more to read than one allows. */
  isQueued = false;
  /** Read since it last had nothing more. */
  burstBytes = 0;
  /** Copied bytes that it did not take yet. */
  rest: Buffer | undefined;
  /** Through which bytes come to it from the other end. */
  pipe: Pipe | undefined;
  deliveredBytes = 0;
  reportedBytes = 0;
  activeAt = 0;
  idleMs = 0;

  constructor(fd: number, side: 'client' | 'backend', owner: EndOwner) {
    this.fd = fd;
    this.side = side;
    this.owner = owner;
  }

  happened(events: number): void {
    this.owner.happened(this, events);
  }

  goOn(): void {
    this.isQueued = false;
    this.owner.goOn(this);
  }

  /** Takes note of an event before it is acted upon. */
  note(events: number): void {
    if ((events & ~WRITABLE) !== 0) this.hasInput = true;
    if ((events & (PEER_FINISHED | HUNG_UP)) !== 0) this.sawFinish = true;
    if ((events & (FAILED | URGENT)) !== 0) this.isUneven = true;
  }
}
