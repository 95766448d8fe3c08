import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { EngineKind } from '../../../src/data/engines/registry.ts';
import { serverToml } from '../../helpers/processes/cli.ts';
import { startDaemon, type DaemonProcess } from '../../helpers/processes/daemon.ts';
import type { AccessLine } from '../../helpers/rigs/plane.ts';
import { echo, startBackend } from '../../helpers/sockets/backends.ts';
import { connectTo } from '../../helpers/sockets/peer.ts';
import { listed } from '../../helpers/sockets/traffic.ts';
import type { Check, EngineUnderTest } from '../engine.ts';

/** What happened at the sockets while the process was stopped. */
export function standstill(check: Check, { kind }: EngineUnderTest): void {
  check('clients that have reset before they are accepted are counted and logged', async (t) => {
    const backend = await startBackend(t, echo);
    const { daemon, access } = await startOne(t, kind, [listed(backend)]);
    process.kill(daemon.pid, 'SIGSTOP');
    for (let n = 0; n < 10; n++) {
      const client = await connectTo(t, daemon.addresses[0]!).connected();
      client.reset();
      await client.closed();
    }
    process.kill(daemon.pid, 'SIGCONT');
    await logged(daemon, access, 10);
    const { totals } = await daemon.state();
    assert.deepEqual([totals.accepted, totals.active, totals.causes.CC], [10, 0, 10]);
    assert.deepEqual(
      access.map(({ cause, backend: reached, rxBytes, txBytes }) => ({ cause, reached, rxBytes, txBytes })),
      Array.from({ length: 10 }, () => ({ cause: 'CC', reached: null, rxBytes: 0, txBytes: 0 })),
    );
  });
}

interface Stoppable {
  readonly daemon: DaemonProcess;
  readonly access: readonly AccessLine[];
}

/** A balancer in a process of its own, which can be stopped. */
async function startOne(
  t: TestContext,
  engine: EngineKind,
  backends: readonly string[],
  keys: Readonly<Record<string, unknown>> = {},
): Promise<Stoppable> {
  const access: AccessLine[] = [];
  const toml = serverToml('web', backends, { engine, ...keys });
  const daemon = await startDaemon(toml, 1, { onAccess: (line) => access.push(line) });
  t.after(() => daemon.kill());
  return { daemon, access };
}

/** Resolves when so many lines of the access log have come. */
async function logged(daemon: DaemonProcess, access: readonly AccessLine[], count: number): Promise<void> {
  while (access.length < count) await daemon.flush();
}
