import type { Socket } from 'node:net';

/** Read on from a side whose other side is gone, so that it comes to reading; after that it is cut off. */
const MOST_DISCARDED_BYTES = 64 * 1024 * 1024;

/**
 * Reads a side and drops what comes: one that takes nothing may read only when it has sent all, and its other side is
 * gone. @param tooMuch called when it sends on and on: more than so many bytes
 */
export function discard(socket: Socket, tooMuch: () => void, most = MOST_DISCARDED_BYTES): void {
  if (socket.destroyed || socket.listenerCount('data') > 0) return;
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > most) tooMuch();
  });
  socket.resume();
}
