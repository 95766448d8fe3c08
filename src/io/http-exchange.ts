import { request } from 'node:http';
import type { Duplex } from 'node:stream';

import { errorCode } from '../core/errors.ts';
import { untilAborted } from './until-aborted.ts';

export interface HttpQuestion {
  readonly method: string;
  readonly path: string;
  /** The header `Host`. */
  readonly host: string;
  /** The header `Authorization`. */
  readonly authorization?: string;
  /** Bytes of the body that are read at most; 0 when the caller does not need the body. */
  readonly mostBody: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** The header `Location`. */
  readonly location?: string | undefined;
}

/**
 * Asks one question over a connection that is there already, TLS or not, and is used up by it: the caller destroys it.
 * A head beyond Node's 16 KiB is an error; of the body no more is read than was asked for.
 * @throws Node's or the system's error, or at an abort
 */
export function askByHttp(
  connection: Duplex,
  { method, path, host, authorization, mostBody }: HttpQuestion,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  return untilAborted(signal, 'incomplete answer', (resolve, reject) => {
    const asked = request({
      createConnection: () => connection,
      method,
      path,
      setHost: false,
      headers: {
        Host: host,
        'User-Agent': 'tslb',
        Connection: 'close',
        ...(authorization !== undefined && { Authorization: authorization }),
      },
    });
    asked.on('error', (error) => reject(worded(error)));
    // Without a listener Node destroys the connection, and says nothing.
    asked.on('upgrade', ({ statusCode: status = 0 }) => resolve({ status, body: Buffer.alloc(0) }));
    asked.on('response', (response) => {
      const status = response.statusCode ?? 0;
      const { location } = response.headers;
      let body = Buffer.alloc(0);
      response.on('error', (error) => reject(worded(error)));
      response.on('close', () => reject(new Error('closed within the answer')));
      if (mostBody === 0) return resolve({ status, body, location });
      response.on('data', (chunk: Buffer) => {
        body = Buffer.concat([body, chunk.subarray(0, mostBody - body.length)]);
        if (body.length >= mostBody) resolve({ status, body, location });
      });
      response.on('end', () => resolve({ status, body, location }));
    });
    asked.end();
    return () => {
      asked.destroy();
    };
  });
}

/** Node's own words for what a server can do wrong are for programmers. */
function worded(error: Error): Error {
  const code = errorCode(error);
  if (code === 'ECONNRESET' && error.message === 'socket hang up') return new Error('closed without an answer');
  if (code === 'ECONNRESET' && error.message === 'aborted') return new Error('closed within the answer');
  if (code === 'HPE_HEADER_OVERFLOW') return new Error('the head of the answer is too large');
  return code.startsWith('HPE_') ? new Error('the answer is not HTTP') : error;
}
