import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { assertAsPrinted, ENGINES } from '../helpers/peers/matrix.ts';
import { installPypi } from '../helpers/peers/pypi.ts';
import { PROGRAMS } from '../helpers/peers/run-program.ts';
import { type ServerProgram, startServerProgram } from '../helpers/peers/server-program.ts';
import { startUdp, tally, udpToml } from '../helpers/peers/udp-balancer.ts';
import { makeCertificate } from '../helpers/sockets/certificate.ts';
import { tlsFiles } from '../helpers/sockets/tls-files.ts';

const AIOQUIC = '1.7.2';
const BYTES = 1_000_000;

interface QuicServer {
  readonly name: string;
  readonly address: string;
}

async function startServer(t: TestContext, name: string, site: string): Promise<QuicServer> {
  const { certPath, keyPath } = tlsFiles(t, makeCertificate({ names: ['a.example.test'] }));
  const program = startServerProgram(t, 'python3', [`${PROGRAMS}quic.py`, 'serve', name, certPath, keyPath], {
    env: { PYTHONPATH: site },
  });
  await program.says(/listening \d+/);
  return { name, address: `127.0.0.1:${/listening (\d+)/.exec(program.said)?.[1] ?? ''}` };
}

/** Who sent so many bytes in part after part of one connection. */
async function download(program: ServerProgram, part: number): Promise<string> {
  const pattern = new RegExp(`part ${part}: ${BYTES} bytes from (\\w+)`);
  await program.says(pattern);
  return pattern.exec(program.said)?.[1] ?? '';
}

test('a connection of QUIC outlives a reload that takes its backend away', async (t) => {
  const site = await installPypi(t, `aioquic==${AIOQUIC}`);
  if (site === undefined) return;
  const servers = [await startServer(t, 'one', site), await startServer(t, 'two', site)] as const;
  for (const engine of ENGINES) {
    const { running, port } = await startUdp(t, servers, { engine });
    const start = (): ServerProgram =>
      startServerProgram(t, 'python3', [`${PROGRAMS}quic.py`, 'get', String(port), String(BYTES), '3'], {
        env: { PYTHONPATH: site },
      });
    const clients = [start(), start()];
    const first = await Promise.all(clients.map((client) => download(client, 0)));
    assert.equal(tally(first), 'one 1, two 1');

    // Its sessions live on, while it gets no new ones.
    await running.reload(udpToml([servers[1].address], { engine }));
    for (const client of clients) client.child.stdin?.write('\n');
    assert.deepEqual(await Promise.all(clients.map((client) => download(client, 1))), first);
    const later = start();
    assert.equal(await download(later, 0), 'two');
    for (const client of clients) client.child.stdin?.write('\n');
    assert.deepEqual(await Promise.all(clients.map((client) => download(client, 2))), first);

    const verdicts = [
      'by session',
      '3 MB in one connection, a reload takes the backend away',
      'all from the same backend; a new connection goes to the other',
    ];
    assertAsPrinted('## Services over UDP', { program: 'aioquic (QUIC)', version: AIOQUIC, verdicts });
  }
});
