import { suite, test, type TestContext } from 'node:test';
import { whyNoEngine, type EngineKind } from '../../src/data/engines/registry.ts';
import { errors } from './datagrams/errors.ts';
import { lives } from './datagrams/lives.ts';
import { moving } from './datagrams/moving.ts';

/** Says one thing that every engine does with UDP. */
export type DatagramCheck = (name: string, run: (t: TestContext) => Promise<void>) => void;

/** A case that takes longer hangs. */
const TIMEOUT_MS = 20_000;

export function datagramContract(kinds: readonly EngineKind[]): void {
  for (const kind of kinds) {
    suite(`datagrams of ${kind}`, { skip: whyNoEngine(kind) ?? false }, () => {
      const check: DatagramCheck = (name, run) => {
        test(name, { timeout: TIMEOUT_MS }, run);
      };
      for (const [name, cases] of Object.entries({ moving, errors, lives })) suite(name, () => cases(check, kind));
    });
  }
}
