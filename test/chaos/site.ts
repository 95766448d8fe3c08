import type { TestContext } from 'node:test';

import type { Host } from '../helpers/netns/host.ts';
import { startNetwork, type Network } from '../helpers/netns/network.ts';
import { socketsOf, type HostSockets } from '../helpers/netns/sockets.ts';
import { Backend } from '../soak/backend.ts';
import { startNameServer, type NameServer } from './name-server.ts';
import { PLACES, type Subject } from './schedule.ts';

export const PORT = 8001;
const CHECK_PORT = 9001;
const ANY_ADDRESS = '0.0.0.0';

/** How the last byte of a backend's second address differs from that of its first. */
const MOVED = 100;

/** A backend, alone on a host that has two addresses in turn. */
export interface BackendHost {
  readonly host: Host;
  readonly backend: Backend;
  /** Its host's, which the name server knows. */
  readonly name: string;
  /** The one that it has now. */
  ip: string;
}

export interface ClientHost {
  readonly host: Host;
  readonly sockets: HostSockets;
}

/** Hosts on one Ethernet: a balancer, its backends, their name server, and clients. */
export interface Site {
  readonly balancer: Host;
  /** Those of other programs there. */
  readonly balancerSockets: HostSockets;
  readonly backends: readonly BackendHost[];
  readonly names: NameServer;
  readonly clients: readonly ClientHost[];
  /** Bytes that came differently at a backend. */
  readonly faults: readonly string[];
}

/** Built and running but for the balancer; gone at the end of the test. */
export async function buildSite(t: TestContext): Promise<Site> {
  const network = await startNetwork(t);
  const faults: string[] = [];
  const names = await startNameServer(await network.host('names'));
  t.after(() => names.stop());
  const backends: BackendHost[] = [];
  while (backends.length < PLACES.backend) {
    const each = await backendHost(network, backends.length, (fault) => void faults.push(fault));
    t.after(() => each.backend.kill());
    await names.set(each.name, each.ip);
    backends.push(each);
  }
  const clients: ClientHost[] = [];
  while (clients.length < PLACES.client) clients.push(await clientHost(t, network, clients.length));
  const balancer = await network.host('balancer');
  balancer.etc('resolv.conf', `nameserver ${names.host.ip}\noptions timeout:1 attempts:2\n`);
  return { balancer, balancerSockets: socketsOf(t, balancer), backends, names, clients, faults };
}

/** The host of a subject. */
export function hostOf({ balancer, backends, names, clients }: Site, subject: Subject): Host {
  const [place, number] = subject.split(' ');
  if (place === 'balancer') return balancer;
  if (place === 'names') return names.host;
  return (place === 'backend' ? backends : clients)[Number(number)]!.host;
}

/** Gives a backend's host its other address, instead of the one that it has; the name server is not told. */
export async function move(each: BackendHost): Promise<void> {
  const { host, ip } = each;
  each.ip = ip === host.ip ? otherAddress(host.ip) : host.ip;
  await host.addAddress(`${each.ip}/24`);
  await host.removeAddress(`${ip}/24`);
}

function otherAddress(ip: string): string {
  return ip.replace(/\d+$/, (last) => String(Number(last) + MOVED));
}

async function backendHost(network: Network, number: number, onFault: (fault: string) => void): Promise<BackendHost> {
  const host = await network.host(`backend${number}`);
  const name = `backend${number}.test`;
  const backend = new Backend(
    { key: `${name}:${PORT}`, ip: ANY_ADDRESS, port: PORT, checkPort: CHECK_PORT, speaksFirst: number % 2 === 1 },
    { onFault, fork: (program, args) => host.fork(program, args) },
  );
  await backend.start();
  return { host, backend, name, ip: host.ip };
}

/** Clients that soon notice that their connection is gone, as those that wait for bytes must. */
async function clientHost(t: TestContext, network: Network, number: number): Promise<ClientHost> {
  const host = await network.host(`client${number}`);
  await host.sysctl('net/ipv4/tcp_keepalive_time', 1);
  await host.sysctl('net/ipv4/tcp_keepalive_intvl', 1);
  await host.sysctl('net/ipv4/tcp_keepalive_probes', 30);
  return { host, sockets: socketsOf(t, host) };
}
