import assert from 'node:assert/strict';
import { backendName } from '../../helpers/rigs/plane.ts';
import { banner, echo, REFUSING, startBackend, UNREACHABLE } from '../../helpers/sockets/backends.ts';
import { deafAddress } from '../../helpers/sockets/silent-listener.ts';
import type { Check } from '../engine.ts';

const TIMEOUT_MS = 100;
/** RFC 8305: when the next address is dialled, while the first goes on. */
const ATTEMPT_DELAY_MS = 250;

/** A backend that cannot be reached costs its client nothing while there is another. */
export function dials(check: Check): void {
  check('refused, unreachable and silent backends are passed over, each once, in order', async (t, start) => {
    const good = await startBackend(t, echo);
    const plane = await start({
      backends: [REFUSING, UNREACHABLE, await deafAddress(t), good.address],
      priorities: [1, 2, 3, 4],
      limits: { connectTimeoutMs: TIMEOUT_MS },
    });
    const client = await plane.client().finish('hello');
    assert.equal((await client.closed()).bytes, 5);
    const { backend, tried, cause } = await plane.only();
    assert.deepEqual(
      { backend, tried, cause },
      { backend: backendName(3), tried: [0, 1, 2].map(backendName), cause: '--' },
    );
    const rows = [0, 1, 2, 3].map((position) => plane.ledger.backendTotals(plane.slot(position)));
    assert.deepEqual(
      rows.map(({ refused, retried, total }) => [refused, retried, total]),
      [...Array<number[]>(3).fill([1, 1, 0]), [0, 0, 1]],
    );
    assert.equal(plane.totals().retried, 3);
  });

  check('the failures of backends are said once, and so is their end', async (t, start) => {
    const good = await startBackend(t, echo);
    const plane = await start({ backends: [REFUSING, good.address], priorities: [1, 2] });
    for (let n = 0; n < 3; n++) await (await plane.client().finish()).closed();
    await plane.settled(3);
    const said = plane.logs.filter(({ message }) => message === 'backend connect failed');
    assert.deepEqual(
      said.map(({ level, backend, reason, code }) => ({ level, backend, reason, code })),
      [{ level: 'warn', backend: backendName(0), reason: 'refused', code: 'ECONNREFUSED' }],
    );
  });

  for (const retries of [0, 1, 2]) {
    check(`${retries} retries are ${retries + 1} tries`, async (t, start) => {
      const good = await startBackend(t, banner('good'));
      const plane = await start({
        backends: [REFUSING, REFUSING, REFUSING, good.address],
        priorities: [1, 2, 3, 4],
        limits: { retries },
      });
      const client = plane.client();
      assert.deepEqual((await client.ended()).bytes, 0);
      const { tried, cause, backend } = await plane.only();
      assert.deepEqual({ tried: tried.length, cause, backend }, { tried: retries + 1, cause: 'SC', backend: null });
      assert.equal(good.peers.length, 0);
    });
  }

  check('all addresses of a backend are tried within one dial', async (t, start) => {
    const good = await startBackend(t, banner('good'));
    const plane = await start({ backends: [[REFUSING, UNREACHABLE, good.address]], limits: { retries: 0 } });
    const client = await plane.client().received(4);
    client.socket.end();
    await client.closed();
    const { tried, cause, backend } = await plane.only();
    assert.deepEqual({ tried, cause, backend }, { tried: [], cause: '--', backend: backendName(0) });
    assert.equal(plane.ledger.backendTotals(plane.slot(0)).refused, 0);
  });

  check('a silent address leaves time to the next of the same backend', async (t, start) => {
    const good = await startBackend(t, banner('good'));
    const plane = await start({
      backends: [[await deafAddress(t), good.address]],
      limits: { connectTimeoutMs: 2 * TIMEOUT_MS, retries: 0 },
    });
    const client = await plane.client().received(4);
    client.socket.end();
    await plane.only();
  });

  check('a silent address costs the next client nothing', async (t, start) => {
    const good = await startBackend(t, banner('good'));
    const plane = await start({ backends: [[await deafAddress(t), good.address]], limits: { retries: 0 }, threads: 1 });
    const connectMs: number[] = [];
    // Of the later ones one suffices: this machine may be slow.
    while (connectMs.length < 2 || (Math.min(...connectMs) >= ATTEMPT_DELAY_MS && connectMs.length < 10)) {
      const client = await plane.client().received(4);
      client.socket.end();
      const lines = await plane.finished(connectMs.length + 1);
      connectMs.push(lines.at(-1)?.connectMs ?? Infinity);
    }
    const [first = 0, ...later] = connectMs;
    assert(first >= ATTEMPT_DELAY_MS - 1, `the first one after ${first} ms`);
    assert(Math.min(...later) < ATTEMPT_DELAY_MS, `the others after ${later.join()} ms`);
  });

  check('the second address of a backend is dialled only where the first one is slow', async (t, start) => {
    const [slow, fast] = [await startBackend(t, banner('slow')), await startBackend(t, banner('fast'))];
    const plane = await start({ backends: [[slow.address, fast.address]], limits: { retries: 0 } });
    for (let n = 1; n <= 3; n++) {
      const client = plane.client();
      client.socket.end();
      assert.equal((await client.received(4)).text, 'slow');
      await plane.settled(n);
    }
    assert.equal(fast.peers.length, 0);
  });

  check('with all backends dead the client is closed', async (_t, start) => {
    const plane = await start({ backends: [REFUSING, UNREACHABLE, REFUSING] });
    assert.equal((await plane.client().ended()).bytes, 0);
    const { cause, tried, backend } = await plane.only();
    assert.deepEqual({ cause, tried: tried.length, backend }, { cause: 'SC', tried: 3, backend: null });
  });

  check('with the last backend silent the client is closed after the time for a dial', async (t, start) => {
    const plane = await start({
      backends: [REFUSING, await deafAddress(t)],
      priorities: [1, 2],
      limits: { connectTimeoutMs: TIMEOUT_MS },
    });
    assert.equal((await plane.client().ended()).bytes, 0);
    const { cause, tried } = await plane.only();
    assert.deepEqual({ cause, tried }, { cause: 'sC', tried: [backendName(0), backendName(1)] });
  });

  check('without a backend the client is closed', async (_t, start) => {
    const plane = await start({ backends: [] });
    assert.equal((await plane.client().ended()).bytes, 0);
    assert.equal((await plane.only()).cause, 'SC');
    assert.equal(plane.totals().noBackend, 1);
  });

  check('what the client sends while a dial is under way arrives', async (t, start) => {
    const good = await startBackend(t, echo);
    const plane = await start({
      backends: [await deafAddress(t), good.address],
      priorities: [1, 2],
      limits: { connectTimeoutMs: TIMEOUT_MS },
    });
    const client = await plane.client().finish('early');
    assert.equal((await client.closed()).bytes, 5);
    await plane.only();
  });

  check('a client that resets while a dial is under way gives everything back', async (t, start) => {
    const plane = await start({ backends: [await deafAddress(t)] });
    const client = await plane.client().connected();
    await plane.untilActive(1);
    client.reset();
    const { cause, backend, tried } = await plane.only();
    assert.deepEqual({ cause, backend, tried }, { cause: 'CC', backend: null, tried: [] });
  });

  check('a backend that comes back is found again', async (t, start) => {
    const first = await startBackend(t, echo);
    const plane = await start({ backends: [first.address] });
    first.dispose();
    assert.equal((await plane.client().ended()).bytes, 0);
    await plane.finished(1);
    await startBackend(t, echo, { at: first.address });
    const client = await plane.client().finish('again');
    assert.equal((await client.closed()).bytes, 5);
    await plane.settled(2);
    assert.deepEqual(
      plane.logs.map(({ level, message }) => [level, message]),
      [
        ['warn', 'backend connect failed'],
        ['info', 'backend reachable again'],
      ],
    );
  });
}
