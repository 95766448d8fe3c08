import type { TestContext } from 'node:test';
import type { EngineKind } from '../../../src/data/engines/registry.ts';
import { serverToml } from '../../helpers/processes/cli.ts';
import { startDaemon, type DaemonProcess } from '../../helpers/processes/daemon.ts';
import type { AccessLine } from '../../helpers/rigs/plane.ts';

export interface Stoppable {
  readonly daemon: DaemonProcess;
  readonly access: readonly AccessLine[];
}

/** A balancer in a process of its own, which can be stopped. */
export async function startOne(
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
export async function logged(daemon: DaemonProcess, access: readonly AccessLine[], count: number): Promise<void> {
  while (access.length < count) await daemon.flush();
}
