import { networkInterfaces } from 'node:os';
import { balancers } from '../../src/balance/registry.ts';
import { kindsOf } from '../../src/config/schema/kind.ts';
import type { Cause } from '../../src/core/cause.ts';
import type { Random } from '../../src/core/random.ts';
import type { EngineKind } from '../../src/data/engines/registry.ts';
import { serverToml } from '../helpers/processes/cli.ts';
import { between, happens, oneOf } from './chance.ts';
import { backendLines, causesOf, featuresOf, serverKeys, serverTables } from './features.ts';

/** Longer than a client waits for anything, so that they run but never end a connection. */
const IDLE_TIMEOUT = '2m';

/** One for each thread while a listener belongs to one; where there is no IPv6, clients of two would look alike. */
const BINDS = hasIpv6() ? ['127.0.0.1:0', '[::1]:0'] : ['127.0.0.1:0'];

export interface ConfigOptions {
  readonly engine: EngineKind;
  readonly backends: readonly string[];
  /** Where each of them can be asked how it is. */
  readonly checkPort: number;
}

export interface SoakConfig {
  readonly toml: string;
  /** Why it may close clients. */
  readonly causes: ReadonlySet<Cause>;
  /** The most connections that a backend may have; of those that are limited. */
  readonly limits: ReadonlyMap<string, number>;
}

/** All backends, without limits. */
export function plainConfig({ engine, backends }: ConfigOptions): SoakConfig {
  return { toml: configOf(engine, backends, {}), causes: new Set(), limits: new Map() };
}

/** Any strategy, weights, limits, checks and so on; now and then without one of the backends. */
export function randomConfig({ engine, backends, checkPort }: ConfigOptions, random: Random): SoakConfig {
  const left = happens(random, 0.3) ? oneOf(random, backends) : undefined;
  const features = featuresOf(random);
  const listed = backends.filter((backend) => backend !== left);
  const { lines, limits } = backendLines(listed, features, random);
  const toml = configOf(engine, lines, {
    balance: oneOf(random, kindsOf(balancers)),
    ...serverKeys(features, random),
  });
  const causes = causesOf(features);
  const tables = Object.entries(serverTables(features, random)).map(([name, keys]) => tableToml(name, keys));
  const checks = features.has('checks') ? [checkToml(checkPort, random)] : [];
  return { toml: [toml, ...tables, ...checks].join(''), causes, limits };
}

function checkToml(port: number, random: Random): string {
  const keys = {
    port,
    interval: `${between(random, 100, 400)}ms`,
    timeout: '1s',
    fails: between(random, 1, 3),
    passes: between(random, 1, 3),
    initial_status: oneOf(random, ['healthy', 'unhealthy']),
    ...oneOf<object>(random, [{ kind: 'ping' }, { kind: 'probe', probe_protocol: 'tcp', probe_recv: 'WELL' }]),
  };
  return tableToml('healthcheck', keys);
}

function tableToml(name: string, keys: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(keys).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return [`[servers.soak.${name}]`, ...lines, ''].join('\n');
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
