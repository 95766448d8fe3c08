import assert from 'node:assert/strict';
import { banner, echo, startBackend } from '../../helpers/sockets/backends.ts';
import { payload, sha256, KIB, MIB } from '../../helpers/sockets/payload.ts';
import type { Check } from '../engine.ts';

/** What is sent arrives, whole and in order, and is counted. */
export function transfer(check: Check): void {
  check('a backend that speaks first is heard', async (t, start) => {
    const backend = await startBackend(t, banner('220 ready\r\n'));
    const plane = await start({ backends: [backend.address] });
    const client = plane.client();
    await client.received(11);
    assert.equal(client.text, '220 ready\r\n');
    client.socket.end();
    assert.equal((await client.closed()).end, 'FIN');
    const { cause, rxBytes, txBytes } = await plane.only();
    assert.deepEqual({ cause, rxBytes, txBytes }, { cause: '--', rxBytes: 11, txBytes: 0 });
  });

  check('the backend goes on for 10 MiB after the client has finished', async (t, start) => {
    const answer = payload(10 * MIB);
    const backend = await startBackend(t);
    const plane = await start({ backends: [backend.address] });
    const client = await plane.client().finish('GET');
    const peer = await backend.next();
    assert.equal((await peer.ended()).bytes, 3);
    await peer.finish(answer);
    const { bytes, sha256: got, end } = await client.closed();
    assert.deepEqual({ bytes, got, end }, { bytes: answer.length, got: sha256(answer), end: 'FIN' });
    const { cause, rxBytes, txBytes } = await plane.only();
    assert.deepEqual({ cause, rxBytes, txBytes }, { cause: '--', rxBytes: answer.length, txBytes: 3 });
  });

  check('the client goes on for 10 MiB after the backend has finished', async (t, start) => {
    const upload = payload(10 * MIB);
    const backend = await startBackend(t, (peer) => peer.socket.end('enough'));
    const plane = await start({ backends: [backend.address] });
    const client = plane.client();
    assert.equal((await client.ended()).bytes, 6);
    await client.finish(upload);
    const peer = await backend.next();
    const { bytes, sha256: got, end } = await peer.closed();
    assert.deepEqual({ bytes, got, end }, { bytes: upload.length, got: sha256(upload), end: 'FIN' });
    const { cause, rxBytes, txBytes } = await plane.only();
    assert.deepEqual({ cause, rxBytes, txBytes }, { cause: '--', rxBytes: 6, txBytes: upload.length });
  });

  check('both directions at once are complete', async (t, start) => {
    const upload = payload(8 * MIB);
    const answer = payload(9 * MIB);
    const backend = await startBackend(t, (peer) => void peer.finish(answer));
    const plane = await start({ backends: [backend.address] });
    const client = plane.client();
    await client.finish(upload);
    const [down, up] = await Promise.all([client.closed(), (await backend.next()).closed()]);
    assert.deepEqual([down.sha256, up.sha256], [sha256(answer), sha256(upload)]);
    const { cause, rxBytes, txBytes } = await plane.only();
    assert.deepEqual({ cause, rxBytes, txBytes }, { cause: '--', rxBytes: answer.length, txBytes: upload.length });
  });

  for (const size of [1, 64 * KIB, MIB]) {
    check(`${size} bytes and the end in one breath, from the client`, async (t, start) => {
      const upload = payload(size);
      const backend = await startBackend(t, ({ socket }) => socket.once('end', () => socket.end()));
      const plane = await start({ backends: [backend.address] });
      plane.client().socket.end(upload);
      const { sha256: got, end } = await (await backend.next()).closed();
      assert.deepEqual({ got, end }, { got: sha256(upload), end: 'FIN' });
      assert.equal((await plane.only()).txBytes, size);
    });

    check(`${size} bytes and the end in one breath, from the backend`, async (t, start) => {
      const answer = payload(size);
      const backend = await startBackend(t, ({ socket }) => socket.end(answer));
      const plane = await start({ backends: [backend.address] });
      const client = plane.client();
      client.socket.end();
      const { sha256: got, end } = await client.closed();
      assert.deepEqual({ got, end }, { got: sha256(answer), end: 'FIN' });
      assert.equal((await plane.only()).rxBytes, size);
    });
  }

  check('a client that writes and closes for good has been heard', async (t, start) => {
    const upload = payload(MIB);
    const backend = await startBackend(t, ({ socket }) => socket.once('end', () => socket.end()));
    const plane = await start({ backends: [backend.address] });
    const client = await plane.client().send(upload);
    client.socket.destroy();
    assert.equal((await (await backend.next()).closed()).sha256, sha256(upload));
    const { cause, txBytes } = await plane.only();
    assert.deepEqual({ cause, txBytes }, { cause: '--', txBytes: MIB });
  });

  check('a backend that writes and closes for good has been heard', async (t, start) => {
    const answer = payload(MIB);
    const backend = await startBackend(t, ({ socket }) => {
      socket.write(answer, () => socket.destroy());
    });
    const plane = await start({ backends: [backend.address] });
    const client = plane.client();
    assert.equal((await client.ended()).sha256, sha256(answer));
    client.socket.end();
    const { cause, rxBytes } = await plane.only();
    assert.deepEqual({ cause, rxBytes }, { cause: '--', rxBytes: MIB });
  });

  check('ten thousand small writes arrive in order', async (t, start) => {
    const all = payload(70_000);
    const backend = await startBackend(t, echo);
    const plane = await start({ backends: [backend.address] });
    const client = plane.client();
    for (let at = 0; at < all.length; at += 7) client.socket.write(all.subarray(at, at + 7));
    client.socket.end();
    const { sha256: got, end } = await client.closed();
    assert.deepEqual({ got, end }, { got: sha256(all), end: 'FIN' });
    const { rxBytes, txBytes } = await plane.only();
    assert.deepEqual({ rxBytes, txBytes }, { rxBytes: 70_000, txBytes: 70_000 });
  });

  check('a question waits for its answer a thousand times', async (t, start) => {
    const backend = await startBackend(t, echo);
    const plane = await start({ backends: [backend.address] });
    const client = plane.client();
    for (let n = 1; n <= 1000; n++) {
      client.socket.write('ping');
      await client.received(4 * n);
    }
    client.socket.end();
    await client.closed();
    const { rxBytes, txBytes } = await plane.only();
    assert.deepEqual({ rxBytes, txBytes }, { rxBytes: 4000, txBytes: 4000 });
  });

  check('a connection without a byte ends in order', async (t, start) => {
    const backend = await startBackend(t, echo);
    const plane = await start({ backends: [backend.address] });
    const client = plane.client();
    client.socket.end();
    assert.deepEqual((await client.closed()).end, 'FIN');
    const { cause, rxBytes, txBytes } = await plane.only();
    assert.deepEqual({ cause, rxBytes, txBytes }, { cause: '--', rxBytes: 0, txBytes: 0 });
  });

  check('the counters of server and backends are exact over many connections', async (t, start) => {
    const backends = [await startBackend(t, echo), await startBackend(t, banner('0123456789'))];
    const plane = await start({ backends: backends.map(({ address }) => address) });
    const sizes = Array.from({ length: 40 }, (_, n) => n * 1999);
    await Promise.all(
      sizes.map(async (size) => {
        const client = await plane.client().finish(payload(size));
        await client.closed();
      }),
    );
    const lines = await plane.settled(sizes.length);
    const sent = sizes.reduce((sum, size) => sum + size, 0);
    const { rx, tx } = plane.totals();
    assert.equal(tx, sent);
    assert.equal(
      lines.reduce((sum, { rxBytes }) => sum + rxBytes, 0),
      rx,
    );
    const rows = backends.map((_, position) => plane.ledger.backendTotals(plane.slot(position)));
    assert.deepEqual(
      rows.map(({ total }) => total),
      [20, 20],
    );
    assert.deepEqual([rows[0]!.rx, rows[1]!.rx], [rows[0]!.tx, 200]);
    assert.equal(rows[0]!.tx + rows[1]!.tx, sent);
  });

  check('the counters are what both sides saw, to the byte, however the connections ended', async (t, start) => {
    const backends = [await startBackend(t, echo), await startBackend(t, echo), await startBackend(t, echo)];
    const plane = await start({ backends: backends.map(({ address }) => address), balance: 'roundrobin', threads: 2 });
    const sizes = Array.from({ length: 30 }, (_, n) => n * 4_999);
    const clients = await Promise.all(
      sizes.map(async (size) => {
        const client = await plane.client().send(payload(size));
        return client.received(size);
      }),
    );
    for (const [n, client] of clients.entries()) {
      if (n % 3 === 0) await client.finish();
      else if (n % 3 === 1) client.reset();
    }
    await plane.untilActive(clients.length / 3);
    assert.equal(await plane.plane.killConnections({}), clients.length / 3);
    for (const client of clients) await client.closed();
    const lines = await plane.settled(clients.length);
    const moved = sizes.reduce((sum, size) => sum + size, 0);
    const totals = plane.totals();
    const rows = backends.map((_, position) => plane.ledger.backendTotals(plane.slot(position)));
    for (const [what, of] of [
      ['rx', 'rxBytes'],
      ['tx', 'txBytes'],
    ] as const) {
      assert.deepEqual(
        {
          server: totals[what],
          backends: sum(rows.map((row) => row[what])),
          lines: sum(lines.map((line) => line[of])),
        },
        { server: moved, backends: moved, lines: moved },
      );
    }
    assert.equal(sum(clients.map(({ bytes }) => bytes)), moved);
    assert.deepEqual(
      rows.map(({ tx }) => tx),
      backends.map(({ peers }) => sum(peers.map(({ bytes }) => bytes))),
    );
    const { causes, histograms } = totals;
    assert.deepEqual([causes['--'], causes.CD, causes.KD], [10, 10, 10]);
    assert.equal(histograms.bytes.sum, 2 * moved);
    assert.deepEqual(
      [histograms.connect, histograms.duration, histograms.bytes].map(({ counts }) => sum(counts)),
      [30, 30, 30],
    );
    plane.ledger.reset();
    const { rx, tx, peak, active } = plane.totals();
    assert.deepEqual({ rx, tx, peak, active }, { rx: 0, tx: 0, peak: 0, active: 0 });
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
