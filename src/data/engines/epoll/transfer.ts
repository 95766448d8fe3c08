import { BROKEN, WOULD_BLOCK } from '../linux/libc-descriptors.ts';
import type { Pipe } from '../linux/pipes.ts';
import type { Endpoint } from './endpoint.ts';
import type { Loop } from '../linux/loop.ts';

/**
 * What moves bytes from one endpoint to another, a step at a time. Small chunks are copied through the loop's buffer, a
 * direction that brings more in one go moves to a pipe. What a socket does not take at once waits at its endpoint: at most one
 * buffer or one pipe. A step returns how many bytes it read, or one of the two words below.
 */

/** The endpoint that was read from is gone. */
export const READ_FAILED = -1;
/** The endpoint that was written to is gone. */
export const WRITE_FAILED = -2;

/** A direction that sends so much in one go moves through a pipe, from its next bytes on, until it sends less. */
const BULK_BYTES = 32 * 1024;

/** Moves what there is, as it is best moved. @param most bytes, give or take a buffer */
export function step(loop: Loop, from: Endpoint, to: Endpoint, most: number): number {
  return from.isBulk ? splice(loop, from, to, most) : copy(loop, from, to);
}

/** Sends what waits for an endpoint. @returns 0 when nothing does any more, WOULD_BLOCK or BROKEN */
export function flush(loop: Loop, to: Endpoint): number {
  if (to.pending !== undefined) return flushPending(loop, to, to.pending);
  return to.pipe === undefined ? 0 : flushPipe(loop, to, to.pipe);
}

/** Reads and drops. @returns as a step */
export function discard(loop: Loop, from: Endpoint): number {
  const length = loop.libc.receive(from.fd, loop.buffer);
  return length > 0 ? length : nothingRead(from, length);
}

/** A pipe that still holds bytes is not lent again; those bytes have nowhere to go. */
export function releasePipe(loop: Loop, to: Endpoint): void {
  if (to.pipe === undefined) return;
  loop.pipes.release(to.pipe);
  to.pipe = undefined;
}

function copy({ libc, buffer }: Loop, from: Endpoint, to: Endpoint): number {
  const length = libc.receive(from.fd, buffer);
  if (length <= 0) return nothingRead(from, length);
  from.burstBytes += length;
  from.isBulk = from.burstBytes >= BULK_BYTES;
  if (length < buffer.length && !from.isUneven) {
    // All that was there; and the last of it, if the end had been announced before we read.
    from.hasInput = false;
    from.readEnded = from.isEndAnnounced;
    from.burstBytes = 0;
  }
  // From an endpoint that takes nothing itself, a reset is passed on and not the end.
  const isLast = from.readEnded && !from.isUnwritable;
  const sent = isLast ? libc.sendLast(to.fd, buffer, length) : libc.send(to.fd, buffer, length);
  if (sent === BROKEN) return WRITE_FAILED;
  const taken = Math.max(sent, 0);
  to.unreportedBytes += taken;
  if (taken < length) to.pending = Buffer.from(buffer.subarray(taken, length));
  return length;
}

function splice(loop: Loop, from: Endpoint, to: Endpoint, most: number): number {
  const pipe = (to.pipe ??= loop.pipes.take());
  if (pipe === undefined) {
    // It is tried again when as much has come once more.
    from.isBulk = false;
    from.burstBytes = 0;
    return copy(loop, from, to);
  }
  const length = loop.libc.splice(from.fd, pipe.writeEnd, Math.min(pipe.capacity, most));
  if (length <= 0) {
    from.isBulk = from.burstBytes >= BULK_BYTES;
    releasePipe(loop, to);
    return nothingRead(from, length);
  }
  from.burstBytes += length;
  pipe.length = length;
  return flushPipe(loop, to, pipe) === BROKEN ? WRITE_FAILED : length;
}

function nothingRead(from: Endpoint, word: number): number {
  from.burstBytes = 0;
  if (word === 0) from.readEnded = true;
  else if (word === WOULD_BLOCK) from.hasInput = false;
  else return READ_FAILED;
  return 0;
}

function flushPending({ libc }: Loop, to: Endpoint, pending: Buffer): number {
  const sent = libc.send(to.fd, pending, pending.length);
  if (sent === BROKEN) return BROKEN;
  const taken = Math.max(sent, 0);
  to.unreportedBytes += taken;
  to.pending = taken === pending.length ? undefined : pending.subarray(taken);
  return to.pending === undefined ? 0 : WOULD_BLOCK;
}

function flushPipe({ libc }: Loop, to: Endpoint, pipe: Pipe): number {
  while (pipe.length > 0) {
    const sent = libc.splice(pipe.readEnd, to.fd, pipe.length);
    if (sent === WOULD_BLOCK) return WOULD_BLOCK;
    if (sent <= 0) return BROKEN;
    pipe.length -= sent;
    to.unreportedBytes += sent;
  }
  return 0;
}
