import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import type { IpAddress } from '../../../src/core/address.ts';
import { BindError } from '../../../src/data/plane/bind-error.ts';
import { whyNoEngine } from '../../../src/data/engines/registry.ts';
import type { TestPlane } from '../../helpers/rigs/plane.ts';
import { echo, startBackend } from '../../helpers/sockets/backends.ts';
import { freePort } from '../../helpers/sockets/traffic.ts';
import { eventually } from '../../helpers/sockets/turns.ts';
import type { Check } from '../engine.ts';

const CLIENTS = 6;

/** Addresses of one port that overlap take each other's place while clients come. */
export function handover(check: Check): void {
  check('a bind goes from every address of a port to one, and back, without a lost client', async (t, start) => {
    const reason = whyNoEngine('epoll');
    if (reason !== undefined) {
      t.skip(reason);
      return;
    }
    const backend = await startBackend(t, echo);
    const port = await freePort();
    const [one, other] = [
      { ip: '127.0.0.1', port },
      { ip: '127.0.0.2', port },
    ];
    const everywhere = { ip: '*', port };
    const plane = await start({ backends: [backend.address], binds: [everywhere], threads: 2 });
    const open = await plane.client({ at: other }).send('a');
    const traffic = new Traffic(plane, one);
    for (const binds of [[one], [everywhere], [one, other], [{ ip: '0.0.0.0', port }]]) {
      await traffic.more(CLIENTS);
      await plane.reconfigure({ binds });
      await traffic.more(CLIENTS);
      const isOpen = await connects(plane, { ip: '127.0.0.3', port });
      assert.equal(
        isOpen,
        binds.some(({ ip }) => ip === '*' || ip === '0.0.0.0'),
        JSON.stringify(binds),
      );
      assert.equal(await bindCode(t, port), 'EADDRINUSE');
    }
    await traffic.end();
    await open.finish('b');
    assert.equal((await open.closed()).bytes, 2);
    const { accepted, causes } = plane.totals();
    await plane.finished(accepted);
    assert.ok(accepted > traffic.served, `${accepted} accepted`);
    assert.deepEqual([causes.CD, causes.SD, causes.KD], [0, 0, 0]);
  });

  check('a bind beside which another of ours stays is refused, and all is as it was', async (t, start) => {
    const backend = await startBackend(t, echo);
    const port = await freePort();
    const [everywhere, one] = [
      { ip: '*', port },
      { ip: '127.0.0.1', port },
    ];
    const plane = await start({ backends: [backend.address], binds: [everywhere], threads: 2 });
    await assert.rejects(plane.reconfigure({ binds: [everywhere, one] }), (error) => {
      assert.ok(error instanceof BindError);
      assert.match(error.message, /is in use by tslb's own \*:\d+; give one of them another port$/);
      return true;
    });
    await visit(plane, one);
  });

  check('a change of address that fails for another bind is rolled back, and works later', async (t, start) => {
    const reason = whyNoEngine('epoll');
    if (reason !== undefined) {
      t.skip(reason);
      return;
    }
    const backend = await startBackend(t, echo);
    const port = await freePort();
    const one = { ip: '127.0.0.1', port };
    const plane = await start({ backends: [backend.address], binds: [{ ip: '*', port }], threads: 2 });
    await assert.rejects(plane.reconfigure({ binds: [one, backend.address] }), BindError);
    await visit(plane, one);
    assert.equal(await connects(plane, { ip: '127.0.0.3', port }), true);
    assert.equal(await bindCode(t, port), 'EADDRINUSE');
    await plane.reconfigure({ binds: [one] });
    await visit(plane, one);
    assert.equal(await connects(plane, { ip: '127.0.0.3', port }), false);
  });
}

/** Clients that come one after the other, several at a time. Each has to be served. */
class Traffic {
  served = 0;
  readonly #loops: Promise<unknown>;
  #isEnding = false;

  constructor(plane: TestPlane, at: IpAddress) {
    this.#loops = Promise.all(Array.from({ length: CLIENTS }, () => this.#loop(plane, at)));
  }

  /** Resolves when so many more were served. */
  async more(count: number): Promise<void> {
    const enough = this.served + count;
    await Promise.race([eventually(() => this.served >= enough), this.#loops]);
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#loops;
  }

  async #loop(plane: TestPlane, at: IpAddress): Promise<void> {
    while (!this.#isEnding) {
      await visit(plane, at);
      this.served += 1;
    }
  }
}

async function visit(plane: TestPlane, at: IpAddress): Promise<void> {
  const client = await plane.client({ at }).finish('x');
  const { bytes, end } = await client.closed();
  assert.deepEqual([bytes, end], [1, 'FIN']);
}

async function connects(plane: TestPlane, at: IpAddress): Promise<boolean> {
  const client = plane.client({ at });
  await client.until('an answer', () => client.isConnected || client.hasEnded);
  const { isConnected } = client;
  if (isConnected) await (await client.finish()).closed();
  return isConnected;
}

/** What a program is told that would listen where we do. */
async function bindCode(t: TestContext, port: number): Promise<unknown> {
  const server = createServer();
  t.after(() => server.close());
  const [error] = (await Promise.race([
    once(server.listen({ host: '127.0.0.1', port }), 'listening'),
    once(server, 'error'),
  ]).catch((thrown: unknown) => [thrown])) as [NodeJS.ErrnoException | undefined];
  return error?.code;
}
