import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

import { errorCode } from '../core/errors.ts';

/** Whether sockets of this host can have this IP address: found out by a socket that sends nothing. */
export function isOwnAddress(ip: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(ip) ? 'udp6' : 'udp4');
    socket.once('error', (error) => {
      socket.close();
      resolve(errorCode(error) !== 'EADDRNOTAVAIL');
    });
    socket.bind({ address: ip, port: 0, exclusive: true }, () => {
      socket.close();
      resolve(true);
    });
  });
}
