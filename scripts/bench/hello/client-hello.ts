import { Duplex } from 'node:stream';
import { once } from 'node:events';
import { connect } from 'node:tls';

/** The first of the names that the balancers know, and the second. */
export const NAMES = ['www.example.test', 'api.example.test'] as const;

/** What a client of Node's own OpenSSL sends first. */
export async function clientHello(name: string): Promise<Buffer> {
  const sent: Buffer[] = [];
  const wire = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      sent.push(chunk);
      done();
      this.emit('sent');
    },
  });
  const socket = connect({ socket: wire, servername: name, ALPNProtocols: ['h2', 'http/1.1'] });
  socket.on('error', () => undefined);
  if (sent.length === 0) await once(wire, 'sent');
  socket.destroy();
  return Buffer.concat(sent);
}
