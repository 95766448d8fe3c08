import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { EngineKind } from '../../../src/data/engines/registry.ts';
import type { LimitedPlaneState } from './limited-plane-process.ts';

/** A data plane with one backend in a process of its own, with few descriptors. */
export interface LimitedPlane {
  readonly port: number;
  state(): Promise<LimitedPlaneState>;
  /** Resolves when it holds no connection. */
  empty(): Promise<void>;
}

export interface LimitedPlaneOptions {
  readonly engine: EngineKind;
  /** That the process may have open. */
  readonly descriptors: number;
  /** The port of the backend. */
  readonly backend: number;
}

export async function startLimitedPlane(
  t: TestContext,
  { engine, descriptors, backend }: LimitedPlaneOptions,
): Promise<LimitedPlane> {
  const program = fileURLToPath(new URL(`./limited-plane-process${extname(import.meta.url)}`, import.meta.url));
  const limited = [
    '-c',
    `ulimit -n ${descriptors} && exec "$0" "$@"`,
    process.execPath,
    program,
    String(backend),
    engine,
  ];
  const child = spawn('sh', limited, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  t.after(() => child.kill('SIGKILL'));
  const [port] = (await once(child, 'message')) as [number];
  return {
    port,
    state: () => ask(child),
    async empty() {
      while ((await ask(child)).active > 0);
    },
  };
}

/** @throws when the process has ended */
async function ask(child: ChildProcess): Promise<LimitedPlaneState> {
  child.send('state');
  const [state] = (await once(child, 'message')) as [LimitedPlaneState];
  return state;
}
