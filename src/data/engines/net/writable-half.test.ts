import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { WritableHalf } from './writable-half.ts';

/** An accepted socket that nothing is read from, and its client. */
async function accepted(t: TestContext): Promise<{ readonly socket: Socket; readonly client: Socket }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  t.after(() => {
    for (const one of [socket, client]) one.destroy();
    server.close();
  });
  return { socket, client };
}

/** Written in one go, as what waited for an earlier write is. */
function writeTogether(socket: Socket, chunks: readonly string[]): void {
  socket.cork();
  for (const chunk of chunks) socket.write(chunk);
  socket.uncork();
}

describe('the writable half of a socket', () => {
  test('counts what the kernel has taken', async (t) => {
    const { socket, client } = await accepted(t);
    const half = new WritableHalf(socket, {
      writeFailed: () => assert.fail('nothing failed'),
      finishSent: () => undefined,
    });
    writeTogether(socket, ['one']);
    writeTogether(socket, ['two', 'three']);
    await once(client, 'data');
    assert.equal(half.deliveredBytes, 11);
  });

  for (const chunks of [['lost'], ['lost', 'too']]) {
    test(`tells once that the peer is gone, of ${chunks.length} chunks that waited; the socket lives on`, async (t) => {
      const { socket, client } = await accepted(t);
      const failures: number[] = [];
      const half = new WritableHalf(socket, {
        writeFailed: () => failures.push(half.deliveredBytes),
        finishSent: () => undefined,
      });
      writeTogether(socket, ['taken']);
      client.resetAndDestroy();
      await once(client, 'close');
      writeTogether(socket, chunks);
      writeTogether(socket, chunks);
      assert.deepEqual([failures, half.deliveredBytes, socket.destroyed], [[5], 5, false]);
    });
  }
});
