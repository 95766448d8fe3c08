import { randomInt } from 'node:crypto';
import { connect } from 'node:net';

import type { IpAddress } from '../../core/address.ts';
import { untilAborted } from '../until-aborted.ts';
import { type Answer, type Question, questionBytes, readAnswer } from './message.ts';

/**
 * Asks one name server by TCP, on a connection of its own (RFC 7766): what does not fit a datagram.
 * @throws the system's error, Error where the connection ends without an answer, or at an abort
 */
export function askByTcp({ ip, port }: IpAddress, question: Question, signal: AbortSignal): Promise<Answer> {
  return untilAborted(signal, 'no answer', (resolve, reject) => {
    const id = randomInt(0x10000);
    const socket = connect({ host: ip, port });
    let bytes: Buffer = Buffer.alloc(0);
    const message = questionBytes(id, question);
    const length = Buffer.from([message.length >> 8, message.length & 255]);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the name server closed the connection without an answer')));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE(0)) return;
      const answer = readAnswer(bytes.subarray(2, 2 + bytes.readUInt16BE(0)), id, question);
      if (answer === undefined) reject(new Error('the name server answered something else'));
      else resolve(answer);
    });
    socket.write(Buffer.concat([length, message]));
    return () => {
      socket.destroy();
    };
  });
}
