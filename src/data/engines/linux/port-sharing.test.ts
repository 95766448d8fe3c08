import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { whyNoEpoll } from '../epoll/engine.ts';
import { WOULD_BLOCK } from './libc-descriptors.ts';
import { loadLibc } from './libc.ts';
import { addressInUse, openListeningSocket } from './listening-socket.ts';
import { PortSharing } from './port-sharing.ts';
import { encodeAddress, LARGEST_BYTES } from './socket-address.ts';

const reason = whyNoEpoll();
const EADDRINUSE = { code: 'EADDRINUSE' };

describe('listeners that overlap', { skip: reason ?? false }, () => {
  const libc = reason === undefined ? loadLibc() : (undefined as never);
  const sharing = reason === undefined ? new PortSharing() : (undefined as never);

  function listenAt(t: TestContext, ip: string, port = 0): { readonly fd: number; readonly port: number } {
    const fd = openListeningSocket(libc, { ip, port });
    t.after(() => libc.close(fd));
    const at = addressInUse(libc, fd, { ip, port });
    return { fd, port: 'port' in at ? at.port : 0 };
  }

  /** Over loopback the handshake is done when the call returns. */
  function connectTo(t: TestContext, port: number): void {
    const fd = libc.socket('ipv4');
    t.after(() => libc.close(fd));
    assert.equal(libc.connect(fd, encodeAddress({ ip: '127.0.0.1', port })), WOULD_BLOCK);
  }

  function waitingAt(fd: number): number {
    for (let count = 0; ; count++) {
      const client = libc.accept(fd, new Uint8Array(LARGEST_BYTES));
      if (client < 0) return count;
      libc.close(client);
    }
  }

  for (const [old, coming] of [
    ['0.0.0.0', '127.0.0.1'],
    ['127.0.0.1', '0.0.0.0'],
  ] as const) {
    test(`${coming} is opened beside ${old}, which keeps its queue and gets no more`, (t) => {
      const { fd, port } = listenAt(t, old);
      const address = { ip: coming, port };
      assert.throws(() => sharing.open(address), EADDRINUSE);
      connectTo(t, port);
      sharing.allow([{ ip: old, port }], true);
      const beside = sharing.open(address);
      t.after(() => sharing.discard(beside, address));
      sharing.passOver([{ ip: old, port }]);
      for (let n = 0; n < 3; n++) connectTo(t, port);
      assert.deepEqual([waitingAt(fd), waitingAt(beside)], [1, 3]);
      sharing.allow([{ ip: old, port }, address], false);
      assert.throws(() => listenAt(t, '127.0.0.1', port), EADDRINUSE);
    });
  }

  test('a listener that is discarded is closed, once', (t) => {
    const { port } = listenAt(t, '127.0.0.2');
    const address = { ip: '127.0.0.1', port };
    const fd = sharing.open(address);
    assert.equal(libc.isListening(fd), true);
    sharing.discard(fd, { ...address, ip: '127.0.0.2' });
    assert.equal(libc.isListening(fd), true, 'it listens elsewhere');
    sharing.discard(fd, address);
    assert.equal(libc.isListening(fd), false);
    sharing.discard(fd, address);
  });
});
