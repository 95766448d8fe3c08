import type { AccessLine } from '../helpers/rigs/plane.ts';
import type { Client } from './client.ts';
import type { Plan } from './plan.ts';
import { FATES, judge, type Circumstances, type Fate } from './verdict.ts';

/** More of them say nothing new. */
const MOST_FAULTS = 20;

/** An accept is no further from its connect; a port comes to another client only later. */
const MOST_APART_MS = 5_000;

/** A client, and what the access log says of it, when that has come. */
interface Entry {
  readonly client: Client;
  line: AccessLine | undefined;
}

/** Brings the clients of a run together with their lines in the access log, and judges each pair. */
export class Journal {
  readonly fates: Record<Fate, number>;
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
  readonly #circumstances: Circumstances;
  /** By the client's name, which is an address that comes to other clients later. */
  readonly #entries = new Map<string, Entry[]>();
  /** Reset before they noticed their connect, and so without a name. */
  readonly #nameless: Client[] = [];
  /** Lines whose client is not known yet. */
  readonly #strayLines: AccessLine[] = [];

  constructor(circumstances: Circumstances) {
    this.#circumstances = circumstances;
    this.fates = Object.fromEntries(FATES.map((fate) => [fate, 0])) as Record<Fate, number>;
  }

  /** A client has been connected, and has its name. */
  connected(client: Client): void {
    const entries = this.#entries.get(client.name) ?? [];
    entries.push({ client, line: undefined });
    this.#entries.set(client.name, entries);
  }

  /** A client's socket is closed. */
  ended(client: Client): void {
    this.clients += 1;
    if (client.name === '') this.#nameless.push(client);
    else this.#judgeIfComplete(this.#entries.get(client.name)?.find((entry) => entry.client === client));
  }

  logged(line: AccessLine): void {
    this.lines += 1;
    this.rxBytes += line.rxBytes;
    this.txBytes += line.txBytes;
    this.causes[line.cause] = (this.causes[line.cause] ?? 0) + 1;
    const entry = nearest(this.#entries.get(line.client) ?? [], startOf(line));
    if (entry === undefined) {
      this.#strayLines.push(line);
      return;
    }
    entry.line = line;
    this.#judgeIfComplete(entry);
  }

  /** Everything has ended and was logged: judges what has found no other half. */
  close(): void {
    for (const line of this.#strayLines.splice(0).sort(byTime)) this.#findClient(line);
    for (const { client } of [...this.#entries.values()].flat()) this.#unheard(client);
    for (const client of this.#nameless) this.#unheard(client);
  }

  /** For a line that was told before its client noticed its connect, or whose client never did. */
  #findClient(line: AccessLine): void {
    const entry = nearest(this.#entries.get(line.client) ?? [], startOf(line));
    const leaver = firstToEnd(this.#nameless.filter((client) => isWithin(client, Date.parse(line.time))));
    if (entry !== undefined) {
      entry.line = line;
      this.#judgeIfComplete(entry);
    } else if (leaver !== undefined) {
      this.#nameless.splice(this.#nameless.indexOf(leaver), 1);
      this.#judge(leaver, line);
    } else this.#fault(`nobody's line: ${JSON.stringify(line)}`);
  }

  #unheard(client: Client): void {
    this.unlogged.push(client.plan);
    this.#judge(client, undefined);
  }

  #judgeIfComplete(entry: Entry | undefined): void {
    if (entry?.line === undefined || !entry.client.isClosed) return;
    const { client, line } = entry;
    const others = (this.#entries.get(client.name) ?? []).filter((other) => other !== entry);
    if (others.length > 0) this.#entries.set(client.name, others);
    else this.#entries.delete(client.name);
    this.#judge(client, line);
  }

  #judge(client: Client, line: AccessLine | undefined): void {
    const { fate, fault } = judge(client, line, this.#circumstances);
    if (fate !== undefined) this.fates[fate] += 1;
    if (client.isHung) this.hangs += 1;
    if (fault === undefined) return;
    this.#fault(`client ${client.plan.index} ${fault}\n  ${JSON.stringify(client.plan)}\n  ${JSON.stringify(line)}`);
  }

  #fault(text: string): void {
    this.faultCount += 1;
    if (this.faults.length < MOST_FAULTS) this.faults.push(text);
  }
}

/** Of those that have no line yet, the one that began nearest to it. */
function nearest(entries: readonly Entry[], start: number): Entry | undefined {
  const distance = ({ client }: Entry) => Math.abs(client.startedAt - start);
  return entries
    .filter((entry) => entry.line === undefined && distance(entry) < MOST_APART_MS)
    .reduce<Entry | undefined>((best, entry) => (best && distance(best) <= distance(entry) ? best : entry), undefined);
}

function firstToEnd(clients: readonly Client[]): Client | undefined {
  return clients.reduce<Client | undefined>(
    (first, client) => (first && first.endedAt <= client.endedAt ? first : client),
    undefined,
  );
}

function byTime(one: AccessLine, other: AccessLine): number {
  return Date.parse(one.time) - Date.parse(other.time);
}

function startOf({ time, totalMs }: AccessLine): number {
  return Date.parse(time) - totalMs;
}

/** Its end comes to it a moment after it was logged. */
function isWithin({ startedAt, endedAt }: Client, time: number): boolean {
  return time >= startedAt - 1 && time <= endedAt + 1;
}
