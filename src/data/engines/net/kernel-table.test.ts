import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, Socket, type AddressInfo } from 'node:net';
import { platform } from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import { FakeClock, turn } from '../../../../test/helpers/fakes/fake-clock.ts';
import { systemClock } from '../../../core/clock.ts';
import { endpointHex } from '../../../wire/proc-endpoint.ts';
import { KernelTable, type SocketRow } from './kernel-table.ts';

const skip = platform === 'linux' ? false : 'the table is in /proc/net';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

function fakeSocket(port: number): Socket {
  const says = { localAddress: '127.0.0.1', localPort: port, remoteAddress: '127.0.0.1', remotePort: 9 };
  const socket = new Socket();
  for (const [name, value] of Object.entries(says)) Object.defineProperty(socket, name, { value });
  return socket;
}

/** As the kernel writes it: four digits, then retransmissions in hexadecimal and probes in decimal. */
function line(port: number): string {
  const ends = `${endpointHex('127.0.0.1', port)} ${endpointHex('127.0.0.1', 9)}`;
  return `${String(port).padStart(4)}: ${ends} 01 000000${port.toString(16).padStart(2, '0')}:00000007 01:0000001F 0000000A     0       ${port} 31184 1\n`;
}

async function rowsOf(table: string, ports: readonly number[]): Promise<readonly (SocketRow | undefined)[]> {
  const kernelTable = new KernelTable(new FakeClock(), () => Promise.resolve(Buffer.from(table)));
  const rows: (SocketRow | undefined)[] = [];
  ports.forEach((port, at) => kernelTable.ask(fakeSocket(port), (row) => (rows[at] = row)));
  await turn();
  return rows;
}

describe('the kernel’s table', () => {
  for (const many of [2, 20]) {
    test(`tells of ${many} sockets at once, and that one is gone`, async () => {
      const ports = Array.from({ length: many }, (_, index) => index + 1);
      const table = HEAD + ports.slice(1).map(line).join('');
      assert.deepEqual(
        await rowsOf(table, ports),
        ports.map((port) =>
          port === 1
            ? { queuedBytes: 0, retransmits: 0, probes: 0 }
            : { queuedBytes: port, retransmits: 10, probes: port },
        ),
      );
    });
  }

  test('is not read again before a pause, but for all that have asked meanwhile', async () => {
    const clock = new FakeClock();
    let reads = 0;
    const table = new KernelTable(clock, async () => {
      reads += 1;
      clock.advance(10);
      return Buffer.from(HEAD);
    });
    let answers = 0;
    const ask = (port: number) => table.ask(fakeSocket(port), () => (answers += 1));
    ask(1);
    await turn();
    for (const port of [2, 3]) ask(port);
    await turn();
    assert.deepEqual([reads, answers], [1, 1]);
    clock.advance(30);
    await turn();
    assert.deepEqual([reads, answers], [2, 3]);
  });

  test('is read again within a second when the process stood still during a reading', async () => {
    const clock = new FakeClock();
    let answers = 0;
    const table = new KernelTable(clock, async () => {
      if (answers === 0) clock.advance(4000);
      return Buffer.from(HEAD);
    });
    const ask = (port: number) => table.ask(fakeSocket(port), () => (answers += 1));
    ask(1);
    await turn();
    ask(2);
    clock.advance(1000);
    await turn();
    assert.equal(answers, 2);
  });

  test('says how much a reader that reads nothing has not acknowledged', { skip }, async (t) => {
    const { near } = await pair(t);
    near.write(Buffer.alloc(20 * 1024 * 1024));
    const table = new KernelTable(systemClock);
    const row = await new Promise<SocketRow | undefined>((resolve) => table.ask(near, resolve));
    assert.ok(row !== undefined && row.queuedBytes > 0, JSON.stringify(row));
    assert.deepEqual([row.retransmits, row.probes], [0, 0]);
  });
});

/** A socket whose peer reads nothing; both are closed at the end of the test. */
async function pair(t: TestContext): Promise<{ readonly near: Socket }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  if (near.connecting) await once(near, 'connect');
  server.close();
  t.after(() => {
    for (const socket of [near, far]) socket.destroy();
  });
  return { near };
}
