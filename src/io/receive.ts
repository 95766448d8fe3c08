import type { Duplex } from 'node:stream';

import { untilAborted } from './until-aborted.ts';

export interface ReceiveOptions {
  /** Bytes that are read at most. */
  readonly most: number;
  /** Asked after each chunk; true ends the reading before `most`. */
  readonly isEnough?: (bytes: Buffer) => boolean;
}

/**
 * Reads the first bytes that come, at most `most`; fewer when the stream ends before. What comes after them is lost.
 * @throws the stream's error, or at an abort
 */
export async function receive(stream: Duplex, options: ReceiveOptions, signal: AbortSignal): Promise<Buffer> {
  const { most, isEnough = () => false } = options;
  if (stream.errored) throw stream.errored;
  if (stream.destroyed || stream.readableEnded) return Buffer.alloc(0);
  return untilAborted(signal, 'incomplete answer', (resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk.subarray(0, most - bytes.length)]);
      if (bytes.length >= most || isEnough(bytes)) resolve(bytes);
    };
    const onEnd = (): void => resolve(bytes);
    stream.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', reject);
    // It stands still where something was received of it before.
    stream.resume();
    return () => {
      stream.off('data', onData).off('end', onEnd).off('close', onEnd).pause();
    };
  });
}
