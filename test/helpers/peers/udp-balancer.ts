import type { TestContext } from 'node:test';

import { serverToml, startTslb, type Tslb } from '../processes/cli.ts';

export interface UdpSettings {
  readonly engine: string;
  /** Of the table `udp`. */
  readonly udp?: Readonly<Record<string, number | string>>;
}

/** A file with one server `udp`, which takes its backends in turn. */
export function udpToml(backends: readonly string[], { engine, udp = {} }: UdpSettings, bind = '127.0.0.1:0'): string {
  const keys = { bind, engine, protocol: 'udp', balance: 'roundrobin', client_idle_timeout: '90s' };
  const table = Object.entries(udp).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
  return `${serverToml('udp', backends, keys)}[servers.udp.udp]\n${table.join('')}`;
}

/** A balancer with one server of UDP. @returns it, and its port */
export async function startUdp(
  t: TestContext,
  backends: readonly { readonly address: string }[],
  settings: UdpSettings,
): Promise<{ readonly running: Tslb; readonly port: number }> {
  const list = backends.map(({ address }) => address);
  const running = await startTslb(t, udpToml(list, settings));
  return { running, port: running.at('udp').port };
}

/** How often each stands there: `a 2, b 1`. */
export function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const entries = [...counts].sort(([one], [other]) => one.localeCompare(other));
  return entries.map(([name, count]) => `${name} ${count}`).join(', ') || 'nothing';
}
