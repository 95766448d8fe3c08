import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

import type { Greeting } from '../core/address.ts';
import { refused } from './dial.ts';
import { untilAborted } from './until-aborted.ts';

export interface DatagramQuestion {
  readonly ip: string;
  readonly port: number;
  /** Address of this host to ask from; undefined leaves it to the system. */
  readonly from?: string | undefined;
  readonly message: Uint8Array;
  /** What stands before the message. */
  readonly greeting?: Greeting | undefined;
  /** Bytes that are read at most, of as many datagrams as it takes. */
  readonly most: number;
  /** Asked after each datagram; true ends the reading before `most`. */
  readonly isEnough: (bytes: Buffer) => boolean;
}

/**
 * Sends one datagram and reads what comes back from there.
 * @throws the system's error, such as ECONNREFUSED where no socket listens, or at an abort
 */
export function askByDatagram(question: DatagramQuestion, signal: AbortSignal): Promise<Buffer> {
  const { ip, port, from, message, greeting, most, isEnough } = question;
  return untilAborted(signal, 'incomplete answer', (resolve, reject) => {
    const socket = createSocket(isIPv6(ip) ? 'udp6' : 'udp4');
    let bytes = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('message', (datagram) => {
      bytes = Buffer.concat([bytes, datagram.subarray(0, most - bytes.length)]);
      if (bytes.length >= most || isEnough(bytes)) resolve(bytes);
    });
    if (from !== undefined) socket.bind({ address: from, port: 0, exclusive: true });
    // Connected, so that the kernel drops what others send and tells when no socket listens.
    socket.connect(port, ip, () => {
      const own = socket.address();
      if (own.port === port && own.address === ip) return reject(refused());
      const header = greeting?.({ ip: own.address, port: own.port }, { ip, port }, 'datagram');
      const datagram = header === undefined ? message : Buffer.concat([header, message]);
      socket.send(datagram, (error) => error && reject(error));
    });
    return () => void socket.close();
  });
}
