import type { Socket } from 'node:net';
import { systemClock } from '../../../core/clock.ts';

/** libuv reads so much at a time; less has emptied the socket. */
const READ_BYTES = 64 * 1024;

/**
 * For a socket that we have sent our last byte to, so that no write can fail any more. libuv reports an end of stream
 * where it finds a reset right behind the last bytes, but not while the reading pauses (uv__stream_io): so reading pauses for
 * a turn whenever the socket was emptied, and the next read tells which of the two it is.
 */
export function paceReading(socket: Socket): void {
  const push = socket.push.bind(socket);
  const read = socket._read.bind(socket);
  let isEmptied = false;
  socket.push = (chunk: Buffer | null) => {
    isEmptied = chunk !== null && chunk.length < READ_BYTES;
    return push(chunk) && !isEmptied;
  };
  socket._read = (bytes) => {
    if (isEmptied) systemClock.after(0, () => read(bytes));
    else read(bytes);
  };
}
