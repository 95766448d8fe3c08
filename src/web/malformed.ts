import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import { errorCode } from '../core/errors.ts';

const STATUS_OF: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
};

/**
 * Ends a connection on which no request could be understood, or none came in time.
 * @param isAnswering whether an earlier request's answer is under way: then nothing may be written into it
 */
export function endMalformed(error: Error, socket: Duplex, isAnswering: boolean): void {
  if (socket.writable && !isAnswering && errorCode(error) !== 'ECONNRESET') {
    const status = STATUS_OF[errorCode(error)] ?? 400;
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
  socket.destroy();
}
