import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { ALLOW_ALL, type AccessRules } from '../../../src/access/rules.ts';
import type { BalanceKind } from '../../../src/balance/registry.ts';
import type { SocketAddress } from '../../../src/core/address.ts';
import type { Limits } from '../../../src/core/limits.ts';
import type { Candidate, Snapshot } from '../../../src/core/snapshot.ts';
import type { ServerTotals } from '../../../src/core/totals.ts';
import type { EngineKind } from '../../../src/data/engines/registry.ts';
import { DataPlane, type Deployment, type Observe } from '../../../src/data/plane/data-plane.ts';
import type { FailureReport, LogFields, ShortageReport } from '../../../src/data/protocol/messages.ts';
import type { ClientTable } from '../../../src/ledger/client-table.ts';
import { ServerLedger } from '../../../src/ledger/server-ledger.ts';
import { connectTo, type ClientOptions, type Peer } from '../sockets/peer.ts';
import { eventually } from '../sockets/turns.ts';
import { LIMITS } from './frontend.ts';

export interface PlaneOptions {
  /** Where each backend listens; a list in a list is one backend with several addresses. */
  readonly backends: readonly (SocketAddress | readonly SocketAddress[])[];
  /** By position of the backend. */
  readonly weights?: readonly number[];
  readonly priorities?: readonly number[];
  readonly maxConnections?: readonly number[];
  /** Their server names; '' of one that has none. */
  readonly names?: readonly string[];
  /** Of every backend. */
  readonly maxFails?: number;
  /** Where clients are counted. */
  readonly clients?: ClientTable;
  readonly balance?: BalanceKind;
  readonly access?: AccessRules;
  readonly limits?: Partial<Limits>;
  readonly binds?: readonly SocketAddress[];
  readonly threads?: number;
  readonly engine?: EngineKind;
}

export interface LogRecord extends LogFields {
  readonly level: string;
  readonly message: string;
}

export interface AccessLine {
  /** Of its end, as ISO 8601. */
  readonly time: string;
  readonly server: string;
  readonly client: string;
  readonly peer?: string;
  readonly backend: string | null;
  readonly tried: readonly string[];
  readonly cause: string;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly queueMs: number;
  readonly connectMs: number;
  readonly totalMs: number;
  readonly serverActive: number;
  readonly backendActive: number;
  readonly unacknowledgedBytes?: number;
  readonly hello?: string;
  readonly sni?: string;
  readonly helloBytes?: number;
  readonly helloRecords?: number;
  readonly outcome?: string;
  readonly rxDatagrams?: number;
  readonly txDatagrams?: number;
}

const OBSERVE: Observe = { debug: false, accessLog: 'json' };
export const ANY_PORT: SocketAddress = { ip: '127.0.0.1', port: 0 };

/** One server on a real data plane, with its own worker threads, stopped at the end of the test. */
export class TestPlane {
  readonly plane: DataPlane;
  readonly ledger = new ServerLedger();
  /** Parsed lines of the access log, as they come. */
  readonly access: AccessLine[] = [];
  readonly logs: LogRecord[] = [];
  readonly failures: FailureReport[] = [];
  readonly shortages: ShortageReport[] = [];
  /** Where it listens, by bind. */
  addresses: readonly SocketAddress[] = [];
  readonly #t: TestContext;
  readonly #waiting = new Set<() => void>();
  readonly #slots: readonly number[];
  #options: PlaneOptions;
  #offered: readonly number[];
  #version = 1;
  #applied = 0;

  constructor(t: TestContext, options: PlaneOptions) {
    this.#t = t;
    this.#options = options;
    this.#slots = options.backends.map(() => this.ledger.allocate());
    this.#offered = options.backends.map((_, position) => position);
    this.plane = new DataPlane({
      threads: options.threads ?? 2,
      observe: OBSERVE,
      onLog: (level, message, fields) => {
        this.logs.push({ ...fields, level, message });
        this.#changed();
      },
      onAccessLines: (lines) => {
        for (const line of lines.trimEnd().split('\n')) this.access.push(JSON.parse(line) as AccessLine);
        this.#changed();
      },
      onApplied: (server, version) => {
        if (server === 1) this.#applied = version;
        this.#changed();
      },
      onShortage: (shortage) => {
        this.shortages.push(shortage);
        this.#changed();
      },
      onFailure: (failure) => {
        this.failures.push(failure);
        this.#changed();
      },
    });
    t.after(() => this.plane.stop());
  }

  async start(): Promise<this> {
    const listening = await this.plane.apply([this.deployment()]);
    this.addresses = listening.map(({ address }) => address);
    return this;
  }

  /** The server as it was last applied. */
  deployment(): Deployment {
    return this.#deployment(this.#options);
  }

  /** Of the first bind. */
  get address(): SocketAddress {
    const address = this.addresses[0];
    assert(address !== undefined, 'the plane was not started');
    return address;
  }

  /** @param at where, if not at the first bind */
  client({ at = this.address, ...options }: ClientOptions & { readonly at?: SocketAddress } = {}): Peer {
    return connectTo(this.#t, at, options);
  }

  /** Ledger row of a backend by its position. */
  slot(backend: number): number {
    return this.#slots[backend] ?? -1;
  }

  /** Elects from these backends (positions) from now on; resolves when the thread does. */
  async offer(backends: readonly number[]): Promise<void> {
    this.#version += 1;
    this.#offered = backends;
    this.plane.publish(1, this.#snapshot(this.#options));
    await this.until(() => this.#applied >= this.#version);
  }

  /** Changes the server in place. @returns where it listens besides @throws BindError and keeps it as it was */
  async reconfigure(change: Partial<PlaneOptions>): Promise<readonly SocketAddress[]> {
    const options = { ...this.#options, ...change };
    this.#version += 1;
    const opened = await this.plane.apply([this.#deployment(options)]);
    this.#options = options;
    // As the pool does: threads where the server only drains hear of it too.
    this.plane.publish(1, this.#snapshot(options));
    await this.until(() => this.#applied >= this.#version);
    return opened.map(({ address }) => address);
  }

  /** Removes the server: it accepts nothing more and drains. */
  async remove(): Promise<void> {
    await this.plane.apply([]);
  }

  /** Resolves when this many connections have finished. */
  async finished(count: number): Promise<readonly AccessLine[]> {
    await eventually(() => this.#ended() >= count);
    this.plane.observe(OBSERVE); // hands on what the access log has gathered
    await this.until(() => this.access.length >= count);
    return this.access;
  }

  /** As `finished`, with no more connections than these: checks that nothing was kept or counted twice. */
  async settled(count: number): Promise<readonly AccessLine[]> {
    await this.finished(count);
    assert.equal(this.access.length, count, 'lines in the access log');
    this.assertNothingOpen();
    return this.access;
  }

  /** Only one connection was made: how it ended. */
  async only(): Promise<AccessLine> {
    const [line] = await this.settled(1);
    return line as AccessLine;
  }

  /** Resolves when the server holds so many connections; nothing tells, so each turn of the loop looks again. */
  async untilActive(count: number): Promise<void> {
    await eventually(() => this.ledger.serverActive() === count);
  }

  assertNothingOpen(): void {
    const { active, accepted, noResources } = this.totals();
    assert.equal(active, 0, 'connections that the server still holds');
    assert.equal(this.#ended(), accepted + noResources, 'causes counted');
    for (const slot of this.#slots) {
      assert.equal(this.ledger.active(slot), 0, `connections that backend ${slot} still holds`);
    }
  }

  totals(): ServerTotals {
    return this.ledger.serverTotals();
  }

  /** Resolves when it holds, looking again at everything that the data plane says. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!holds()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  #ended(): number {
    return Object.values(this.totals().causes).reduce((sum, count) => sum + count, 0);
  }

  #changed(): void {
    for (const check of this.#waiting) check();
  }

  #deployment(options: PlaneOptions): Deployment {
    return {
      id: 1,
      name: 'web',
      binds: options.binds ?? [ANY_PORT],
      engine: options.engine ?? 'net',
      balance: options.balance ?? 'weight',
      access: options.access ?? ALLOW_ALL,
      limits: { ...LIMITS, ...options.limits },
      ledger: this.ledger,
      clients: options.clients,
      snapshot: this.#snapshot(options),
    };
  }

  #snapshot(options: PlaneOptions): Snapshot {
    const backends = this.#offered.map((position) => candidate(options, position, this.slot(position)));
    return { version: this.#version, backends: backends.sort((one, other) => (one.key < other.key ? -1 : 1)) };
  }
}

export async function startPlane(t: TestContext, options: PlaneOptions): Promise<TestPlane> {
  return new TestPlane(t, options).start();
}

function candidate(options: PlaneOptions, position: number, slot: number): Candidate {
  const given = options.backends[position] ?? [];
  const maxConnections = options.maxConnections?.[position] ?? 0;
  const name = options.names?.[position] ?? '';
  return {
    slot,
    key: backendName(position),
    addresses: isList(given) ? given : [given],
    weight: options.weights?.[position] ?? 1,
    priority: options.priorities?.[position] ?? 1,
    maxConnections,
    fullMaxConnections: maxConnections,
    serial: position + 1,
    maxFails: options.maxFails ?? 0,
    ...(name !== '' && { sni: [name] }),
  };
}

/** What a backend is called in the access log, by its position. */
export function backendName(position: number): string {
  return `backend-${String(position).padStart(4, '0')}:80`;
}

function isList(given: SocketAddress | readonly SocketAddress[]): given is readonly SocketAddress[] {
  return Array.isArray(given);
}
