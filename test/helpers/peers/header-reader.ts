import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

import type { IpAddress } from '../../../src/core/address.ts';
import { ipOf } from '../../../src/wire/client-address.ts';
import { decodeProxyHeader } from '../../../src/wire/proxy-protocol/decode.ts';
import type { ProxyHeader } from '../../../src/wire/proxy-protocol/header.ts';

/** A web server that wants the PROXY header, and answers `client=` with the address in it. */
export interface HeaderReader {
  readonly address: IpAddress;
  /** Of the connections that had one, and a request behind it. */
  readonly headers: readonly ProxyHeader[];
}

export async function startHeaderReader(t: TestContext): Promise<HeaderReader> {
  const sockets = new Set<Socket>();
  const headers: ProxyHeader[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (!bytes.includes('\r\n\r\n', 13)) return;
      const header = decodeProxyHeader(bytes);
      if ('source' in header) headers.push(header);
      const text = `client=${'source' in header ? ipOf(header.source) : 'nobody'} `;
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as { readonly port: number };
  return { address: { ip: '127.0.0.1', port }, headers };
}
