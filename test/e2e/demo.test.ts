import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Tslb } from '../helpers/processes/cli.ts';
import { answerOf } from '../helpers/sockets/traffic.ts';

const DEMO = fileURLToPath(new URL('../../scripts/demo.js', import.meta.url));
const PORTS = [8080, 8001, 8002];

interface Page {
  readonly status: number | undefined;
  readonly text: string;
}

/** On a connection of its own. */
async function page(path: string): Promise<Page> {
  const request = get({ host: '127.0.0.1', port: 8080, path, agent: new Agent({ keepAlive: false }) });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  return { status: response.statusCode, text };
}

async function takenPorts(): Promise<number[]> {
  const answers = await Promise.all(PORTS.map((port) => isTaken(port)));
  return PORTS.filter((_, index) => answers[index]);
}

async function isTaken(port: number): Promise<boolean> {
  const server = createServer().listen(port);
  try {
    await once(server, 'listening');
    return false;
  } catch {
    return true; // whoever has it
  } finally {
    server.close();
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`the demo shows both machines behind port 8080, and ${signal} ends all three`, async (t) => {
    const taken = await takenPorts();
    if (taken.length > 0) {
      t.skip(`port ${taken.join(', ')} is taken`);
      return;
    }
    const child = spawn(process.execPath, [DEMO], { stdio: ['ignore', 'pipe', 'pipe'] });
    const demo = new Tslb(child, '');
    // Not SIGKILL: it would leave its balancer behind.
    t.after(() => demo.stop());
    await demo.logged(/Ctrl-C ends all three/);
    assert.ok(demo.has(/curl http:\/\/localhost:8080\/$/));

    const counts: Record<string, number> = {};
    for (let n = 0; n < 10; n++) {
      const { status, text } = await page('/');
      assert.equal(status, 200);
      const [, machine = text] = /This page comes from (M\d)/.exec(text) ?? [];
      counts[machine] = (counts[machine] ?? 0) + 1;
    }
    assert.deepEqual(counts, { M1: 4, M2: 6 });
    for (let n = 0; n < 5; n++) assert.equal((await page('/swap.html')).text.length, 112);
    assert.equal((await page('/other')).status, 404);

    assert.deepEqual(await demo.stop(signal), { code: 0, signal: null });
    for (const port of PORTS) assert.equal(await answerOf({ ip: '127.0.0.1', port }), 'ECONNREFUSED');
  });
}
