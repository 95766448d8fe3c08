import { ALLOW_ALL } from '../../../src/access/rules.ts';
import type { EngineKind } from '../../../src/data/engines/registry.ts';
import { DataPlane } from '../../../src/data/plane/data-plane.ts';
import { ServerLedger } from '../../../src/ledger/server-ledger.ts';
import { LIMITS } from '../rigs/frontend.ts';
import type { LogRecord } from '../rigs/plane.ts';
import { idleCpuShare } from './idle.ts';

/** What the process tells when it is asked; a number, its port, is what it tells first. */
export interface LimitedPlaneState {
  readonly active: number;
  readonly noResources: number;
  readonly logs: readonly LogRecord[];
  /** Processor time by wall-clock time, while it waited for nothing. */
  readonly idleCpuShare: number;
}

const logs: LogRecord[] = [];
const ledger = new ServerLedger();
const plane = new DataPlane({
  threads: 1,
  observe: { debug: false, accessLog: undefined },
  onLog: (level, message, fields) => void logs.push({ ...fields, level, message }),
  onAccessLines: () => {},
  onApplied: () => {},
  onFailure: () => {},
  onShortage: () => {},
});

async function main(): Promise<void> {
  const backend = { ip: '127.0.0.1', port: Number(process.argv[2]) };
  const [listening] = await plane.apply([
    {
      id: 1,
      name: 'web',
      binds: [{ ip: '127.0.0.1', port: 0 }],
      engine: process.argv[3] as EngineKind,
      balance: 'weight',
      access: ALLOW_ALL,
      limits: { ...LIMITS, retries: 0 },
      ledger,
      snapshot: {
        version: 1,
        backends: [
          {
            slot: ledger.allocate(),
            key: 'one:80',
            addresses: [backend],
            weight: 1,
            priority: 1,
            maxConnections: 0,
            fullMaxConnections: 0,
            serial: 1,
            maxFails: 0,
          },
        ],
      },
    },
  ]);
  process.on('message', () => void tell());
  if (listening !== undefined && 'ip' in listening.address) process.send?.(listening.address.port);
}

async function tell(): Promise<void> {
  const share = await idleCpuShare();
  const { active, noResources } = ledger.serverTotals();
  process.send?.({ active, noResources, logs, idleCpuShare: share } satisfies LimitedPlaneState);
}

await main();
