import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { runTool } from '../../../scripts/bench/tools.ts';
import { filesFolderOf, inNetns, removeNamespace, throughNetns } from './names.ts';
import type { Port } from './port.ts';

/** Both firewalls: what is said to one is said to the other. */
const FIREWALLS = ['iptables', 'ip6tables'] as const;

export interface HostAddresses {
  readonly ip: string;
  readonly ipv6: string;
}

/** A host of a test's network: a network namespace with an interface `eth0`, in which programs run. */
export class Host {
  readonly ip: string;
  readonly ipv6: string;
  readonly netns: string;
  readonly #port: Port;

  /** @param port where its cable ends */
  constructor(netns: string, { ip, ipv6 }: HostAddresses, port: Port) {
    this.netns = netns;
    this.ip = ip;
    this.ipv6 = ipv6;
    this.#port = port;
  }

  /** What comes before a command that is to run in it. */
  get through(): readonly string[] {
    return throughNetns(this.netns);
  }

  /** Connects it, and gives it its addresses. */
  async start(): Promise<void> {
    await runTool('ip', ['netns', 'add', this.netns]);
    await this.#port.connect(this.netns);
    await this.sysctl('net/ipv4/conf/eth0/promote_secondaries', 1);
    await this.sysctl('net/ipv6/conf/eth0/keep_addr_on_down', 1);
    await this.sysctl('net/ipv6/conf/eth0/accept_dad', 0);
    await this.ipTool('link set lo up');
    await this.addAddress(`${this.ip}/24`);
    await this.addAddress(`${this.ipv6}/64`);
    await this.ipTool('link set eth0 up');
  }

  /** Ends what runs in it. */
  async stop(): Promise<void> {
    await removeNamespace(this.netns);
  }

  /** Runs a tool in it to its end. @returns what it printed @throws Error with that, when it fails */
  async run(tool: string, args: readonly string[]): Promise<string> {
    return inNetns(this.netns, tool, args);
  }

  /** Starts a Node program of the tests in it, with an IPC channel. The caller ends it; at the latest, the network does. */
  fork(program: string, args: readonly string[] = []): ChildProcess {
    const [ip = '', ...rest] = this.through;
    return fork(program, args, { execPath: ip, execArgv: [...rest, process.execPath] });
  }

  /** No packet reaches it or leaves it any more, and nobody is told: as when the power fails. */
  async vanish(): Promise<void> {
    await this.#port.silence();
  }

  async comeBack(): Promise<void> {
    await this.#port.endSilence();
  }

  /** Pulls its cable: neighbours look for it in vain, so that they get EHOSTUNREACH after a while. */
  async unplug(): Promise<void> {
    await this.#port.set('down');
  }

  async plug(): Promise<void> {
    await this.#port.set('up');
  }

  /** Loses a share of the packets that come, at random, until `deliver`. @param share from 0 to 1 */
  async lose(share: number): Promise<void> {
    await this.firewall(['-A', 'INPUT', ...lossOf(share)]);
  }

  async deliver(share: number): Promise<void> {
    await this.firewall(['-D', 'INPUT', ...lossOf(share)]);
  }

  /** Its firewall rejects connects with an ICMP answer, to one port or to all. */
  async reject(port?: number): Promise<void> {
    await this.firewall(['-A', 'INPUT', ...rejectionOf(port)]);
  }

  async accept(port?: number): Promise<void> {
    await this.firewall(['-D', 'INPUT', ...rejectionOf(port)]);
  }

  /** Ports that the kernel gives to sockets which connect; 32768 to 60999 unless said. Both are included. */
  async localPorts(first: number, last: number): Promise<void> {
    await this.sysctl('net/ipv4/ip_local_port_range', `${first} ${last}`);
  }

  /** Sets a value that each namespace has for itself. @param path below /proc/sys */
  async sysctl(path: string, value: string | number): Promise<void> {
    await this.run('sh', ['-c', `echo "${value}" > /proc/sys/${path}`]);
  }

  /** @param address with the length of its prefix */
  async addAddress(address: string): Promise<void> {
    await this.ipTool(`address add ${address} dev eth0${address.includes(':') ? ' nodad' : ''}`);
  }

  /** Other addresses of the same network stay. */
  async removeAddress(address: string): Promise<void> {
    await this.ipTool(`address del ${address} dev eth0`);
  }

  /** Changes what programs that start in it from now on find as a file of /etc; running ones see a change of its text. */
  etc(file: string, text: string): void {
    mkdirSync(filesFolderOf(this.netns), { recursive: true });
    writeFileSync(join(filesFolderOf(this.netns), file), text);
  }

  /** Says it to the firewalls of IPv4 and IPv6. */
  async firewall(args: readonly string[]): Promise<void> {
    for (const tool of FIREWALLS) await this.run(tool, ['--wait', ...args]);
  }

  async ipTool(args: string): Promise<string> {
    return runTool('ip', ['-netns', this.netns, ...args.split(' ')]);
  }
}

function lossOf(share: number): readonly string[] {
  return ['!', '-i', 'lo', '-m', 'statistic', '--mode', 'random', '--probability', String(share), '-j', 'DROP'];
}

function rejectionOf(port: number | undefined): readonly string[] {
  const where = port === undefined ? [] : ['--dport', String(port)];
  return ['!', '-i', 'lo', '-p', 'tcp', ...where, '--syn', '-j', 'REJECT'];
}
