import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import type { Limits, UdpLimits } from '../../src/core/limits.ts';
import { ENGINE_KINDS, whyNoEngine, type EngineKind } from '../../src/data/engines/registry.ts';
import { startPlane, type PlaneOptions, type TestPlane } from '../helpers/rigs/plane.ts';
import { choices } from './udp/choices.ts';
import { ends } from './udp/ends.ts';
import { failures } from './udp/failures.ts';
import { oneWay } from './udp/one-way.ts';
import { reload } from './udp/reload.ts';
import { sessions } from './udp/sessions.ts';
import { table } from './udp/table.ts';

/** Says one thing that every engine does with UDP. */
export type Check = (name: string, run: (t: TestContext, start: Start) => Promise<void>) => void;

export type UdpPlaneOptions = Omit<PlaneOptions, 'limits'> & {
  readonly limits?: Partial<Limits>;
  readonly udp?: Partial<UdpLimits>;
};

export type Start = (options: UdpPlaneOptions) => Promise<TestPlane>;

const THEMES = { sessions, ends, failures, table, reload, oneWay, choices };

/** A case that takes longer hangs. */
const TIMEOUT_MS = 30_000;

export const ANY_UDP_PORT = { ip: '127.0.0.1', port: 0, protocol: 'udp' } as const;

const UDP: UdpLimits = {
  isOneWay: false,
  maxRequests: 0,
  maxResponses: 0,
  isTransparent: false,
  maxSessions: 1_000,
  receiveBufferBytes: 1024 * 1024,
};

/** As a plane has it. */
export function udpLimits(limits: Partial<Limits> = {}, udp: Partial<UdpLimits> = {}): Partial<Limits> {
  return { ...limits, udp: { ...UDP, ...udp } };
}

/** What every engine does with datagrams, on real sockets, under the policy of the data plane. */
export function udpContract(kinds: readonly EngineKind[] = ENGINE_KINDS): void {
  for (const kind of kinds) {
    suite(`UDP by ${kind}`, { skip: whyNoEngine(kind) ?? false }, () => {
      const names = new Set<string>();
      const check: Check = (name, run) => {
        assert(!names.has(name), `two cases are called "${name}"`);
        names.add(name);
        test(name, { timeout: TIMEOUT_MS }, async (t) => {
          await run(t, ({ udp, limits, ...options }) =>
            startPlane(t, { engine: kind, binds: [ANY_UDP_PORT], ...options, limits: udpLimits(limits, udp) }),
          );
        });
      };
      for (const [theme, cases] of Object.entries(THEMES)) suite(theme, () => cases(check));
    });
  }
}
