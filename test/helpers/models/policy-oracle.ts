import assert from 'node:assert/strict';

import type { Cause } from '../../../src/core/cause.ts';
import type { DialFailure, PairEnd } from '../../../src/core/engine.ts';
import type { ServerSpec } from '../../../src/data/protocol/messages.ts';
import { ThreadLedger } from '../../../src/ledger/thread-ledger.ts';
import { clientAddressText } from '../../../src/wire/client-address.ts';
import { FakeEngine, FakePair } from '../fakes/fake-engine.ts';
import { expectedCause } from '../rigs/ends.ts';
import { type FakeBackend, fronting, ledgerFor } from '../rigs/frontend.ts';
import { addressesDialled, ForgetfulAddresses } from './forgetful-addresses.ts';

export interface Rules {
  readonly backends: readonly FakeBackend[];
  readonly maxConnections: number;
  readonly retries: number;
  readonly connectTimeoutMs: number;
  readonly balance: ServerSpec['balance'];
}

export interface Act {
  readonly do: 'accept' | 'deny' | 'connect' | 'fail' | 'move' | 'end' | 'cut' | 'wait';
  readonly thread: number;
  readonly pick: number;
}

const FAILURES = ['refused', 'unreachable', 'timeout', 'exhausted'] as const satisfies readonly DialFailure[];
const CONNECT_CAUSES = { refused: 'SC', unreachable: 'SC', timeout: 'sC', exhausted: 'RC' } as const;
const SIDE_ENDS = ['reset', 'idle', 'fin', 'dead'] as const;
const ENDS = ['finished', ...SIDE_ENDS.flatMap((end) => [`client-${end}`, `backend-${end}`] as const)] as const;
/** By end, while data flowed and after the backend had finished. */
const DENIED_IP = '198.51.100.1';
const BANNED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, 1);
const ACCESS = { defaultAllow: true, rules: [{ allow: false, base: BANNED, bits: 128 }] };

/** What the oracle knows of one connection. */
interface Known {
  readonly pair: FakePair;
  readonly thread: number;
  isIn: boolean;
  /** The backend whose place it holds. */
  slot: number | undefined;
  /** One of its backend's addresses failed for want of something of this host. */
  isExhausted: boolean;
  electedAt: number;
  readonly tried: number[];
  isConnected: boolean;
  cause: Cause | undefined;
  bytes: [rx: number, tx: number];
}

/** Two threads of one server whose pairs do what a test says, and an independent idea of what the policy has to do. */
export class World {
  readonly #rules: Rules;
  readonly #engine = new FakeEngine();
  readonly #ledger;
  readonly #threads;
  readonly #open: Known[] = [];
  readonly #ended: Known[] = [];
  #accepted = 0;
  #retried = 0;

  constructor(rules: Rules) {
    this.#rules = rules;
    this.#ledger = ledgerFor(rules.backends.length);
    const { backends, balance, maxConnections, retries, connectTimeoutMs } = rules;
    const limits = { maxConnections, retries, connectTimeoutMs };
    this.#threads = [0, 1].map((thread) =>
      fronting({
        backends,
        balance,
        limits,
        access: ACCESS,
        ledger: this.#ledger,
        thread,
        engine: this.#engine,
        silent: new ForgetfulAddresses(),
      }),
    );
  }

  play(act: Act): void {
    const { thread, pick } = act;
    switch (act.do) {
      case 'accept':
        return this.#accept(thread, `192.0.2.${pick % 250}`);
      case 'deny':
        return this.#accept(thread, DENIED_IP);
      case 'connect':
        return this.#on('dialling', pick, (known) => {
          known.isConnected = true;
          known.pair.connects();
        });
      case 'fail':
        return this.#on('dialling', pick, (known) => this.#fail(known, FAILURES[pick % FAILURES.length]!));
      case 'move':
        return this.#on('relaying', pick, ({ pair, bytes }) => {
          bytes[0] += pick;
          bytes[1] += 7;
          pair.moves(pick, 7);
        });
      case 'end':
        return this.#end(this.#open[pick % Math.max(1, this.#open.length)], pick);
      case 'cut':
        for (const known of this.#open) if (known.thread === thread) known.cause ??= known.isConnected ? 'KD' : 'KC';
        return this.#threads[thread]?.frontend.cut();
      case 'wait':
        return this.#engine.clock.advance(pick % 12);
      default:
        return act.do satisfies never;
    }
  }

  /** Ends all that is open. */
  finish(): void {
    while (this.#open.length > 0) this.#end(this.#open[0], this.#open.length);
  }

  /** Takes a place that nobody will give back. */
  leak(): void {
    new ThreadLedger(this.#ledger.open(2)).enterBackend(0, 0);
  }

  check(): void {
    const { maxConnections, backends } = this.#rules;
    const isIn = this.#open.filter((known) => known.isIn).length;
    assert.equal(this.#ledger.serverActive(), isIn);
    assert.ok(maxConnections === 0 || isIn <= maxConnections);
    for (const [slot, { maxConnections: limit = 0 }] of backends.entries()) {
      const active = this.#open.filter((known) => known.slot === slot).length;
      assert.equal(this.#ledger.active(slot), active);
      assert.ok(limit === 0 || active <= limit);
    }
    const { causes, accepted, retried } = this.#ledger.serverTotals();
    const ended = Object.values(causes).reduce((sum, count) => sum + count, 0);
    assert.deepEqual([accepted, retried, ended], [this.#accepted, this.#retried, this.#ended.length]);
  }

  /** The access log says of each connection what the oracle knows. */
  checkFinished(): void {
    const entries = this.#threads.flatMap((front) => front.entries());
    const said = entries.map(({ client, backend, tried, cause, rxBytes, txBytes }) =>
      JSON.stringify([client, backend, tried, cause, rxBytes, txBytes]),
    );
    const known = this.#ended.map(({ pair, slot, isConnected, tried, cause, bytes }) =>
      JSON.stringify([
        clientAddressText(pair.clientAddress),
        isConnected ? `b${slot}:80` : null,
        tried.map((one) => `b${one}:80`),
        cause,
        ...bytes,
      ]),
    );
    assert.deepEqual(said.sort(), known.sort());
    const { causes } = this.#ledger.serverTotals();
    for (const [cause, count] of Object.entries(causes)) {
      assert.equal(count, this.#ended.filter((one) => one.cause === cause).length, cause);
    }
  }

  #accept(thread: number, ip: string): void {
    this.#accepted += 1;
    const pair = new FakePair(ip, this.#accepted);
    const electedAt = this.#engine.now();
    const known: Known = {
      pair,
      thread,
      isIn: false,
      slot: undefined,
      isExhausted: false,
      electedAt,
      tried: [],
      isConnected: false,
      cause: undefined,
      bytes: [0, 0],
    };
    const { maxConnections, backends } = this.#rules;
    const isFull = maxConnections > 0 && this.#open.filter((one) => one.isIn).length >= maxConnections;
    const free = this.#free(known);
    this.#threads[thread]?.accept(pair);
    this.#open.push(known);
    if (ip === DENIED_IP) known.cause = 'PR';
    else if (isFull) known.cause = 'PC';
    else {
      known.isIn = true;
      if (!this.#elected(known, free)) known.cause = backends.length === 0 ? 'SC' : 'PC';
    }
    assert.equal(pair.endedBy, known.cause === undefined ? undefined : 'close');
  }

  #fail(known: Known, failure: DialFailure): void {
    const { retries, backends, connectTimeoutMs } = this.#rules;
    const { pair, slot = -1 } = known;
    const isLate = connectTimeoutMs > 0 && this.#engine.now() >= known.electedAt + connectTimeoutMs;
    const dialled = addressesDialled(pair);
    const hasNext = dialled < (backends[slot]?.addresses ?? 1);
    known.isExhausted ||= failure === 'exhausted';
    if ((hasNext && !isLate) || pair.underWay.length > 1) {
      const expected = dialled + (hasNext && !isLate ? 1 : 0);
      pair.fails(failure);
      assert.deepEqual([pair.state, pair.dials.at(-1)], ['dialling', `10.0.0.${expected}:${8_000 + slot}`]);
      return;
    }
    const last = known.isExhausted ? 'exhausted' : failure;
    known.slot = undefined;
    known.tried.push(slot);
    const free = known.tried.length > retries ? [] : this.#free(known);
    pair.fails(failure);
    if (this.#elected(known, free)) this.#retried += 1;
    else known.cause = CONNECT_CAUSES[last];
    assert.equal(pair.endedBy, known.cause === undefined ? undefined : 'close');
  }

  /** Those it may go to: untried, with room, and of the lowest priority that has any. */
  #free(known: Known): readonly number[] {
    const free = [...this.#rules.backends.entries()].filter(([slot, { maxConnections = 0 }]) => {
      const active = this.#open.filter((one) => one.slot === slot).length;
      return !known.tried.includes(slot) && (maxConnections === 0 || active < maxConnections);
    });
    const lowest = Math.min(...free.map(([, { priority = 1 }]) => priority));
    return free.filter(([, { priority = 1 }]) => priority === lowest).map(([slot]) => slot);
  }

  /** Notes whom the policy has dialled. @returns false when there was nobody to dial */
  #elected(known: Known, free: readonly number[]): boolean {
    const { pair } = known;
    assert.equal(pair.state === 'dialling', free.length > 0, `free: ${free.join()}, pair: ${pair.state}`);
    if (free.length === 0) return false;
    const [host, port] = pair.dials.at(-1)!.split(':');
    known.slot = Number(port) - 8_000;
    known.isExhausted = false;
    known.electedAt = this.#engine.now();
    assert.equal(host, '10.0.0.1');
    assert.ok(free.includes(known.slot), `${known.slot} of ${free.join()}`);
    return true;
  }

  #end(known: Known | undefined, pick: number): void {
    if (known === undefined || known.pair.state === 'dialled') return;
    const { pair, isConnected } = known;
    const hadFinished = isConnected && pick % 2 === 0;
    const end: PairEnd = isConnected ? ENDS[pick % ENDS.length]! : 'client-reset';
    if (known.cause === 'KD' && hadFinished) known.cause = 'KL';
    known.cause ??= isConnected ? expectedCause(end, hadFinished) : 'CC';
    this.#open.splice(this.#open.indexOf(known), 1);
    this.#ended.push(known);
    pair.ends(pair.state === 'ending' ? 'cut' : end, hadFinished);
    assert.equal(new Set(known.tried).size, known.tried.length);
  }

  #on(state: FakePair['state'], pick: number, run: (known: Known) => void): void {
    const those = this.#open.filter(({ pair }) => pair.state === state);
    if (those.length > 0) run(those[pick % those.length]!);
  }
}
