import assert from 'node:assert/strict';
import { takenAtStandstill } from '../../helpers/sockets/kernel.ts';
import { payload, MIB } from '../../helpers/sockets/payload.ts';
import type { Check, EngineUnderTest } from '../engine.ts';
import { connectPair } from './pair.ts';

const FIN_MS = 150;

/** Long against a hiccup of the machine. */
const PATIENT_MS = 1_000;

/** As an end that had the last byte before, and reads no more, sees it when it sends. */
const RESET = /^(ECONNRESET|EPIPE)$/;

/** Far beyond what a case takes. */
const NEVER_MS = 60_000;

/** Once one direction has ended, a side may be silent for as long as its fin timeout. */
export function halfClosed(check: Check, { kind }: EngineUnderTest): void {
  check('a silent client whose backend has finished is reset after client_fin_timeout', async (t, start) => {
    const limits = { clientFinMs: FIN_MS, backendFinMs: NEVER_MS };
    const { plane, client, backend } = await connectPair(t, start, { limits });
    await backend.finish('bye');
    assert.equal((await client.ended()).bytes, 3);
    assert.equal((await backend.closed()).end, 'ECONNRESET');
    assert.match((await client.sendForever()).end, RESET);
    assert.equal((await plane.only()).cause, 'cF');
  });

  check('a silent backend whose client has finished is reset after backend_fin_timeout', async (t, start) => {
    const limits = { clientFinMs: NEVER_MS, backendFinMs: FIN_MS };
    const { plane, client, backend } = await connectPair(t, start, { limits });
    await client.finish('GET');
    assert.equal((await backend.ended()).bytes, 3);
    assert.equal((await client.closed()).end, 'ECONNRESET');
    assert.match((await backend.sendForever()).end, RESET);
    assert.equal((await plane.only()).cause, 'sF');
  });

  check('a client that has finished waits for its answer for longer than client_fin_timeout', async (t, start) => {
    const limits = { clientFinMs: PATIENT_MS, backendFinMs: NEVER_MS };
    const { plane, client, backend } = await connectPair(t, start, { limits });
    await client.finish('GET');
    await backend.ended();
    await new Promise((resolve) => setTimeout(resolve, 2 * PATIENT_MS));
    await backend.finish('late');
    assert.equal((await client.ended()).bytes, 4);
    assert.equal((await plane.only()).cause, '--');
  });

  check('a backend that is held up by a client that does not read is not reset', async (t, start) => {
    const limits = { clientFinMs: NEVER_MS, backendFinMs: PATIENT_MS };
    const { plane, client, backend } = await connectPair(t, start, { client: 'paused', limits });
    await client.finish('GET');
    await backend.ended();
    const sent = backend.finish(payload(20 * MIB));
    await new Promise((resolve) => setTimeout(resolve, 2 * PATIENT_MS));
    client.socket.resume();
    await sent;
    assert.equal((await client.ended()).bytes, 20 * MIB);
    assert.equal((await plane.only()).cause, '--');
  });

  check('a fin timeout that is longer than the idle timeout does not put that off', async (t, start) => {
    const limits = { clientIdleMs: FIN_MS, clientFinMs: NEVER_MS, backendFinMs: NEVER_MS };
    const { plane, client, backend } = await connectPair(t, start, { limits });
    await backend.finish('bye');
    await client.ended();
    assert.equal((await backend.closed()).end, 'ECONNRESET');
    assert.equal((await plane.only()).cause, 'cL');
  });

  check(
    'what waits for a backend that does not read is dropped some time after its client has reset',
    async (t, start) => {
      const limits = { clientFinMs: NEVER_MS, backendFinMs: FIN_MS };
      const { plane, client } = await connectPair(t, start, { backend: 'paused', limits });
      client.send(payload(20 * MIB)).catch(() => {}); // it is cut short
      await takenAtStandstill(client);
      client.reset();
      assert.equal((await plane.only()).cause, 'sF');
    },
    { skip: kind === 'net' ? 'Node hears of no reset of a socket that it does not read' : false },
  );
}
