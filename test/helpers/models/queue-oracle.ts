import assert from 'node:assert/strict';

import type { DialFailure, PairEnd } from '../../../src/core/engine.ts';
import { ClientTable } from '../../../src/ledger/client-table.ts';
import { ServerLedger } from '../../../src/ledger/server-ledger.ts';
import { ThreadLedger } from '../../../src/ledger/thread-ledger.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { addressesDialled } from './forgetful-addresses.ts';
import type { QueueAct, QueueRules } from './queue-acts.ts';
import { checkGauges, checkQueue, checkWaits } from './queue-checks.ts';
import { ModelClient } from './queue-clients.ts';
import { QueueModel } from './queue-model.ts';
import type { ModelConnection, Stage } from './queue-model-state.ts';
import { RandomPool } from './queue-pool.ts';
import { TellingPair, type Asked } from './queue-threads.ts';
import { ModelWorkers } from './queue-workers.ts';

const FAILURES = ['refused', 'unreachable', 'timeout', 'exhausted'] as const satisfies readonly DialFailure[];
const SIDE_ENDS = ['reset', 'idle', 'fin', 'dead'] as const;
const ENDS = ['finished', ...SIDE_ENDS.flatMap((end) => [`client-${end}`, `backend-${end}`] as const)] as const;
const DENIED_IP = '198.51.100.1';
const CLIENTS = ['192.0.2.1', '::ffff:192.0.2.1', '192.0.2.2', '::ffff:192.0.2.2', '192.0.2.3', '2001:db8::1'] as const;
const MOST_CLIENTS = 64;

interface Seen {
  readonly known: ModelConnection;
  readonly asked: Asked;
  readonly at: number;
}

/** Threads of one server whose pairs do what a test says, and next to them a model of what the policy has to do. */
export class World {
  readonly #clock = new FakeClock(1_000);
  readonly #ledger = new ServerLedger();
  readonly #table = new ClientTable(MOST_CLIENTS);
  readonly #rules: QueueRules;
  readonly #model: QueueModel;
  readonly #pool: RandomPool;
  readonly #workers: ModelWorkers;
  readonly #clients = new Map<string, ModelClient>();
  readonly #seen: Seen[] = [];
  #accepted = 0;

  constructor(rules: QueueRules) {
    this.#rules = rules;
    this.#model = new QueueModel(rules.balance);
    this.#pool = new RandomPool(this.#ledger, this.#model.backends, rules.mostBackends);
    for (const backend of rules.backends) this.#pool.add(backend);
    this.#pool.publish();
    const clients = rules.countsClients ? this.#table : undefined;
    const parts = { clock: this.#clock, ledger: this.#ledger, clients, pool: this.#pool, model: this.#model };
    this.#workers = new ModelWorkers(rules, parts);
  }

  get accepted(): number {
    return this.#accepted;
  }

  /** How often what has happened. */
  get counted() {
    const { totals, causes } = this.#model;
    // No step of these clients waits for bytes.
    const counted = Object.entries({ ...totals, ...causes });
    return Object.fromEntries(counted.filter(([what]) => what !== 'CR' && what !== 'cR'));
  }

  play(act: QueueAct): void {
    do this.#step(act);
    while (act.do === 'settle' && !this.#workers.hasHeardAll);
  }

  /** All that is counted is what the oracle has counted. */
  check(): void {
    checkGauges(this.#ledger, this.#table, this.#model);
    const connected = [...this.#clients.values()].filter(({ connections }) => connections > 0).length;
    assert.equal(this.#table.totals().connected, connected);
    for (const { pair, stage } of this.#model.open)
      assert.equal(pair.state, stage === 'connected' ? 'relaying' : stage);
  }

  /** Ends all that is open, and checks that nothing is left. */
  finish(): void {
    for (let thread = 0; thread < this.#rules.threads; thread++) this.play({ do: 'reclaim', thread, pick: 0 });
    this.play({ do: 'settle', thread: 0, pick: 0 });
    while (this.#model.open.size > 0) this.play({ do: 'end', thread: 0, pick: this.#model.open.size });
    this.play({ do: 'settle', thread: 0, pick: 0 });
    this.check();
    assert.equal(this.#ledger.serverActive(), 0);
    this.#workers.flush();
    assert.equal(this.#clock.timers, 0);
  }

  /** Takes a place that nobody will give back. */
  leak(): void {
    new ThreadLedger(this.#ledger.open(0)).enterServer(0);
  }

  #step(act: QueueAct): void {
    this.#happen(act);
    for (const { known, asked, at } of this.#seen.splice(0)) this.#model.sees(known, asked, at);
    this.#model.pass(this.#clock.now());
    for (const { slot, what } of this.#workers.takeReports()) this.#pool.heardOf(slot, what);
    this.#workers.tellSnapshot();
    checkWaits(this.#model, this.#clock.now());
    if (this.#workers.hasHeardAll && this.#workers.hasReclaimedAll) checkQueue(this.#model, this.#clock.now());
  }

  #happen({ do: what, thread, pick }: QueueAct): void {
    const slots = this.#pool.slots;
    const slot = slots[pick % Math.max(1, slots.length)];
    switch (what) {
      case 'accept':
        return this.#accept(thread, pick);
      case 'connect':
        return this.#on('dialling', pick, (known) => {
          this.#model.connects(known, this.#clock.now());
          known.pair.connects();
        });
      case 'fail':
        return this.#on('dialling', pick, (known) => this.#fail(known, FAILURES[(pick >>> 4) % FAILURES.length]!));
      case 'move':
        return this.#on('connected', pick, (known) => {
          this.#model.moves(known, pick % 100, 7);
          known.pair.moves(pick % 100, 7);
        });
      case 'end':
        return this.#on(undefined, pick, (known) => this.#end(known, pick >>> 4));
      case 'wait':
        return this.#clock.advance(pick % 3 === 0 ? 1_100 : pick % 150);
      case 'hear':
        return this.#workers.hear(thread);
      case 'answer':
        return this.#workers.answer(pick);
      case 'settle':
        return this.#workers.goOn();
      case 'change':
        return this.#pool.change(pick, this.#workers.applied);
      case 'reload':
        return this.#workers.reload(this.#rules.limits[pick % this.#rules.limits.length]!);
      case 'forgetFailures':
      case 'startProbing':
      case 'restore':
        return slot === undefined ? undefined : this.#pool[what](slot);
      case 'close':
        return slot === undefined ? undefined : this.#workers.close(slot);
      case 'cut':
        return this.#workers.cut(thread);
      case 'die':
        return pick % 6 === 0 ? this.#workers.die(thread) : undefined;
      case 'reclaim':
        return this.#workers.reclaim(thread);
      case 'replace':
        return this.#workers.replace(thread);
      default:
        return what satisfies never;
    }
  }

  #accept(at: number, pick: number): void {
    const member = this.#workers.at(at);
    if (member === undefined) return;
    const { known: thread, front } = member;
    this.#accepted += 1;
    const isDenied = pick % 50 === 0;
    const ip = isDenied ? DENIED_IP : CLIENTS[(pick >>> 3) % CLIENTS.length]!;
    const known: ModelConnection = {
      pair: new TellingPair(ip, this.#accepted % 65_536, (asked) => {
        this.#seen.push({ known, asked, at: this.#clock.now() });
      }),
      thread,
      client: this.#rules.countsClients ? this.#client(ip) : undefined,
      acceptedAt: this.#clock.now(),
      electedAt: this.#clock.now(),
      isIn: false,
      stage: 'deciding',
      wasConnected: false,
      backend: undefined,
      isExhausted: false,
      tried: [],
      failure: undefined,
      waitsForBackend: false,
      since: 0,
      joinedAt: 0,
      turn: 0,
      lastFailed: undefined,
      passesAt: 0,
      rxBytes: 0,
      txBytes: 0,
      cause: undefined,
    };
    this.#model.accepts(known, this.#clock.now(), isDenied);
    front.accept(known.pair);
  }

  /** An IPv4 client is the same on either kind of listener. */
  #client(ip: string): ModelClient {
    const name = ip.replace('::ffff:', '');
    const client = this.#clients.get(name) ?? new ModelClient(this.#rules.limits);
    this.#clients.set(name, client);
    return client;
  }

  #fail(known: ModelConnection, failure: DialFailure): void {
    const { pair, backend } = known;
    const dialled = addressesDialled(pair);
    const hasNext = dialled < (backend?.addresses.length ?? 0);
    const isAlone = pair.underWay.length === 1;
    known.isExhausted ||= failure === 'exhausted';
    if (isAlone && !hasNext) {
      this.#model.fails(known, known.isExhausted ? 'exhausted' : failure, failure.toUpperCase());
      return pair.fails(failure, failure.toUpperCase());
    }
    pair.fails(failure);
    assert.equal(addressesDialled(pair), hasNext ? dialled + 1 : dialled);
    if (!isAlone) return;
    const [seen] = this.#seen.splice(0);
    assert.deepEqual([seen?.known === known, seen?.asked], [true, 'dial']);
  }

  #end(known: ModelConnection, pick: number): void {
    const { pair, wasConnected, stage } = known;
    const hadFinished = wasConnected && pick % 2 === 0;
    const end: PairEnd = stage === 'ending' ? 'cut' : wasConnected ? ENDS[pick % ENDS.length]! : 'client-reset';
    pair.wasAwaited = wasConnected && pick % 3 !== 0;
    this.#model.ends(known, end, { hadFinished, now: this.#clock.now() });
    pair.ends(end, hadFinished);
  }

  /** One of those at a stage, or of all, on a thread that lives. */
  #on(stage: Stage | undefined, pick: number, run: (known: ModelConnection) => void): void {
    const those = [...this.#model.open].filter((one) => !one.thread.isDead && (stage ?? one.stage) === one.stage);
    if (those.length > 0) run(those[pick % those.length]!);
  }
}
