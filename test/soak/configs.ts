import { networkInterfaces } from 'node:os';
import { balancers } from '../../src/balance/registry.ts';
import { kindsOf } from '../../src/config/kind.ts';
import type { EngineKind } from '../../src/core/engine.ts';
import type { Random } from '../../src/core/random.ts';
import { serverToml } from '../helpers/cli.ts';
import { between, happens, oneOf } from './chance.ts';

/** Longer than a client waits for anything, so that they run but never end a connection. */
const IDLE_TIMEOUT = '2m';

/** One for each thread while a listener belongs to one; where there is no IPv6, clients of two would look alike. */
const BINDS = hasIpv6() ? ['127.0.0.1:0', '[::1]:0'] : ['127.0.0.1:0'];

export interface ConfigOptions {
  readonly engine: EngineKind;
  readonly backends: readonly string[];
}

export interface SoakConfig {
  readonly toml: string;
  /** Whether clients may be turned away. */
  readonly hasLimits: boolean;
}

/** All backends, without limits. */
export function plainConfig({ engine, backends }: ConfigOptions): SoakConfig {
  return { toml: configOf(engine, backends, {}), hasLimits: false };
}

/** Any strategy, weights and limits; now and then without one of the backends. */
export function randomConfig({ engine, backends }: ConfigOptions, random: Random): SoakConfig {
  const left = happens(random, 0.3) ? oneOf(random, backends) : undefined;
  const hasLimits = happens(random, 0.25);
  const lines = backends
    .filter((backend) => backend !== left)
    .map((backend) => {
      const limit = hasLimits && happens(random, 0.7) ? between(random, 15, 40) : 0;
      return `${backend} weight=${between(random, 1, 5)} max_connections=${limit}`;
    });
  const toml = configOf(engine, lines, {
    balance: oneOf(random, kindsOf(balancers)),
    max_connections: hasLimits ? between(random, 50, 80) : 0,
  });
  return { toml, hasLimits };
}

function configOf(engine: EngineKind, lines: readonly string[], keys: Readonly<Record<string, unknown>>): string {
  return serverToml('soak', lines, {
    bind: BINDS,
    engine,
    client_idle_timeout: IDLE_TIMEOUT,
    backend_idle_timeout: IDLE_TIMEOUT,
    backend_connection_timeout: '10s',
    ...keys,
  });
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));
}
