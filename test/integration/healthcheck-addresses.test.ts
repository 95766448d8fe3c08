import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';

import { createHealthcheck, healthcheckSchema } from '../../src/control/healthcheck/registry.ts';
import type { IpAddress } from '../../src/core/address.ts';
import { systemClock } from '../../src/core/clock.ts';
import { Dialer } from '../../src/io/dialer.ts';
import { makeCertificate } from '../helpers/sockets/certificate.ts';
import { deafAddress } from '../helpers/sockets/silent-listener.ts';

async function addressOf(t: TestContext, server: Server): Promise<IpAddress> {
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return { ip: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** Answers each datagram, or none. */
async function datagrams(t: TestContext, answer?: string): Promise<IpAddress> {
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  socket.on('message', (_, { port, address }) => answer !== undefined && socket.send(answer, port, address));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { ip: '127.0.0.1', port: socket.address().port };
}

function greet(socket: { end: (text: string) => void; on: (event: 'error', listener: () => void) => void }): void {
  socket.on('error', () => {});
  socket.end('hello');
}

const PROBE = { kind: 'probe', probe_recv: 'hello', probe_tls_ignore_verify: true };

/** Of each kind a check that passes at a good backend. */
const KINDS: Readonly<Record<string, { keys: object; good: (t: TestContext) => Promise<IpAddress> }>> = {
  ping: {
    keys: { kind: 'ping' },
    good: (t) =>
      addressOf(
        t,
        createServer((socket) => socket.destroy()),
      ),
  },
  'a probe by TCP': {
    keys: { kind: 'probe', probe_recv: 'hello', probe_protocol: 'tcp' },
    good: (t) => addressOf(t, createServer(greet)),
  },
  'a probe by TLS': {
    keys: { ...PROBE, probe_protocol: 'tls' },
    good: (t) => addressOf(t, createTlsServer({ ...makeCertificate({ names: ['localhost'] }) }, greet)),
  },
  'a probe by UDP': {
    keys: { kind: 'probe', probe_recv: 'hello', probe_protocol: 'udp', probe_send: 'x' },
    good: (t) => datagrams(t, 'hello'),
  },
  http: {
    keys: { kind: 'http' },
    good: (t) =>
      addressOf(
        t,
        createHttpServer((_, response) => response.end()),
      ),
  },
};

describe('a backend with a silent first address and a good second one', () => {
  for (const [what, { keys, good }] of Object.entries(KINDS)) {
    test(`passes ${what}`, async (t) => {
      const config = healthcheckSchema.parse({ interval: '10s', timeout: '2s', ...keys });
      const check = createHealthcheck(config, { dialer: new Dialer(systemClock) });
      const silent = what.endsWith('UDP') ? await datagrams(t) : ((await deafAddress(t)) as IpAddress);
      const addresses = [silent, await good(t)];
      const target = { host: 'backend.test', port: 80 };
      await check.check({ target, addresses }, AbortSignal.timeout(10_000));
    });
  }
});
