import type { AccessLine } from '../helpers/rigs/plane.ts';
import type { Client } from './client.ts';
import { isAcceptOf, pairInOrder } from './pairing.ts';
import type { Plan } from './plan.ts';
import type { Verdict } from './verdict.ts';

/** More of them say nothing new. */
const MOST_FAULTS = 20;

const INEXACT_MS = 3;

/** In the access log, where the system had forgotten the client's address. */
const NO_ADDRESS = '-';

/** What a journal knows of a client. */
type Visitor = Pick<Client, 'name' | 'plan' | 'startedAt' | 'endedAt' | 'isClosed' | 'isHung'>;

/** Compares what a client saw with what the balancer says of it. @param line absent when the access log has none */
type Judge<Each> = (client: Each, line: AccessLine | undefined) => Verdict;

/** Clients of one address and port, one after the other, and lines of such, that have not been brought together yet. */
interface Port<Each> {
  readonly clients: Each[];
  readonly lines: AccessLine[];
}

/** Brings the clients of a run together with their lines in the access log, by port and time, and judges each pair. */
export class Journal<Each extends Visitor = Client> {
  readonly fates: Record<string, number> = {};
  readonly causes: Record<string, number> = {};
  /** What went wrong; the first ones. */
  readonly faults: string[] = [];
  faultCount = 0;
  hangs = 0;
  /** Of clients that the balancer says nothing of in the end. */
  readonly unlogged: Plan[] = [];
  clients = 0;
  lines = 0;
  /** Sums over the lines. */
  rxBytes = 0;
  txBytes = 0;
  readonly #judge: Judge<Each>;
  /** By the client's name. */
  readonly #ports = new Map<string, Port<Each>>();
  /** Reset before they noticed their connect, and so without a name. */
  readonly #nameless: Each[] = [];
  /** When connects began that failed, of which there is no client: the balancer may have accepted one. */
  readonly #unconnected: number[] = [];

  constructor(judge: Judge<Each>) {
    this.#judge = judge;
  }

  /** A client has been connected, and has its name. */
  connected(client: Each): void {
    this.#port(client.name).clients.push(client);
  }

  /** A connect has failed. */
  unconnected(startedAt: number): void {
    this.#unconnected.push(startedAt);
  }

  /** A client's socket is closed. */
  ended(client: Each): void {
    this.clients += 1;
    if (client.name === '') this.#nameless.push(client);
    else this.#pairIfSure(client.name);
  }

  logged(line: AccessLine): void {
    this.lines += 1;
    this.rxBytes += line.rxBytes;
    this.txBytes += line.txBytes;
    this.causes[line.cause] = (this.causes[line.cause] ?? 0) + 1;
    this.#port(line.client).lines.push(line);
    this.#pairIfSure(line.client);
  }

  /** Everything has ended and was logged: judges what is left. */
  close(): void {
    const lines: AccessLine[] = [];
    const clients = [...this.#nameless];
    for (const port of this.#ports.values()) {
      const rest = this.#pair(port);
      lines.push(...rest.lines);
      clients.push(...rest.clients);
    }
    this.#ports.clear();
    // Those without an address may be of any client: they take what the others leave.
    const withAddress = lines.filter(({ client }) => client !== NO_ADDRESS).sort(byStart);
    const withoutAddress = lines.filter(({ client }) => client === NO_ADDRESS).sort(byStart);
    for (const line of [...withAddress, ...withoutAddress]) {
      const client = whose(line, clients);
      if (client !== undefined) this.#record(clients.splice(clients.indexOf(client), 1)[0]!, line);
      else if (!this.#isOfUnconnected(line)) this.#fault(`nobody's line: ${JSON.stringify(line)}`);
    }
    for (const client of clients) this.#record(client, undefined);
  }

  #port(name: string): Port<Each> {
    const port = this.#ports.get(name) ?? { clients: [], lines: [] };
    this.#ports.set(name, port);
    return port;
  }

  /** Any line may still come that is older than those that have, unless each line lies within its client's time. */
  #pairIfSure(name: string): void {
    const port = this.#port(name);
    const lines = port.lines.sort(byStart);
    const isSure =
      port.clients.length === lines.length &&
      port.clients.every((client, index) => client.isClosed && isWithin(client, startOf(lines[index]!)));
    if (!isSure) return;
    this.#ports.delete(name);
    port.clients.forEach((client, index) => this.#record(client, lines[index]));
  }

  /** @returns what has no other half */
  #pair({ clients, lines }: Port<Each>): Port<Each> {
    lines.sort(byStart);
    const { lineOf, strays } = pairInOrder(
      clients.map(({ startedAt }) => startedAt),
      lines.map(startOf),
    );
    clients.forEach((client, index) => {
      const line = lines[lineOf[index] ?? -1];
      if (line !== undefined) this.#record(client, line);
    });
    return {
      clients: clients.filter((_, index) => lineOf[index] === undefined),
      lines: strays.map((index) => lines[index]!),
    };
  }

  #isOfUnconnected(line: AccessLine): boolean {
    const index = this.#unconnected.findIndex((startedAt) => isAcceptOf(startedAt, startOf(line)));
    if (index >= 0) this.#unconnected.splice(index, 1);
    return index >= 0;
  }

  #record(client: Each, line: AccessLine | undefined): void {
    if (line === undefined) this.unlogged.push(client.plan);
    const { fate, fault } = this.#judge(client, line);
    if (fate !== undefined) this.fates[fate] = (this.fates[fate] ?? 0) + 1;
    if (client.isHung) this.hangs += 1;
    if (fault === undefined) return;
    this.#fault(`client ${client.plan.index} ${fault}\n  ${JSON.stringify(client.plan)}\n  ${JSON.stringify(line)}`);
  }

  #fault(text: string): void {
    this.faultCount += 1;
    if (this.faults.length < MOST_FAULTS) this.faults.push(text);
  }
}

/**
 * One that was reset before its connect was noticed: by the client, or by the balancer, which has no address then. Of several
 * the one that ended at about that time; or, without an address, the one that came first: the nearest one may be the next
 * line's, whose own is then the one after that, and so on until the last line has none.
 */
function whose<Each extends Visitor>(line: AccessLine, clients: readonly Each[]): Each | undefined {
  const time = Date.parse(line.time);
  const rank = ({ startedAt, endedAt }: Each) => (line.client === NO_ADDRESS ? startedAt : Math.abs(endedAt - time));
  return clients
    .filter(({ name, plan }) => (name === '' ? mayComeFrom(plan, line) : line.client === NO_ADDRESS))
    .filter(({ startedAt }) => isAcceptOf(startedAt, startOf(line)))
    .reduce<Each | undefined>((best, client) => (best && rank(best) <= rank(client) ? best : client), undefined);
}

/** Of a client without a name; its plan has its address where that is one of the loopback network of IPv4. */
function mayComeFrom({ from }: Plan, { client }: AccessLine): boolean {
  return !client.startsWith('127.') || client.startsWith(`${from}:`);
}

function byStart(one: AccessLine, other: AccessLine): number {
  return startOf(one) - startOf(other);
}

function startOf({ time, totalMs }: AccessLine): number {
  return Date.parse(time) - totalMs;
}

/** Whether a line that was accepted then can be no other client's; times are told to the millisecond, by two processes. */
function isWithin({ startedAt, endedAt }: Visitor, accept: number): boolean {
  return accept >= startedAt - INEXACT_MS && accept <= endedAt + INEXACT_MS;
}
