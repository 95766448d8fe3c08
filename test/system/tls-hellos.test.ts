import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { ENGINES } from '../helpers/peers/matrix.ts';
import { runProgram } from '../helpers/peers/run-program.ts';
import { startServerProgram } from '../helpers/peers/server-program.ts';
import { startCounter, startSlowLink } from '../helpers/peers/tls-backends.ts';
import { buildGo } from '../helpers/peers/tls-clients.ts';
import { serverToml, startTslb, temporaryFile, temporaryFolder, untilFile } from '../helpers/processes/cli.ts';
import { missingTools } from '../helpers/processes/tools.ts';
import { makeCertificate } from '../helpers/sockets/certificate.ts';
import { tlsFiles } from '../helpers/sockets/tls-files.ts';
import { freePort } from '../helpers/sockets/traffic.ts';

const A = 'a.example.test';

/** A server where the name a.example.test has a backend, and there is no other. */
function named(engine: string, port: number): string {
  const strategy = '[servers.web.sni]\nunexpected_hostname_strategy = "reject"\n';
  return serverToml('web', [`127.0.0.1:${port} sni=${A}`], { engine }) + strategy;
}

/** So many certificates of a client make a ticket of more than a record. */
const CHAIN = '24';
const MOST_RECORD_BYTES = 16_384;

test('a hello with a ticket that fills two records finds its backend', { skip: missingTools('go') }, async (t) => {
  const visit = await buildGo(t);
  const server = startServerProgram(t, visit, ['serve', 'a']);
  await server.says(/listening \d+/);
  const port = Number(/listening (\d+)/.exec(server.said)?.[1]);
  for (const engine of ENGINES) {
    const running = await startTslb(t, named(engine, port));
    const counter = await startCounter(t, running.at('web').port);
    const slow = await startSlowLink(t, counter.port);
    const { stdout, all } = await runProgram(visit, ['chain', String(slow.port), A, '3', CHAIN]);
    assert.equal(stdout, `a ${A} false\na ${A} true\na ${A} true\n`, all);
    const [, second = 0, third = 0] = counter.firstFlights;
    assert.ok(Math.min(second, third) > MOST_RECORD_BYTES, `${counter.firstFlights.join(', ')} bytes`);
    console.log(`${engine}: hellos of ${counter.firstFlights.join(', ')} bytes`);
  }
});

test('early data reaches the backend behind its hello', { skip: missingTools('openssl') }, async (t) => {
  const { certPath, keyPath } = tlsFiles(t, makeCertificate({ names: [A] }));
  for (const engine of ENGINES) {
    const port = await freePort();
    const pair = ['-cert', certPath, '-key', keyPath];
    // A ticket that outlives the end of its connection.
    const early = ['-early_data', '-no_anti_replay'];
    const server = startServerProgram(t, 'openssl', ['s_server', '-accept', `127.0.0.1:${port}`, ...pair, ...early]);
    await server.says(/ACCEPT/);
    const running = await startTslb(t, named(engine, port));
    const ticket = join(temporaryFolder(t), 'ticket');
    const words = temporaryFile(t, 'words', `early words of ${engine}\n`);
    const client = ['s_client', '-connect', `127.0.0.1:${running.at('web').port}`, '-servername', A];
    const first = startServerProgram(t, 'openssl', [...client, '-sess_out', ticket]);
    await untilFile(ticket, (text) => text.includes('END'));
    await first.kill();
    const { all } = await runProgram('openssl', [...client, '-sess_in', ticket, '-early_data', words], {
      until: /Early data was/,
    });
    assert.match(all, /Early data was accepted/);
    await server.says(new RegExp(`early words of ${engine}`));
  }
});
